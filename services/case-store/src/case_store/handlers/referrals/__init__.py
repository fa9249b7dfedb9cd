"""Referrals: asked, claimed, answered, returned, forwarded, recalled, each with a clock of its own."""
