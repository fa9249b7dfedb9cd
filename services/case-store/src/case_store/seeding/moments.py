"""Seconds since 1970, which the story counts in, as moments."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=256)
def at(seconds: int) -> datetime:
    """An aware moment in UTC; most are wanted for several rows of one case."""
    return datetime.fromtimestamp(seconds, UTC)
