"""Listening to a recording: hostile until proven otherwise, so in a process of its own, within bounds."""
