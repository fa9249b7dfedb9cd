"""Every recording that Asterisk holds becomes a message, or an alarm; theirs is deleted when ours is safe."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

import structlog

from bus.errors import NotAcceptedError
from envelope.models import Declared, Session, SessionPhase
from gateway_voice.clients.ari import Ari
from gateway_voice.errors import AsteriskAwayError, AsteriskRefusedError, GoneError
from gateway_voice.metrics import FOUND, STRANGE, STUCK
from gateway_voice.model import Recording
from gateway_voice.repository.notes import Note, Notes

PROVIDER: Final = "asterisk"
_AT_ONCE: Final = 4
"""Fetched at the same time: Asterisk has calls to attend to."""
_NEVER_CAME: Final = timedelta(days=1)
_FAILURES: Final = (AsteriskAwayError, AsteriskRefusedError, NotAcceptedError, OSError)
_OF_A_CALL: Final = "out."
"""Begins the name, after our application's, of what is recorded of a call that an agent asked for."""
_log = structlog.get_logger()


class Keeper(Protocol):
    """Where recordings go."""

    async def keep(self, recording: Recording) -> None:
        """Return once it is safe on our disk.

        Raises:
            NotAcceptedError: the disk would not take it.
        """
        ...


class Stored:
    """A part; takes recordings over from Asterisk, as a call ends or when it is found that nobody did."""

    name = "recordings-in-asterisk"

    def __init__(self, ari: Ari, notes: Notes, keeper: Keeper, app: str, line: str) -> None:
        """`app`: recordings of ours are named after it; `line`: our number, where nothing tells which."""
        self._ari = ari
        self._notes = notes
        self._keeper = keeper
        self._prefix = f"{app}."
        self.line = line
        self._claimed: set[str] = set()
        self._unwritten: dict[str, Note] = {}
        self._fetching = asyncio.Semaphore(_AT_ONCE)
        self._looking = asyncio.Lock()

    async def start(self) -> None:
        """Open the folder of notes; an error keeps the gateway from starting."""
        await asyncio.to_thread(self._notes.open)

    async def stop(self) -> None:
        """What is known is on disk."""

    def health(self) -> str | None:
        """What is stuck shows in the metrics: Asterisk still has it."""
        return None

    def name_of(self, channel: str, take: int) -> str:
        """Of the recording of a call, as Asterisk is to call it."""
        return f"{self._prefix}{channel}.{take}"

    def name_of_call(self, call: UUID) -> str:
        """Of the recording of a call that an agent asked for: the name alone tells, whatever is forgotten."""
        return f"{self._prefix}{_OF_A_CALL}{call}"

    async def claim(self, note: Note) -> bool:
        """A call begins it, or knows more of it, and sees to it itself; False where no disk remembers."""
        self._claimed.add(note.recording)
        try:
            await asyncio.to_thread(self._notes.write, note)
        except OSError as error:
            _log.error("note_not_written", error=type(error).__name__)
            self._unwritten[note.recording] = note
            return False
        self._unwritten.pop(note.recording, None)
        return True

    def release(self, recordings: Iterable[str]) -> None:
        """The call is over: what is still in Asterisk is found by `look`."""
        self._claimed.difference_update(recordings)

    async def take(self, note: Note) -> None:
        """Fetch it, keep it, delete theirs.

        Raises:
            GoneError: Asterisk does not have it.
            AsteriskAwayError, AsteriskRefusedError, NotAcceptedError, OSError: it stays there; try again.
        """
        path = self._notes.audio_path(note.recording)
        async with self._fetching:
            try:
                await self._ari.fetch(note.recording, path)
                await self._keeper.keep(_recording(note, path, self._call_of(note.recording)))
            finally:
                path.unlink(missing_ok=True)
        await self._forget(note.recording)

    async def drop(self, note: Note) -> None:
        """Delete what the caller does not want; done later where it cannot be done now."""
        await self.claim(note.model_copy(update={"wanted": False}))
        try:
            await self._forget(note.recording)
        except _FAILURES as error:
            _log.warning("recording_not_dropped", error=type(error).__name__)

    async def end(self, channel: str) -> None:
        """End what is being recorded of a call that is led anew; it is found afterwards."""
        for note in await asyncio.to_thread(lambda: list(self._notes.all())):
            if note.channel == channel:
                await self._ari.end_recording(note.recording)

    async def look(self) -> None:
        """Take over whatever Asterisk still holds; run now and then, and after each connection."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        held = await self._ari.stored()
        strange = [name for name in held if not name.startswith(self._prefix)]
        STRANGE.set(len(strange))
        stuck = 0
        for name in held:
            if name in strange or name in self._claimed or await self._ari.is_live(name):
                continue
            stuck += not await self._found(name)
        STUCK.set(stuck)
        await self._clear(set(held))

    async def _found(self, name: str) -> bool:
        written = await asyncio.to_thread(self._notes.read, name)
        note = self._unwritten.get(name) or written or self._unknown(name)
        try:
            if note.wanted:
                await self.take(note)
            else:
                await self._forget(name)
        except GoneError:
            return True
        except _FAILURES as error:
            _log.error("recording_stuck", recording=name, error=type(error).__name__)
            FOUND.labels("stuck").inc()
            return False
        FOUND.labels("kept" if note.wanted else "dropped").inc()
        return True

    async def _forget(self, recording: str) -> None:
        await self._ari.forget(recording)
        await asyncio.to_thread(self._notes.remove, recording)
        self._unwritten.pop(recording, None)

    async def _clear(self, held: set[str]) -> None:
        """Notes of recordings that never came to be."""
        longest_ago = datetime.now(UTC) - _NEVER_CAME
        for note in list(self._unwritten.values()):
            if note.recording not in held and note.recording not in self._claimed and note.at < longest_ago:
                del self._unwritten[note.recording]
        for note in await asyncio.to_thread(lambda: list(self._notes.all())):
            if note.recording not in held and note.recording not in self._claimed and note.at < longest_ago:
                _log.warning("recording_never_came", recording=note.recording)
                await asyncio.to_thread(self._notes.remove, note.recording)

    def _unknown(self, name: str) -> Note:
        """Somebody spoke; who it was is lost, or stands with the call that an agent asked for."""
        if (call := self._call_of(name)) is not None:
            return Note(
                recording=name, channel=str(call), caller=None, called=self.line, at=datetime.now(UTC)
            )
        _log.error("recording_without_note", recording=name)
        channel = name.removeprefix(self._prefix).rpartition("-")[0]
        return Note(recording=name, channel=channel, caller=None, called=self.line, at=datetime.now(UTC))

    def _call_of(self, name: str) -> UUID | None:
        try:
            return UUID(name.removeprefix(self._prefix).removeprefix(_OF_A_CALL))
        except ValueError:
            return None


def _recording(note: Note, path: Path, of_call: UUID | None) -> Recording:
    chosen = note.section or note.language
    declared = Declared(section=note.section, language=note.language) if chosen else None
    return Recording(
        provider=PROVIDER,
        id=note.recording,
        audio=path,
        caller=note.caller,
        called=note.called,
        at=note.at,
        declared=declared,
        code=note.code,
        session=Session(id=note.channel, phase=SessionPhase.END, steps=note.keys),
        of_call=of_call,
    )
