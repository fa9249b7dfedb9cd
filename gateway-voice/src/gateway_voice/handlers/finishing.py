"""A kept recording becomes a message: listened to, stored for good, handed in, and only then let go."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import structlog

from bus.errors import NotAcceptedError
from envelope.addresses import Address, AddressKind
from envelope.models import Attachment, Channel, Envelope, Playable, Sound, earliest
from gateway_voice.audio.heard import Heard
from gateway_voice.audio.listener import Listener
from gateway_voice.clients.call_store import CallStore
from gateway_voice.errors import CaseStoreAwayError, InspectionError
from gateway_voice.handlers.hashing import hashed
from gateway_voice.handlers.keeping import Keeping
from gateway_voice.handlers.transcribing import Accepts
from gateway_voice.metrics import HANDED_IN, INSPECTION_SECONDS, UNREADABLE
from gateway_voice.model import Recording
from gateway_voice.repository.facts import Facts
from gateway_voice.repository.shelf import Shelf, Waiting
from objects.disk import Disk
from objects.errors import ObjectsUnavailableError
from objects.store import Objects, key_of

COPY_TYPE: Final = "audio/ogg"
_AT_ONCE: Final = 4
"""Recordings under way: while two are listened to, others go to the object store."""
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_AWAY: Final = (ObjectsUnavailableError, NotAcceptedError, InspectionError, CaseStoreAwayError, OSError)
_log = structlog.get_logger()


class Finishing:
    """Works off what waits, for ever."""

    def __init__(  # noqa: PLR0913  (whatever a recording passes on its way)
        self,
        keeping: Keeping,
        shelf: Shelf,
        *,
        disk: Disk,
        listener: Listener,
        objects: Objects,
        intake: Accepts,
        calls: CallStore,
    ) -> None:
        """`disk` opens what the shelf holds; `calls` is told of recordings that are no messages."""
        self._keeping = keeping
        self._shelf = shelf
        self._listener = listener
        self._objects = objects
        self._intake = intake
        self._calls = calls
        self._disk = disk
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._under_way: set[UUID] = set()
        self._pause = _FIRST_PAUSE

    async def run(self) -> None:
        """For ever: whatever waits, as it comes; again after a pause where something was away."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._keeping.wake.wait()
                self._keeping.wake.clear()
                for waiting in await asyncio.to_thread(lambda: list(self._shelf.waiting())):
                    if waiting.message_id not in self._under_way:
                        self._under_way.add(waiting.message_id)
                        group.create_task(self._in_turn(waiting))

    async def _in_turn(self, waiting: Waiting) -> None:
        async with self._turns:
            done = await self._tried(waiting)
        self._under_way.discard(waiting.message_id)
        if done:
            self._pause = _FIRST_PAUSE
            return
        asyncio.get_running_loop().call_later(self._pause, self._keeping.wake.set)
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    async def _tried(self, waiting: Waiting) -> bool:
        """Whether it need not be tried again."""
        try:
            await self._finish(waiting, await asyncio.to_thread(waiting.facts))
        except _AWAY as error:
            _log.warning("recording_waits", error=type(error).__name__, message_id=str(waiting.message_id))
            return False
        except Exception as error:  # noqa: BLE001  (one recording must not hold up all others; it is kept, and told)
            return await self._set_aside(waiting, error)
        return True

    async def _set_aside(self, waiting: Waiting, error: Exception) -> bool:
        """False where even that cannot be done now."""
        UNREADABLE.labels("set_aside").inc()
        _log.error("recording_set_aside", error=type(error).__name__, message_id=str(waiting.message_id))
        try:
            await asyncio.to_thread(self._shelf.set_aside, waiting)
        except OSError:
            return False
        return True

    async def _finish(self, waiting: Waiting, facts: Facts) -> None:
        heard = await self._heard(waiting)
        recording = facts.recording(waiting.audio)
        sha256, size = await asyncio.to_thread(hashed, self._disk, waiting.audio)
        await self._store(sha256, waiting.audio)
        playable = None
        if heard.fault is None:
            copied, copy_size = await asyncio.to_thread(hashed, self._disk, waiting.copy)
            await self._store(copied, waiting.copy)
            playable = Playable(sha256=copied, media_type=COPY_TYPE, size=copy_size)
        attachment = _attachment(heard, sha256, size, playable)
        if recording.of_call is not None:
            await self._calls.keep(recording.of_call, attachment)
        else:
            await self._intake.accept(_envelope(recording, attachment, facts.kept_at))
        await asyncio.to_thread(self._shelf.done, waiting, facts.code)
        HANDED_IN.labels(_kind(heard)).inc()
        if heard.fault is not None:
            UNREADABLE.labels(heard.fault.value).inc()
            _log.error("recording_unreadable", fault=heard.fault.value, message_id=str(waiting.message_id))
        _log.info("recording_handed_in", seconds=heard.seconds, message_id=str(waiting.message_id))

    async def _heard(self, waiting: Waiting) -> Heard:
        if (known := await asyncio.to_thread(waiting.heard)) is not None:
            return known
        with INSPECTION_SECONDS.time():
            heard = await self._listener.listen(waiting.audio, waiting.copy)
        await asyncio.to_thread(waiting.note, heard)
        return heard

    async def _store(self, sha256: str, path: Path) -> None:
        with await asyncio.to_thread(self._disk.read, path) as content:
            await self._objects.put(sha256, content)


def _attachment(heard: Heard, sha256: str, size: int, playable: Playable | None) -> Attachment:
    sound = None
    if heard.fault is None:
        sound = Sound(playable=playable, peaks=heard.peaks, loudness=heard.loudness, silent=heard.silent)
    return Attachment(
        uri=key_of(sha256),
        sha256=sha256,
        media_type=heard.media_type,
        size=size,
        seconds=heard.seconds,
        sound=sound,
        fault=heard.fault,
    )


def _envelope(recording: Recording, attachment: Attachment, received_at: datetime) -> Envelope:
    return Envelope(
        message_id=recording.message_id,
        channel=Channel.VOICE,
        provider=recording.provider,
        provider_message_id=recording.id,
        line=recording.called,
        sender=_sender(recording),
        attachments=(attachment,),
        declared=recording.declared,
        tracking_code=recording.code,
        refers_to=recording.refers_to,
        session=recording.session,
        occurred_at=earliest(recording.at, received_at).astimezone(UTC),
        received_at=received_at,
        correlation_id=recording.message_id,
    )


def _sender(recording: Recording) -> Address:
    """Who withholds their number is somebody else each time."""
    if recording.caller is None:
        return Address(kind=AddressKind.ACCOUNT, value=f"withheld:{recording.message_id.hex[:12]}")
    return Address(kind=AddressKind.MSISDN, value=recording.caller)


def _kind(heard: Heard) -> str:
    if heard.fault is not None:
        return "unreadable"
    return "silent" if heard.silent else "sound"
