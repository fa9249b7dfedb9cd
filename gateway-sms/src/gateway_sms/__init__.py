"""Short messages in and out over Kavenegar."""
