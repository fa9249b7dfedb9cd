"""The use cases: a recording kept, pushed, found in a mailbox, made ready and handed in."""
