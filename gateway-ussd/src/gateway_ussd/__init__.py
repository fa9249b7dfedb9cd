"""USSD menus on every operator: a person dials, reads, types, and is answered inside the budget."""
