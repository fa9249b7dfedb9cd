"""All calls that agents ask for at the desk: claimed, made, taken up by the next run, and their end told."""

import asyncio
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import structlog

from gateway_voice.calls.two_legs import Busy, Down, Event, Leg, Lost, NotTold, Result, Stage, Told, Up
from gateway_voice.clients.ari import Ari
from gateway_voice.clients.bridges import Bridges
from gateway_voice.clients.call_store import Asked, CallStore
from gateway_voice.clients.events import Event as AsteriskEvent
from gateway_voice.errors import AsteriskAwayError, AsteriskRefusedError, CaseStoreAwayError, GoneError
from gateway_voice.handlers.asked_call import ALONE, AskedCall, Heard
from gateway_voice.handlers.exchange import Exchange
from gateway_voice.handlers.reporting import Progress, Report
from gateway_voice.handlers.stored import Stored
from gateway_voice.handlers.world import Back
from gateway_voice.metrics import ASKED, ASKED_LIVE
from gateway_voice.repository.asked import CallNote, CallNotes
from gateway_voice.settings import AsteriskSettings

_MOST_CLAIMED: Final = 8
_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_LONGEST_PAUSE: Final = 10.0
_DIALLED: Final[Mapping[str, Event | Heard]] = {"BUSY": Busy(), "RINGING": Heard.RINGS}
_AWAY: Final = (AsteriskAwayError, AsteriskRefusedError, GoneError)
_log = structlog.get_logger()


