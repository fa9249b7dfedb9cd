"""What travels: one closed, versioned model for every message, and the words it is written in.

May enter here: what two services must agree on to understand each other. May not: anything that
does I/O, knows a provider, or decides.
"""
