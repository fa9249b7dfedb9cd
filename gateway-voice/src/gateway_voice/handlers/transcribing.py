"""Recordings become text after they are messages, never before: a hint that may come late, or never."""

import asyncio
import contextlib
import random
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, Protocol
from uuid import UUID

import structlog

from bus.errors import BusUnavailableError
from bus.port import Publisher, Record
from envelope import topics
from envelope.models import Envelope, Transcript
from gateway_voice.errors import NotTranscribedError, TranscriberAwayError
from gateway_voice.metrics import TRANSCRIBING_SECONDS, TRANSCRIPTS, TRANSCRIPTS_WAITING
from gateway_voice.repository.untold import Untold, Untolds
from gateway_voice.transcribing.port import Transcriber
from objects.errors import ObjectMissingError, ObjectsUnavailableError
from objects.store import Objects

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 3_600.0
_AWAY: Final = (TranscriberAwayError, BusUnavailableError, ObjectsUnavailableError, OSError)
_log = structlog.get_logger()


class Accepts(Protocol):
    """Takes messages: `bus.intake`, or this one before it."""

    async def accept(self, envelope: Envelope) -> None:
        """Return when the envelope is durable."""
        ...


class Limits(NamedTuple):
    """How much is tried, and for how long."""

    at_once: int
    largest_bytes: float
    give_up: timedelta
    remembered: timedelta | None
    """How long a transcript is kept to be sent again, where the broker forgets; else None."""


