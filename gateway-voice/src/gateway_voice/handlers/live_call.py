"""One call under way: events of Asterisk's become events of the flow, its actions become orders."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

import structlog

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
    Pressed,
    Quiet,
    Record,
    Recorded,
    Resumed,
    Say,
    Step,
)
from gateway_voice.calls.prompts import OWN
from gateway_voice.errors import AsteriskAwayError, AsteriskRefusedError, CaseStoreAwayError, GoneError
from gateway_voice.handlers.saying import Saying
from gateway_voice.handlers.takes import Takes
from gateway_voice.handlers.world import Back, Channel, Said, World
from gateway_voice.metrics import CALLS

_TRIES: Final = (0.2, 1.0, 3.0)
"""Pauses before an order is given again while Asterisk does not answer."""
_MOST_WAITING: Final = 50
"""Keys that wait for their turn: a number with its code, and more, typed in one go."""
_log = structlog.get_logger()


@dataclass(slots=True)
class LiveCall:
    """Follows one channel until it is gone."""

    channel: Channel
    world: World
    _call: Call = field(default_factory=Call, init=False)
    _inbox: "asyncio.Queue[Event | Said | Back]" = field(default_factory=asyncio.Queue, init=False)
    _saying: Saying = field(init=False)
    _takes: Takes = field(init=False)
    _kept: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Nothing is said and nothing recorded yet."""
        self._saying = Saying(self.world.ari, self.channel.id, self._media)
        self._takes = Takes(self.channel, self.world)

    def tell(self, event: Event | Said | Back) -> None:
        """Something happened to it; keys that come faster than anybody presses them are let go."""
        if not isinstance(event, Pressed) or self._inbox.qsize() < _MOST_WAITING:
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
            self._takes.release()

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
                async with asyncio.timeout(self._saying.patience):
                    told = await self._inbox.get()
            except TimeoutError:
                if (event := await self._overdue()) is not None:
                    return event
                continue
            match told:
                case Said(playback):
                    self._saying.said(playback)
                case Back():
                    if (event := await self._back()) is not None:
                        return event
                case _:
                    return told

    async def _overdue(self) -> Event | None:
        self._saying.overdue()
        return await self._back() if self._call.step is Step.RECORDING else Quiet()

    async def _back(self) -> Event | None:
        """The end of a recording may have been missed; of anything else the caller hears it again."""
        if self._call.step is not Step.RECORDING:
            return Resumed()
        try:
            if await self._takes.is_live(self._call.takes):
                self._saying.expect(self._takes.longest)
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
                await self._saying.say(action)
            case Listen(wait):
                await self._saying.hush()
                self._saying.expect(wait)
            case Record(take):
                await self._saying.hush()
                self._saying.expect(self._takes.longest)
                await self._takes.record(take, self._call)
            case Keep(take):
                self._saying.expect(None)
                self._answered(await self._takes.keep(take, self._call))
            case Drop(take):
                await self._takes.drop(take)
            case Look(code, number):
                self._saying.expect(None)
                self.tell(Found(await self._look(code, number)))
            case HandOn():
                await ari.hand_on(channel.id, self.world.settings.queue_context, channel.called)
            case HangUp():
                await ari.hang_up(channel.id)

    def _refused(self, action: Action) -> None:
        match action:
            case Say(_, wait):
                self._saying.refused(wait)
            case Record():
                self.tell(NotRecorded())
            case HandOn():
                self.tell(HungUp())
            case _:
                return

    def _answered(self, told: Kept | NotRecorded) -> None:
        self._kept |= isinstance(told, Kept)
        self.tell(told)

    async def _look(self, code: str, number: str | None) -> str:
        try:
            return await self.world.case_store.state_of(code, number or "") or "unknown"
        except CaseStoreAwayError:
            return "away"

    def _media(self, prompt: str) -> str:
        kind, _, name = prompt.partition("/")
        if kind == OWN:
            return f"recording:{self._takes.name(int(name))}"
        return f"sound:{self.world.settings.sounds}/{prompt}"
