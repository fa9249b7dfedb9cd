"""What lies on local disk: recordings on their way, and which have arrived."""
