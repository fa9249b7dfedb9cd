"""A set that forgets: what was done lately, in bounded memory and for a bounded time."""

from collections.abc import Callable, Hashable
from math import inf
from time import monotonic
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Recent(Generic[K]):
    """The last `limit` keys that were added within the last `seconds`."""

    def __init__(self, limit: int, seconds: float = inf, clock: Callable[[], float] = monotonic) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._added_at: dict[K, float] = {}

    def __contains__(self, key: K) -> bool:
        """Whether it was added lately."""
        return self._clock() - self._added_at.get(key, -inf) < self._seconds

    def add(self, key: K) -> None:
        """Remember it, and forget the oldest where there are too many."""
        self._added_at[key] = self._clock()
        if len(self._added_at) > self._limit:
            del self._added_at[next(iter(self._added_at))]
