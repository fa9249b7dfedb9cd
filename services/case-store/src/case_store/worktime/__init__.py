"""Working time: which moments count, when an allowance has run out, and why. Pure."""
