"""The schema, step by step; `case_store.migrate` runs them."""
