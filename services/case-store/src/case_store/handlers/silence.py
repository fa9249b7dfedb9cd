"""Listen for channels that have fallen silent: a dead line makes no noise of its own."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from case_store import metrics
from case_store.repository import silence
from case_store.repository.database import Database
from case_store.silence import Heard, Span, hear, spans
from envelope.models import Channel

_log = structlog.get_logger()


class Silence:
    """Measured by the clock, not by who looks; what was usual at an hour is counted once an hour."""

    def __init__(self, database: Database, *, window: timedelta = timedelta(minutes=30)) -> None:
        """`window` is how far back a channel is listened to."""
        self._database = database
        self._window = window
        self._usual: tuple[Sequence[Span], list[dict[str, int]]] = ((), [])
        self._heard: Sequence[Heard] = ()
        self._silent: frozenset[Channel] = frozenset()
        self._turn = asyncio.Lock()

    async def listen(self) -> None:
        """Count, say it in the metrics, and log each channel that falls silent or is heard again."""
        async with self._turn:
            now = datetime.now(UTC)
            lately, *before = spans(now, self._window)
            async with self._database.transaction() as tx:
                if self._usual[0] != before:
                    self._usual = before, await silence.counts(tx, before)
                recent = await silence.counts(tx, [lately])
            self._heard = hear([*recent, *self._usual[1]], self._window)
        for one in self._heard:
            metrics.CHANNEL_RECENT.labels(one.channel).set(one.recent)
            metrics.CHANNEL_USUAL.labels(one.channel).set(one.usual)
            metrics.CHANNEL_SILENT.labels(one.channel).set(one.silent)
        silent = frozenset(one.channel for one in self._heard if one.silent)
        for channel in sorted(silent - self._silent):
            _log.warning("channel_fell_silent", channel=channel)
        for channel in sorted(self._silent - silent):
            _log.info("channel_heard_again", channel=channel)
        self._silent = silent

    async def heard(self) -> Sequence[Heard]:
        """Every channel as of the last count."""
        if not self._heard:
            await self.listen()
        return self._heard
