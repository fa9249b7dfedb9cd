"""What is the same for all, asked for seldom: fresh for a minute, one call for all, stale, not never."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Generic, TypeVar

from gateway_portal.errors import StoreAwayError

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_MOST: Final = 16
"""Answers kept; the oldest goes first."""
_PAUSE: Final = 5.0
"""After a failure what is known is given at once for so many seconds."""


@dataclass(slots=True)
class _Known(Generic[V]):
    value: V
    at: float
    again_at: float


class Kept(Generic[K, V]):
    """Answers of the store by what was asked."""

    def __init__(
        self,
        fresh_seconds: float,
        stale_seconds: float,
        *,
        holds: Callable[[V], bool] = lambda _: True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """An answer that no longer `holds` is asked for anew, and not given however fresh it is."""
        self._fresh_seconds = fresh_seconds
        self._stale_seconds = stale_seconds
        self._holds = holds
        self._clock = clock
        self._known: dict[K, _Known[V]] = {}
        self._flights: dict[K, asyncio.Task[V]] = {}

    async def get(self, key: K, fetch: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """What is known and fresh, else what `fetch` finds, else what was known.

        Raises:
            StoreAwayError: nothing is known, or for too long.
        """
        known = self._usable(key)
        if known is not None and self._clock() < known.again_at:
            return known.value
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.create_task(fetch())
            flight.add_done_callback(partial(self._landed, key))
        try:
            return await asyncio.shield(flight)
        except StoreAwayError:
            if (known := self._usable(key)) is None:
                raise
            known.again_at = self._clock() + _PAUSE
            return known.value

    def _usable(self, key: K) -> _Known[V] | None:
        known = self._known.get(key)
        if known is None or self._clock() - known.at >= self._stale_seconds or not self._holds(known.value):
            return None
        return known

    def _landed(self, key: K, flight: asyncio.Task[V]) -> None:
        del self._flights[key]
        if flight.cancelled() or flight.exception() is not None:
            return
        now = self._clock()
        self._known.pop(key, None)
        self._known[key] = _Known(flight.result(), now, now + self._fresh_seconds)
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]
