"""Promise 1: `accept` returns only when the message can no longer be lost.

Kafka with `acks=all` where it answers in time; else an fsynced spool, replayed in order when Kafka is back;
else `NotAcceptedError`. Behind a forgetful broker every message is journalled as well, and replayed when the
broker or this process starts anew: who reads it downstream drops what is known.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog
from prometheus_client import Counter, Gauge

from bus.errors import BusUnavailableError, NotAcceptedError, RecordTooLargeError
from bus.port import Publisher, Record
from bus.settings import SpoolSettings
from bus.spool import Entry, Spool
from envelope import topics
from envelope.models import Envelope

_REPLAY_BATCH: Final = 500
_LARGEST_FLUSH: Final = 1000
_LARGEST_ENVELOPE: Final = 500_000
_GATHER_SECONDS: Final = 0.005
"""A group gathers for so long: one fsync and one batch then serve many, at a price nobody feels."""
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0
_log = structlog.get_logger()

_accepted = Counter("payam_intake_accepted", "Messages accepted, by where they were safe first.", ["held_by"])
_refused = Counter("payam_intake_refused", "Messages refused with 503.")
_replayed = Counter("payam_intake_replayed", "Messages sent on from the spool.")
_waiting = Gauge("payam_spool_waiting", "Messages in the spool that Kafka has not taken.")

_Waiter = tuple[Entry, "asyncio.Future[None]"]


class Intake:
    """Takes envelopes one by one, makes them safe in groups, answers each."""

    name = "intake"

    def __init__(
        self,
        publisher: Publisher,
        settings: SpoolSettings,
        topic: str = topics.INBOUND,
        *,
        journal: bool = False,
    ) -> None:
        """`journal`: keep every message on disk as well, because the broker forgets."""
        self._publisher = publisher
        self._spool = Spool(settings)
        self._topic = topic
        self._journal = journal
        self._queue: list[_Waiter] = []
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._behind = asyncio.Event()
        self._next = 0
        self._epoch = 0
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open the spool (refusing to start when it cannot be written) and begin the replay."""
        self._spool.open()
        self._next = self._spool.first
        if self._next < self._spool.end:
            self._behind.set()
        self._tasks = [
            asyncio.create_task(self._flush_for_ever(), name="intake-flush"),
            asyncio.create_task(self._replay_for_ever(), name="intake-replay"),
        ]

    async def stop(self) -> None:
        """Answer what waits, then close the spool."""
        self._stopping = True
        await self._idle.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._spool.close()

    def health(self) -> str | None:
        """Ready once the spool is open, even while Kafka is away: messages are taken and kept."""
        return None if self._tasks else "the spool is not open yet"

    def failure(self) -> BaseException | None:
        """What ended the flushing or the replay, if anything did."""
        ended = next((task for task in self._tasks if task.done()), None)
        if ended is None or self._stopping:
            return None
        return RuntimeError("cancelled from inside") if ended.cancelled() else ended.exception()

    @property
    def behind(self) -> bool:
        """Whether messages wait in the spool for Kafka."""
        return self._behind.is_set()

    def replay_all(self) -> None:
        """The broker came back empty: send everything kept once more."""
        self._epoch += 1
        self._next = self._spool.first
        if self._next < self._spool.end:
            self._behind.set()

    async def accept(self, envelope: Envelope) -> None:
        """Return when the envelope is durable.

        Raises:
            NotAcceptedError: neither Kafka nor the spool took it.
            RecordTooLargeError: no broker would take it.
        """
        value = envelope.to_json()
        if len(value) > _LARGEST_ENVELOPE:
            message = f"a message may have {_LARGEST_ENVELOPE} bytes at most"
            raise RecordTooLargeError(message)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((Entry(envelope.sender.key, value), future))
        self._idle.clear()
        self._wake.set()
        await future

    async def _flush_for_ever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await asyncio.sleep(_GATHER_SECONDS)
            while self._queue:
                group = self._queue[:_LARGEST_FLUSH]
                try:
                    held_by = await self._hold([entry for entry, _ in group])
                except NotAcceptedError as error:
                    _refused.inc(len(group))
                    _answer(group, error)
                else:
                    _accepted.labels(held_by).inc(len(group))
                    _log.info("messages_accepted", count=len(group), held_by=held_by)
                    _answer(group, None)
                del self._queue[: len(group)]
            self._idle.set()

    async def _hold(self, entries: Sequence[Entry]) -> str:
        """Make a group safe; says by what."""
        start = self._spool.end
        if self._behind.is_set():
            # What waits goes first: a person's messages stay in order.
            await self._keep(entries)
            self._fall_behind(start)  # the replay may have caught up while this was written
            return "spool"
        if self._journal:
            return await self._journal_and_publish(entries, start)
        try:
            await self._publisher.publish(self._records(entries))
        except BusUnavailableError:
            await self._keep(entries)
            self._fall_behind(start)
            return "spool"
        return "kafka"

    async def _journal_and_publish(self, entries: Sequence[Entry], start: int) -> str:
        epoch = self._epoch
        kept, published = await asyncio.gather(
            self._keep(entries), self._publisher.publish(self._records(entries)), return_exceptions=True
        )
        if isinstance(kept, BaseException):
            raise kept
        if isinstance(published, BaseException) and not isinstance(published, BusUnavailableError):
            raise published
        if (
            published is not None or epoch != self._epoch
        ):  # refused, or taken by a broker that has since forgotten
            self._fall_behind(start)
            return "spool"
        if not self._behind.is_set():
            self._next = self._spool.end
        await self._spool.forget(before=self._next)
        return "kafka"

    def _fall_behind(self, start: int) -> None:
        if not self._behind.is_set():
            _log.warning("kafka_away_spooling")
            self._next = start
            self._behind.set()

    async def _keep(self, entries: Sequence[Entry]) -> None:
        try:
            await self._spool.append(entries)
        except OSError as error:
            _log.error("spool_refused", error=error.strerror)
            message = "neither Kafka nor the spool can take messages now; send it again"
            raise NotAcceptedError(message) from None
        _waiting.set(self._spool.end - self._next if self._behind.is_set() else 0)

    async def _replay_for_ever(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            await self._behind.wait()
            number = self._next
            entries = await self._spool.read(number, _REPLAY_BATCH)
            try:
                await self._publisher.publish(self._records(entries))
            except BusUnavailableError:
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            pause = _FIRST_PAUSE
            if self._next == number:  # else the broker forgot meanwhile and all begins again
                self._advance(number + len(entries))
                await self._spool.forget(before=self._next)

    def _advance(self, number: int) -> None:
        """Note what was sent on; without an await between, so that no message slips past the check."""
        _replayed.inc(number - self._next)
        self._next = number
        _waiting.set(self._spool.end - number)
        if number >= self._spool.end:
            self._behind.clear()
            _log.info("spool_drained", entries=number)

    def _records(self, entries: Sequence[Entry]) -> list[Record]:
        return [Record(self._topic, entry.key, entry.value) for entry in entries]


def _answer(group: Sequence[_Waiter], error: NotAcceptedError | None) -> None:
    for _, future in group:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
