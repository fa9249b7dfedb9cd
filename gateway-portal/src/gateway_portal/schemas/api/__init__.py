"""What the API for other services takes and gives."""
