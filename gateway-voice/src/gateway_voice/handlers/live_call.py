"""One call under way: events of Asterisk's become events of the flow, its actions become orders."""

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import structlog

from bus.errors import NotAcceptedError
from gateway_voice.calls.flow import advance
from gateway_voice.calls.model import (
    Action,
    Answer,
    Arrived,
    Call,
    Drop,
    Event,
    Found,
    HandOn,
    HangUp,
    HungUp,
    Keep,
    Kept,
    Listen,
    Look,
    NotRecorded,
    Quiet,
    Record,
    Recorded,
    Resumed,
    Say,
    Step,
)
from gateway_voice.calls.prompts import OWN
from gateway_voice.errors import AsteriskAwayError, AsteriskRefusedError, CaseStoreAwayError, GoneError
from gateway_voice.handlers.world import Back, Channel, Said, World
from gateway_voice.metrics import CALLS, DROPPED
from gateway_voice.repository.notes import Note

_LONGEST_SAYING: Final = 120.0
"""After so many seconds the end of what is said has been missed."""
_GRACE: Final = 15.0
"""The same for the end of a recording, beyond its longest."""
_TRIES: Final = (0.2, 1.0, 3.0)
"""Pauses before an order is given again while Asterisk does not answer."""
_log = structlog.get_logger()


