"""Telephone calls and visits: whose they are, what case they make, what was answered on the spot."""
