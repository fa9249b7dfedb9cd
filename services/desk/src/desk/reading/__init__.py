"""How the store's answers are laid out for reading. Pure."""
