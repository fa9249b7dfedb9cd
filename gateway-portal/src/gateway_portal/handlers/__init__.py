"""The use cases, a module each."""
