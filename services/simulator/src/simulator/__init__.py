"""The outside world: Kavenegar, the operators and a phone in the browser."""
