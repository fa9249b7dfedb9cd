"""What is kept for minutes, in Redis."""
