"""All calls that Asterisk gives us: each event to its call, whatever happens to the connection."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import structlog

from envelope.addresses import parse_msisdn
from gateway_voice.calls.model import HungUp, NotRecorded, Pressed, Recorded
from gateway_voice.clients.events import Event
from gateway_voice.errors import AsteriskAwayError, AsteriskRefusedError, GoneError
from gateway_voice.handlers.asked_calls import AskedCalls
from gateway_voice.handlers.live_call import LiveCall
from gateway_voice.handlers.world import Back, Channel, Said, World
from gateway_voice.metrics import CALLS_LIVE

_ENDS: Final = frozenset({"StasisEnd", "ChannelDestroyed"})
_RECORDED: Final = frozenset({"RecordingFinished", "RecordingFailed"})
_OF_A_CHANNEL: Final = "channel:"
_log = structlog.get_logger()


class Calls:
    """A part; the calls themselves stay with Asterisk when we stop."""

    name = "calls"

    def __init__(self, world: World, asked: AskedCalls) -> None:
        """`asked`: the calls that agents ask for, told of what is about theirs."""
        self._world = world
        self._asked = asked
        self._live: dict[str, LiveCall] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        world.ari.attach(self)

    async def start(self) -> None:
        """They come when Asterisk is connected."""

    async def stop(self) -> None:
        """Leave them: whoever connects next takes them up, and what was said is in Asterisk with our note."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def health(self) -> str | None:
        """Asterisk's own part tells."""
        return None

    def hear(self, event: Event) -> None:
        """Tell the call that it is about; most events are about nothing that matters."""
        kind = str(event.get("type"))
        if self._asked.hear(event):
            return
        if kind == "StasisStart":
            self._begin(event["channel"])
        elif kind == "ChannelDtmfReceived":
            self._tell(event["channel"]["id"], Pressed(str(event["digit"])))
        elif kind == "PlaybackFinished":
            playback = event["playback"]
            self._tell(_channel_of(playback), Said(str(playback["id"])))
        elif kind in _RECORDED:
            recording = event["recording"]
            self._tell(_channel_of(recording), _recorded(kind, recording))
        elif kind in _ENDS:
            self._tell(event["channel"]["id"], HungUp())

    async def connected(self) -> None:
        """Take up what went on without us: who is still there goes on, who is not has hung up."""
        ari, live = self._world.ari, list(self._live.items())
        there = {str(channel["id"]): channel for channel in await ari.channels()}
        for channel_id, call in live:
            if channel_id not in there:
                call.tell(HungUp())
                continue
            try:
                await ari.follow(channel_id)
                call.tell(Back())
            except GoneError:
                call.tell(HungUp())
        for channel in there.values():
            if channel["id"] not in self._live and self._is_ours(channel):
                await self._adopt(channel)
        await self._asked.connected(there)
        await self._world.stored.look()

    async def _adopt(self, channel: Mapping[str, Any]) -> None:
        """A call of a run before this one: it is led from the beginning, what was said so far is found."""
        ari, channel_id = self._world.ari, str(channel["id"])
        try:
            await ari.follow(channel_id)
            await self._world.stored.end(channel_id)
        except (GoneError, AsteriskRefusedError, AsteriskAwayError) as error:
            _log.warning("call_not_adopted", error=type(error).__name__)
            return
        self._begin(channel)

    def _is_ours(self, channel: Mapping[str, Any]) -> bool:
        if self._asked.is_of_one(str(channel["id"])):
            return False
        app, *_ = _within(channel, "dialplan", "app_data").split(",")
        return _within(channel, "dialplan", "app_name") == "Stasis" and app == self._world.settings.app

    def _begin(self, channel: Mapping[str, Any]) -> None:
        channel_id = str(channel["id"])
        if channel_id in self._live:
            return
        caller = parse_msisdn(_within(channel, "caller", "number"))
        called = _within(channel, "dialplan", "exten") or self._world.stored.line
        call = LiveCall(Channel(channel_id, caller, called), self._world)
        self._live[channel_id] = call
        CALLS_LIVE.set(len(self._live))
        task = asyncio.create_task(self._run(channel_id, call), name="call")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, channel_id: str, call: LiveCall) -> None:
        try:
            await call.run()
        except Exception as error:  # noqa: BLE001  (one call must not end the others; what was said is found)
            _log.error("call_failed", error=type(error).__name__)
            await self._give_up(channel_id)
        finally:
            self._live.pop(channel_id, None)
            CALLS_LIVE.set(len(self._live))

    async def _give_up(self, channel_id: str) -> None:
        try:
            await self._world.ari.hang_up(channel_id)
        except (AsteriskAwayError, AsteriskRefusedError) as error:
            _log.warning("call_not_ended", error=type(error).__name__)

    def _tell(self, channel_id: str | None, told: Pressed | Said | Recorded | NotRecorded | HungUp) -> None:
        call = self._live.get(channel_id or "")
        if call is not None:
            call.tell(told)


def _within(channel: Mapping[str, Any], part: str, name: str) -> str:
    """What a channel tells of itself; empty where it tells nothing: who calls is answered all the same."""
    found = channel.get(part)
    return str(found.get(name) or "") if isinstance(found, Mapping) else ""


def _channel_of(thing: Mapping[str, Any]) -> str | None:
    target = str(thing.get("target_uri", ""))
    return target.removeprefix(_OF_A_CHANNEL) if target.startswith(_OF_A_CHANNEL) else None


def _recorded(kind: str, recording: Mapping[str, Any]) -> Recorded | NotRecorded:
    if kind == "RecordingFailed":
        return NotRecorded()
    take = int(str(recording["name"]).rpartition(".")[2])
    # It leaves out what is nothing; and without its own detection of silence somebody may have spoken.
    seconds = float(recording.get("duration", 0))
    spoken = recording.get("talking_duration", 0) > 0 or "silence_duration" not in recording
    return Recorded(take, seconds, spoken)
