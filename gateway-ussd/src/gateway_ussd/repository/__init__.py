"""What outlives a step: sessions and shared answers in Redis, the menus on disk.

Redis may be away at any time: whoever asks is told at once, shows the safe screen, and all goes on by itself
when it is back.
"""
