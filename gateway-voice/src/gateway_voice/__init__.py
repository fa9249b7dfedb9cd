"""What people say at 1420 when nobody can answer: a message left at night is a case in the morning."""
