"""The use cases: a step gets its screen, a lookup its answer, a message its code, all inside the budget."""