@dataclass(slots=True)
class LiveCall:
    """Follows one channel until it is gone."""

    channel: Channel
    world: World
    _call: Call = field(default_factory=Call, init=False)
    _inbox: "asyncio.Queue[Event | Said | Back]" = field(default_factory=asyncio.Queue, init=False)
    _playback: str | None = field(default=None, init=False)
    _playbacks: int = field(default=0, init=False)
    _wait: float = field(default=0.0, init=False)
    _quiet_at: float | None = field(default=None, init=False)
    _run: str = field(default_factory=lambda: secrets.token_hex(4), init=False)
    _notes: dict[int, Note] = field(default_factory=dict, init=False)
    _kept: bool = field(default=False, init=False)

    def tell(self, event: Event | Said | Back) -> None:
        """Something happened to it."""
        self._inbox.put_nowait(event)

    async def run(self) -> None:
        """From its first ring to its end."""
        self._call = Call(caller=self.channel.caller)
        outcome = "failed"
        try:
            async with asyncio.timeout(self.world.settings.longest_call_seconds) as limit:
                outcome = await self._lead()
        except TimeoutError:
            if not limit.expired():
                raise
            await self._act(HungUp())
            await self._do(HangUp())
            outcome = "too_long"
        finally:
            CALLS.labels(outcome).inc()
            self.world.stored.release(note.recording for note in self._notes.values())

    async def _lead(self) -> str:
        event: Event = Arrived(await self.world.case_store.is_staffed())
        while True:
            await self._act(event)
            if self._call.step is Step.GONE:
                return self._outcome(event)
            event = await self._next()

    async def _act(self, event: Event) -> None:
        self._call, actions = advance(self._call, event, self.world.rules)
        for action in actions:
            await self._do(action)

    def _outcome(self, event: Event) -> str:
        if isinstance(event, Arrived):
            return "staffed"
        if self._kept:
            return "kept"
        return "told" if self._call.looks else "left"

    async def _next(self) -> Event:
        """What happens next that the flow cares for."""
        while True:
            try:
                async with asyncio.timeout(self._patience()):
                    told = await self._inbox.get()
            except TimeoutError:
                if (event := await self._overdue()) is not None:
                    return event
                continue
            match told:
                case Said(playback):
                    if playback == self._playback:
                        self._playback = None
                        self._quiet_at = time.monotonic() + self._wait
                case Back():
                    if (event := await self._back()) is not None:
                        return event
                case _:
                    return told

    def _patience(self) -> float | None:
        return None if self._quiet_at is None else max(0.0, self._quiet_at - time.monotonic())

    async def _overdue(self) -> Event | None:
        self._quiet_at, self._playback = None, None
        return await self._back() if self._call.step is Step.RECORDING else Quiet()

    async def _back(self) -> Event | None:
        """The end of a recording may have been missed; of anything else the caller hears it again."""
        if self._call.step is not Step.RECORDING:
            return Resumed()
        recording = self._notes[self._call.takes].recording
        try:
            if await self.world.ari.is_live(recording):
                self._quiet_at = time.monotonic() + self._longest_recording()
                return None
        except (AsteriskAwayError, AsteriskRefusedError):
            return HungUp()
        return Recorded(self._call.takes, seconds=None, spoken=True)

    async def _do(self, action: Action) -> None:
        """Carry it out; a call that is gone says so by itself."""
        for pause in (*_TRIES, None):
            try:
                await self._order(action)
            except GoneError:
                self.tell(HungUp())
            except AsteriskRefusedError as error:
                _log.warning("order_refused", order=type(action).__name__, status=str(error))
                self._refused(action)
            except AsteriskAwayError:
                if pause is None:
                    self.tell(HungUp())
                    return
                await asyncio.sleep(pause)
                continue
            return

    async def _order(self, action: Action) -> None:
        ari, channel = self.world.ari, self.channel
        match action:
            case Answer():
                await ari.answer(channel.id)
            case Say():
                await self._say(action)
            case Listen(wait):
                await self._hush()
                self._quiet_at = time.monotonic() + wait
            case Record(take):
                await self._record(take)
            case Keep(take):
                await self._keep(take)
            case Drop(take):
                DROPPED.inc()
                await self.world.stored.drop(self._notes[take])
            case Look(code, number):
                await self._look(code, number)
            case HandOn():
                await ari.hand_on(channel.id, self.world.settings.queue_context, channel.called)
            case HangUp():
                await ari.hang_up(channel.id)

    def _refused(self, action: Action) -> None:
        match action:
            case Say(_, wait):
                self._playback, self._quiet_at = None, time.monotonic() + wait
            case Record():
                self.tell(NotRecorded())
            case HandOn():
                self.tell(HungUp())
            case _:
                return

    async def _say(self, say: Say) -> None:
        await self._hush()
        self._playbacks += 1
        self._playback = f"{self.channel.id}.{self._playbacks}"
        self._wait, self._quiet_at = say.wait, time.monotonic() + _LONGEST_SAYING
        await self.world.ari.play(
            self.channel.id, self._playback, [self._media(each) for each in say.prompts]
        )

    async def _hush(self) -> None:
        if self._playback is not None:
            playback, self._playback = self._playback, None
            await self.world.ari.hush(playback)

    def _media(self, prompt: str) -> str:
        kind, _, name = prompt.partition("/")
        if kind == OWN:
            return f"recording:{self._notes[int(name)].recording}"
        return f"sound:{self.world.settings.sounds}/{prompt}"

    async def _record(self, take: int) -> None:
        await self._hush()
        settings = self.world.settings
        # Led anew by another run of ours, its recordings are counted anew, too: never the same name twice.
        name = self.world.stored.name_of(f"{self.channel.id}-{self._run}", take)
        self._notes[take] = self._noted(name)
        await self.world.stored.claim(self._notes[take])
        self._quiet_at = time.monotonic() + self._longest_recording()
        await self.world.ari.record(
            self.channel.id, name, settings.longest_message_seconds, settings.silence_seconds
        )

    def _longest_recording(self) -> float:
        return self.world.settings.longest_message_seconds + _GRACE

    def _noted(self, name: str) -> Note:
        call = self._call
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

    async def _keep(self, take: int) -> None:
        """What cannot be fetched now is in Asterisk, and is fetched later: the caller has their code."""
        self._quiet_at = None
        begun = self._notes[take]
        note = self._noted(begun.recording).model_copy(update={"at": begun.at, "code": self.world.mint()})
        self._notes[take] = note
        noted = await self.world.stored.claim(note)
        try:
            await self.world.stored.take(note)
        except GoneError:
            _log.error("recording_vanished", recording=note.recording)
            self.tell(NotRecorded())
            return
        except (AsteriskAwayError, AsteriskRefusedError, NotAcceptedError, OSError) as error:
            _log.error("recording_left_for_later", recording=note.recording, error=type(error).__name__)
            code = note.code if noted else None
        else:
            code = note.code
        self._kept = True
        self.tell(Kept(code))

    async def _look(self, code: str, number: str | None) -> None:
        self._quiet_at = None
        try:
            state = await self.world.case_store.state_of(code, number or "")
        except CaseStoreAwayError:
            self.tell(Found("away"))
        else:
            self.tell(Found(state or "unknown"))