class Transcribing:
    """Hands messages on, then works off their recordings one by one; a part, and a task to run."""

    name = "transcribing"

    def __init__(
        self,
        intake: Accepts,
        notes: Untolds,
        objects: Objects,
        transcriber: Transcriber,
        bus: Publisher,
        limits: Limits,
    ) -> None:
        """Who takes messages first, and what is needed after that."""
        self._intake = intake
        self._notes = notes
        self._objects = objects
        self._transcriber = transcriber
        self._bus = bus
        self._limits = limits
        self._untold: dict[UUID, Untold] = {}
        self._under_way: set[UUID] = set()
        self._wake = asyncio.Event()

    async def start(self) -> None:
        """Read what the last run left; of that the broker may have forgotten everything."""
        await asyncio.to_thread(self._notes.open)
        for untold in await asyncio.to_thread(lambda: list(self._notes.all())):
            self._untold[untold.message_id] = untold
        self.broker_forgot()

    async def stop(self) -> None:
        """What waits is on disk."""
        await self._transcriber.close()

    def health(self) -> str | None:
        """A hint that is late keeps nobody from anything; `gateway_voice_transcripts_waiting` tells."""
        return None

    async def accept(self, envelope: Envelope) -> None:
        """Return when the envelope is durable; its recording is noted after that.

        Raises:
            NotAcceptedError: see `Intake.accept`.
        """
        await self._intake.accept(envelope)
        untold = _untold(envelope)
        if untold is None:
            return
        if untold.size > self._limits.largest_bytes:
            TRANSCRIPTS.labels("too_large").inc()
            return
        await self._keep(untold)
        self._wake.set()

    def broker_forgot(self) -> None:
        """What was sent is to be sent again."""
        for key, untold in self._untold.items():
            if untold.gone_at is not None:
                self._untold[key] = untold.model_copy(update={"gone_at": None})
        self._wake.set()

    async def run(self) -> None:
        """For ever."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._limits.at_once):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            untold = await self._next()
            try:
                await self._try(untold)
            finally:
                self._under_way.discard(untold.message_id)

    async def _next(self) -> Untold:
        """The one that has waited longest past its time."""
        while True:
            now = datetime.now(UTC)
            await self._sweep(now)
            free = (one for key, one in self._untold.items() if key not in self._under_way)
            first = min((one for one in free if one.gone_at is None), key=_due, default=None)
            if first is not None and first.next_at <= now:
                self._under_way.add(first.message_id)
                return first
            wait = _LONGEST_PAUSE if first is None else (first.next_at - now).total_seconds()
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), wait)

    async def _try(self, untold: Untold) -> None:
        try:
            told = untold if untold.transcript else await self._transcribed(untold)
            if told.transcript is None:
                await self._drop(untold, "nothing_heard")
                return
            await self._publish(told, told.transcript)
        except (NotTranscribedError, ObjectMissingError) as error:
            await self._drop(untold, "refused", error)
        except _AWAY as error:
            await self._later(self._untold.get(untold.message_id, untold), error)
        except Exception as error:  # noqa: BLE001  (a hint is not worth a gateway; it is counted and told)
            await self._drop(untold, "failed", error)

    async def _transcribed(self, untold: Untold) -> Untold:
        """With its transcript, which is on disk then: it is asked for once."""
        opened = await self._objects.open(untold.copied)
        sound = b"".join([piece async for piece in opened.chunks])
        with TRANSCRIBING_SECONDS.time():
            understood = await self._transcriber.transcribe(sound)
        if understood is None:
            return untold
        transcript = Transcript(
            message_id=untold.message_id,
            sha256=untold.sha256,
            text=understood.text,
            confidence=understood.confidence,
            language=understood.language,
            model=understood.model,
            transcribed_at=datetime.now(UTC),
        )
        told = untold.model_copy(update={"transcript": transcript, "attempts": 0})
        await self._keep(told)
        return told

    async def _publish(self, told: Untold, transcript: Transcript) -> None:
        await self._bus.publish([Record(topics.TRANSCRIBED, told.sender.key, transcript.to_json())])
        TRANSCRIPTS.labels("told").inc()
        _log.info("recording_transcribed", message_id=str(told.message_id))
        if self._limits.remembered is None:
            await self._forget(told.message_id)
        else:
            await self._keep(told.model_copy(update={"gone_at": datetime.now(UTC)}))

    async def _later(self, untold: Untold, error: Exception) -> None:
        now = datetime.now(UTC)
        if untold.transcript is None and now - untold.since > self._limits.give_up:
            await self._drop(untold, "given_up", error)
            return
        pause = min(_FIRST_PAUSE * 2 ** min(untold.attempts, 20), _LONGEST_PAUSE)
        after = now + timedelta(seconds=pause * random.uniform(0.8, 1.2))  # noqa: S311  (spreads, guards nothing)
        await self._keep(untold.model_copy(update={"attempts": untold.attempts + 1, "next_at": after}))
        TRANSCRIPTS.labels("later").inc()
        _log.warning("transcript_waits", error=type(error).__name__, message_id=str(untold.message_id))

    async def _drop(self, untold: Untold, result: str, error: Exception | None = None) -> None:
        await self._forget(untold.message_id)
        TRANSCRIPTS.labels(result).inc()
        if error is not None:
            _log.error("transcript_given_up", error=type(error).__name__, message_id=str(untold.message_id))

    async def _keep(self, untold: Untold) -> None:
        """Noted on disk where that takes it; in memory in any case: the message itself is safe."""
        self._untold[untold.message_id] = untold
        self._measure()
        try:
            await asyncio.to_thread(self._notes.write, untold)
        except OSError as error:
            _log.warning("transcript_not_noted", error=error.strerror)

    async def _forget(self, message_id: UUID) -> None:
        self._untold.pop(message_id, None)
        self._measure()
        await asyncio.to_thread(self._notes.remove, message_id)

    async def _sweep(self, now: datetime) -> None:
        """What no broker will want again."""
        horizon = now - (self._limits.remembered or timedelta())
        for one in [one for one in self._untold.values() if one.gone_at and one.gone_at < horizon]:
            await self._forget(one.message_id)

    def _measure(self) -> None:
        TRANSCRIPTS_WAITING.set(sum(one.gone_at is None for one in self._untold.values()))


def _due(untold: Untold) -> datetime:
    return untold.next_at


def _untold(envelope: Envelope) -> Untold | None:
    """Of the message's recording, if there is something to hear in it."""
    for attachment in envelope.attachments:
        sound = attachment.sound
        if sound is not None and sound.playable is not None and not sound.silent:
            now = datetime.now(UTC)
            return Untold(
                message_id=envelope.message_id,
                sender=envelope.sender,
                sha256=attachment.sha256,
                copied=sound.playable.sha256,
                size=sound.playable.size,
                since=now,
                next_at=now,
            )
    return None