class AskedCalls:
    """A part; two people who talk when we stop go on talking, and the next run takes them up."""

    name = "calls-asked"

    def __init__(
        self, ari: Ari, stored: Stored, store: CallStore, notes: CallNotes, settings: AsteriskSettings
    ) -> None:
        """Nothing is asked before `ask` runs."""
        bridges = Bridges(ari, settings.app)
        self._exchange = Exchange(ari, bridges, settings, self._noted, stored.name_of_call)
        self._stored = stored
        self._store = store
        self._notes = notes
        self._ours = re.compile(
            rf"{re.escape(settings.app)}\.out\.(?P<call>{_UUID})(?:\.(?P<leg>agent|person))?"
        )
        self._live: dict[UUID, AskedCall] = {}
        self._reports: dict[UUID, Report] = {}
        self._left: dict[UUID, CallNote] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._pause = 0.0
        self._started = time.monotonic()

    async def start(self) -> None:
        """Read what the run before this one left; what has not ended waits until Asterisk is connected."""
        await asyncio.to_thread(self._notes.open)
        for note in await asyncio.to_thread(lambda: list(self._notes.all())):
            if note.stage is Stage.ENDED:
                self._take_up(note, {})
            else:
                self._left[note.id] = note

    async def stop(self) -> None:
        """Leave the calls to Asterisk, with our note of each."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def health(self) -> str | None:
        """Calls from outside are taken whatever is wrong here."""
        return None

    async def ask(self) -> None:
        """Claim what agents ask for now, as much of it as can be made."""
        settings = self._exchange.settings
        if self._left and time.monotonic() - self._started > ALONE:
            self._take_up_all({})
        limit = min(_MOST_CLAIMED, settings.asked_at_once - len(self._live))
        if limit <= 0 or self._exchange.ari.health() is not None:
            return
        try:
            asked = await self._store.claim(limit)
        except CaseStoreAwayError as error:
            self._pause = min(2 * self._pause or settings.ask_every_seconds, _LONGEST_PAUSE)
            _log.warning("calls_not_asked", error=type(error).__name__)
            await asyncio.sleep(self._pause)
            return
        self._pause = 0.0
        for each in asked:
            self._begin(each)

    def hear(self, event: AsteriskEvent) -> bool:
        """Tell the call that it is about; False where it is about none that an agent asked for."""
        kind = str(event.get("type"))
        found = self._ours.fullmatch(_subject(event))
        if found is None:
            return False
        call = self._live.get(UUID(found["call"]))
        if kind == "RecordingFinished":
            self._spawn(self._take_over(), "call-recording")
        elif call is not None:
            if (told := _meaning(kind, event, Leg(found["leg"]) if found["leg"] else None)) is not None:
                call.tell(told)
        elif kind == "StasisStart":
            # Picked up just when the call was ended.
            self._spawn(self._exchange.hang_up(found[0]), "call-too-late")
        return True

    def is_of_one(self, channel: str) -> bool:
        """Whether a channel of Asterisk's belongs to a call that an agent asked for."""
        return self._ours.match(channel) is not None

    async def connected(self, channels: Mapping[str, Mapping[str, Any]]) -> None:
        """Take up what went on without us, end what nobody leads; `channels` are all that Asterisk has."""
        for call in self._live.values():
            call.tell(Back())
        self._take_up_all(channels)
        for channel in channels:
            if self._is_nobodys(channel):
                await self._exchange.ari.hang_up(channel)
        for bridge in await self._exchange.bridges.all():
            if self._is_nobodys(bridge):
                await self._exchange.bridges.part(bridge)

    def _take_up_all(self, channels: Mapping[str, object]) -> None:
        while self._left:
            _, note = self._left.popitem()
            self._take_up(note, channels)

    def _take_up(self, note: CallNote, channels: Mapping[str, object]) -> None:
        if note.id in self._live:
            return
        report = self._reported(note.id)
        there = all(self._exchange.channel(note.id, leg) in channels for leg in Leg)
        if note.stage is Stage.TALKING and there:
            self._lead(AskedCall(self._exchange, note, asked=None))
        elif note.stage is not Stage.ENDED:
            now = datetime.now(UTC)
            talked = note.talking_at is not None
            note = note.model_copy(
                update={
                    "stage": Stage.ENDED,
                    "at": now,
                    "result": Result.ANSWERED if talked else Result.FAILED,
                    "seconds": (now - note.talking_at).total_seconds() if note.talking_at else None,
                }
            )
        report.tell(Progress.of(note))

    def _is_nobodys(self, thing: str) -> bool:
        found = self._ours.fullmatch(thing)
        return found is not None and UUID(found["call"]) not in self._live

    def _begin(self, asked: Asked) -> None:
        if asked.id in self._live or asked.id in self._reports or asked.id in self._left:
            return
        now = datetime.now(UTC)
        note = CallNote(id=asked.id, record=asked.record, stage=Stage.RINGING_AGENT, at=now)
        self._reported(asked.id)
        self._lead(AskedCall(self._exchange, note, asked))

    def _lead(self, call: AskedCall) -> None:
        self._live[call.note.id] = call
        ASKED_LIVE.set(len(self._live))
        self._spawn(self._run(call), "call-asked")

    async def _run(self, call: AskedCall) -> None:
        try:
            await call.run()
        except Exception as error:  # noqa: BLE001  (one call must not end the others, nor stay for ever)
            _log.error("call_failed", error=type(error).__name__)
            await call.act(Lost())
        finally:
            self._live.pop(call.note.id, None)
            ASKED_LIVE.set(len(self._live))

    async def _noted(self, note: CallNote) -> None:
        """On disk, then told; a disk that is full keeps nobody from talking."""
        try:
            await asyncio.to_thread(self._notes.write, note)
        except OSError as error:
            _log.error("note_not_written", error=type(error).__name__)
        if note.stage is Stage.ENDED:
            ASKED.labels(str(note.result)).inc()
            _log.info("call_ended", call=str(note.id), result=note.result, seconds=note.seconds)
        if (report := self._reports.get(note.id)) is not None:
            report.tell(Progress.of(note))

    def _reported(self, call: UUID) -> Report:
        report = self._reports[call] = Report(self._store, call)
        self._spawn(self._report(call, report), "call-report")
        return report

    async def _report(self, call: UUID, report: Report) -> None:
        try:
            await report.run()
            await asyncio.to_thread(self._notes.remove, call)
        finally:
            self._reports.pop(call, None)

    async def _take_over(self) -> None:
        try:
            await self._stored.look()
        except _AWAY as error:
            _log.warning("recording_left_for_later", error=type(error).__name__)

    def _spawn(self, work: Any, name: str) -> None:  # noqa: ANN401  (any coroutine)
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _subject(event: AsteriskEvent) -> str:
    """The id of the channel or bridge that an event is about; empty where it is about neither."""
    for name in ("channel", "peer"):
        if isinstance(told := event.get(name), Mapping):
            return str(told.get("id"))
    for name in ("playback", "recording"):
        if isinstance(told := event.get(name), Mapping):
            return str(told.get("target_uri")).partition(":")[2]
    return ""


def _meaning(kind: str, event: AsteriskEvent, leg: Leg | None) -> Event | Heard | None:
    """Of an event about one of the telephones, or, where that is none of the two, about both joined."""
    match kind, leg:
        case "StasisStart", Leg():
            return Up(leg)
        case "ChannelDestroyed" | "StasisEnd", Leg():
            cause = event.get("cause")
            return Down(leg, cause if isinstance(cause, int) else 0, 0.0)
        case "Dial", Leg.PERSON:
            return _DIALLED.get(str(event.get("dialstatus")))
        case "PlaybackFinished", Leg():
            return Heard.TOLD_TO_WAIT
        case "PlaybackFinished", None:
            return Told() if event["playback"].get("state") == "done" else NotTold()
        case _:
            return None
