"""Tracking codes at a gateway: minted from leased numbers, so that a person has theirs at once.

May enter here: what mints and what leases. May not: what a code looks like (`envelope.tracking`), or who
owns the sequence (the case store).
"""
