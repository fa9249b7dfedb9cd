"""PostgreSQL, and nothing but PostgreSQL: every SQL statement of the case store is in this folder."""
