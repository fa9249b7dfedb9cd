"""How a service lives: it starts its parts, says how it is, answers errors alike, and stops in order.

May enter here: what every service does the same way. May not: what a message is or where it goes.
"""
