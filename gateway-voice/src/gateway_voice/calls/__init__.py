"""What a call does next, decided without I/O: the caller, the keys, the prompts."""
