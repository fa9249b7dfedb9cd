"""A set that forgets the oldest: what was done lately, in bounded memory."""

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Recent(Generic[K]):
    """The last `limit` keys that were added."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._keys: dict[K, None] = {}

    def __contains__(self, key: K) -> bool:
        """Whether it was added lately."""
        return key in self._keys

    def add(self, key: K) -> None:
        """Remember it, and forget the oldest where there are too many."""
        self._keys[key] = None
        if len(self._keys) > self._limit:
            del self._keys[next(iter(self._keys))]
