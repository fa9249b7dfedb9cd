"""The recordings of one call: each with its note on disk before it begins, taken over when it is wanted."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import structlog

from bus.errors import NotAcceptedError
from gateway_voice.calls.model import Call, Kept, NotRecorded
from gateway_voice.errors import AsteriskAwayError, AsteriskRefusedError, GoneError
from gateway_voice.handlers.world import Channel, World
from gateway_voice.metrics import DROPPED
from gateway_voice.repository.notes import Note

_GRACE: Final = 15.0
"""Seconds beyond the longest message after which the end of a recording has been missed."""
_log = structlog.get_logger()


@dataclass(slots=True)
class Takes:
    """By number, from 1."""

    channel: Channel
    world: World
    _run: str = field(default_factory=lambda: secrets.token_hex(4), init=False)
    _notes: dict[int, Note] = field(default_factory=dict, init=False)

    def name(self, take: int) -> str:
        """What Asterisk calls it."""
        return self._notes[take].recording

    @property
    def longest(self) -> float:
        """Seconds after which none goes on."""
        return self.world.settings.longest_message_seconds + _GRACE

    async def record(self, take: int, call: Call) -> None:
        """Begin, with what is known of the call by now."""
        settings = self.world.settings
        # Led anew by another run of ours, its recordings are counted anew, too: never the same name twice.
        name = self.world.stored.name_of(f"{self.channel.id}-{self._run}", take)
        self._notes[take] = self._noted(name, call)
        await self.world.stored.claim(self._notes[take])
        await self.world.ari.record(
            self.channel.id, name, settings.longest_message_seconds, settings.silence_seconds
        )

    async def keep(self, take: int, call: Call) -> Kept | NotRecorded:
        """What cannot be fetched now is in Asterisk, and is fetched later: the caller has their code."""
        begun = self._notes[take]
        note = self._noted(begun.recording, call).model_copy(
            update={"at": begun.at, "code": self.world.mint()}
        )
        self._notes[take] = note
        noted = await self.world.stored.claim(note)
        try:
            await self.world.stored.take(note)
        except GoneError:
            _log.error("recording_vanished", recording=note.recording)
            return NotRecorded()
        except (AsteriskAwayError, AsteriskRefusedError, NotAcceptedError, OSError) as error:
            _log.error("recording_left_for_later", recording=note.recording, error=type(error).__name__)
            return Kept(note.code if noted else None)
        return Kept(note.code)

    async def drop(self, take: int) -> None:
        """The caller does not want it."""
        DROPPED.inc()
        await self.world.stored.drop(self._notes[take])

    async def is_live(self, take: int) -> bool:
        """Whether it is being recorded now."""
        return await self.world.ari.is_live(self.name(take))

    def release(self) -> None:
        """The call is over."""
        self.world.stored.release(note.recording for note in self._notes.values())

    def _noted(self, name: str, call: Call) -> Note:
        return Note(
            recording=name,
            channel=self.channel.id,
            caller=call.callback or call.caller,
            called=self.channel.called,
            at=datetime.now(UTC),
            language=call.language,
            section=call.section,
            keys=call.keys,
        )
