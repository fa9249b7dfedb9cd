"""What menus ask, asked as seldom as can be: remembered, shared, in one flight, stale rather than never."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import structlog

from gateway_ussd.clients.source import Asked, Source
from gateway_ussd.errors import LookupAwayError
from gateway_ussd.metrics import LOOKUPS
from gateway_ussd.repository.kept import Kept
from gateway_ussd.repository.shared_answers import Answered, SharedAnswers

_IN_MEMORY: Final = 5_000
_log = structlog.get_logger()
_Key = tuple[str, str]
_Flight = asyncio.Task[Answered | None]


class Finding(NamedTuple):
    """What came of a lookup in time."""

    found: Mapping[str, Any] | None
    """None: the service is away, or it took too long."""
    late: bool = False
    """It still may answer; ask again with more time."""


class Lookups:
    """A part; 10,000 people with one question are one call."""

    name = "lookups"

    def __init__(
        self, sources: Sequence[Source], shared: SharedAnswers, clock: Callable[[], float] = time.time
    ) -> None:
        """`clock` in seconds since 1970, as replicas share it."""
        self._sources = {source.name: source for source in sources}
        self._shared = shared
        self._clock = clock
        self._remembered: Kept[_Key, Answered] = Kept(_IN_MEMORY)
        self._flights: dict[_Key, _Flight] = {}

    async def find(self, name: str, asked: Asked, seconds: float) -> Finding:
        """Its answer within `seconds`; an older one where the service is away or slow."""
        source = self._sources.get(name)
        if source is None:
            _log.warning("lookup_unknown", lookup=name)
            return Finding(None)
        key = (name, source.key(asked))
        remembered = self._remembered.get(key)
        if remembered is not None and self._is_fresh(source, remembered):
            LOOKUPS.labels(name, "remembered").inc()
            return Finding(source.pick(remembered.found, asked))
        flight = self._flights.get(key) or self._fly(source, key, asked)
        await asyncio.wait({flight}, timeout=max(0.0, seconds))
        if flight.done():
            answered = flight.result()
        elif (answered := self._usable(source, remembered)) is None:
            LOOKUPS.labels(name, "late").inc()
            return Finding(None, late=True)
        if answered is None:
            LOOKUPS.labels(name, "away").inc()
            return Finding(None)
        return Finding(source.pick(answered.found, asked))

    async def start(self) -> None:
        """Nothing to begin."""

    def health(self) -> str | None:
        """What does not answer shows in the metrics and in what people read."""
        return None

    async def stop(self) -> None:
        """Let go of what is under way."""
        for flight in list(self._flights.values()):
            flight.cancel()
        await asyncio.gather(*self._flights.values(), return_exceptions=True)

    def _fly(self, source: Source, key: _Key, asked: Asked) -> _Flight:
        flight = asyncio.create_task(self._asked(source, key, asked), name=f"lookup-{source.name}")
        self._flights[key] = flight
        flight.add_done_callback(lambda _: self._flights.pop(key, None))
        return flight

    async def _asked(self, source: Source, key: _Key, asked: Asked) -> Answered | None:
        known = self._remembered.get(key)
        if source.shared and (elsewhere := await self._shared.get(*key)) is not None:
            known = elsewhere
            if self._is_fresh(source, elsewhere):
                return self._remember(key, elsewhere, "shared")
        try:
            found = await source.fetch(asked)
        except LookupAwayError as error:
            _log.debug("lookup_failed", lookup=source.name, reason=str(error))
            usable = self._usable(source, known)
            return usable and self._remember(key, usable, "stale")
        answered = self._remember(key, Answered(self._clock(), found), "asked")
        if source.shared:
            await self._shared.put(*key, answered, source.stale_seconds)
        return answered

    def _remember(self, key: _Key, answered: Answered, how: str) -> Answered:
        LOOKUPS.labels(key[0], how).inc()
        self._remembered.put(key, answered)
        return answered

    def _is_fresh(self, source: Source, answered: Answered) -> bool:
        return self._clock() - answered.at < source.fresh_seconds

    def _usable(self, source: Source, answered: Answered | None) -> Answered | None:
        if answered is not None and self._clock() - answered.at < source.stale_seconds:
            return answered
        return None
