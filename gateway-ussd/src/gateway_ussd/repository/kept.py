"""A dictionary that forgets: what was used lately, in bounded memory."""

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """The `limit` entries that were put last; the oldest goes first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: dict[K, V] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """What was put, if it is still there."""
        return self._entries.get(key)

    def put(self, key: K, value: V) -> None:
        """Keep it as the newest."""
        entries = self._entries
        entries.pop(key, None)
        entries[key] = value
        if len(entries) > self._limit:
            del entries[next(iter(entries))]

    def drop(self, key: K) -> None:
        """Forget it, if it is there."""
        self._entries.pop(key, None)
