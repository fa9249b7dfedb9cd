"""Cases, contacts, messages and answers in PostgreSQL, and the HTTP API on them."""
