"""A store as it looks after years of work, invented: people, cases, words, deadlines; for benches and demos.

All but `run`, `worker`, `progress` and `command` is pure: the same plan tells the same story, batch by
batch, in any number of processes.
"""
