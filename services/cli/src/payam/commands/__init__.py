"""The edges: each command reads its options, calls what does the work, and prints."""
