"""One call that an agent asked for, under way: what happens to it, and how long each part may take."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import structlog

from gateway_voice.calls.two_legs import (
    Action,
    Begun,
    Down,
    Event,
    Join,
    Joined,
    Leg,
    Legs,
    Lost,
    NotTold,
    RecordTalk,
    Refused,
    Ring,
    Stage,
    Tell,
    Told,
    Up,
    advance,
)
from gateway_voice.clients.call_store import Asked
from gateway_voice.errors import AsteriskAwayError, AsteriskRefusedError, GoneError
from gateway_voice.handlers.exchange import Exchange
from gateway_voice.handlers.world import Back
from gateway_voice.repository.asked import CallNote

_GRACE: Final = 15.0
"""Seconds beyond the longest that something may take after which its end has been missed."""
_LONGEST_NOTICE: Final = 30.0
ALONE: Final = 600.0
"""Seconds without Asterisk after which nobody can say what became of a call."""
_GLANCE: Final = 5.0
"""Seconds between two looks at the clock."""
_TRIES: Final = (0.2, 1.0, None)
"""Pauses before an order is given again while Asterisk does not answer; None gives up."""
_log = structlog.get_logger()


class Heard(StrEnum):
    """What matters of a call beside the events that decide."""

    RINGS = "rings"
    """The person's telephone does."""
    TOLD_TO_WAIT = "told_to_wait"
    """The agent has been told that it is being connected."""


@dataclass(slots=True)
class AskedCall:
    """Leads it to its end."""

    exchange: Exchange
    note: CallNote
    asked: Asked | None
    """None for one that a run before this one began: nobody is rung for it any more."""
    _legs: Legs = field(init=False)
    _inbox: "asyncio.Queue[Event | Back | Heard]" = field(default_factory=asyncio.Queue, init=False)
    _due: float | None = field(default=None, init=False)
    """When its present stage has taken too long, on the clock that only goes forward."""
    _rings_since: float | None = field(default=None, init=False)
    _seen: float = field(default_factory=time.monotonic, init=False)
    """When Asterisk was there."""

    def __post_init__(self) -> None:
        """Where it stands; one that is taken up goes on as it was."""
        stage = self.note.stage
        self._legs = Legs(self.note.record, stage, picked=stage is Stage.TALKING, told=stage is Stage.TALKING)

    def tell(self, event: Event | Back | Heard) -> None:
        """Something happened to it."""
        self._inbox.put_nowait(event)

    @property
    def rung(self) -> float:
        """Seconds for which the person's telephone has rung."""
        return 0.0 if self._rings_since is None else time.monotonic() - self._rings_since

    async def run(self) -> None:
        """To its end."""
        self._set_limit()
        await self.exchange.note(self.note)
        if self.asked is None:
            self.tell(Back())
        else:
            await self.act(Begun())
        while self._legs.stage is not Stage.ENDED:
            await self.act(await self._next())

    async def act(self, event: Event) -> None:
        """Go on by one event."""
        before = self._legs
        self._legs, actions = advance(before, event)
        if self._legs.stage is not before.stage:
            await self._come_to(self._legs.stage)
        elif self._legs.recorded is not before.recorded:
            _log.error("call_not_recorded", call=str(self.note.id))
            self._set_limit()
        for action in actions:
            await self._do(action)

    async def _come_to(self, stage: Stage) -> None:
        now, since = datetime.now(UTC), self.note.talking_at
        changes: dict[str, object] = {"stage": stage, "at": now, "result": self._legs.result}
        if stage is Stage.TALKING:
            changes["talking_at"] = now
        if stage is Stage.ENDED and since is not None:
            changes["seconds"] = round(max(0.0, (now - since).total_seconds()), 1)
        self.note = self.note.model_copy(update=changes)
        self._set_limit()
        await self.exchange.note(self.note)

    def _set_limit(self) -> None:
        settings = self.exchange.settings
        longest = {
            Stage.RINGING_AGENT: settings.agent_ring_seconds + _GRACE,
            Stage.RINGING_PERSON: settings.person_ring_seconds + _GRACE,
            Stage.TALKING: _LONGEST_NOTICE if self._to_be_told else settings.longest_talk_seconds,
        }.get(self._legs.stage, 0.0)
        self._due = time.monotonic() + longest

    @property
    def _to_be_told(self) -> bool:
        return self._legs.recorded and not self._legs.told

    async def _next(self) -> Event:
        """What happens next that the call cares for."""
        while True:
            try:
                async with asyncio.timeout(_GLANCE):
                    told = await self._inbox.get()
            except TimeoutError:
                if (event := self._overdue()) is not None:
                    return event
                continue
            match told:
                case Heard.RINGS:
                    self._rings_since = self._rings_since or time.monotonic()
                case Heard.TOLD_TO_WAIT:
                    if self._legs.stage is Stage.RINGING_PERSON and not self._legs.picked:
                        await self.exchange.comfort(self.note.id)
                case Back():
                    await self._back()
                case Down(leg, cause, _):
                    return Down(leg, cause, self.rung)
                case _:
                    return told

    def _overdue(self) -> Event | None:
        now, ari = time.monotonic(), self.exchange.ari
        if ari.health() is None:
            self._seen = now
        elif now - self._seen > ALONE:
            return Lost()
        if self._due is None or now < self._due:
            return None
        if self._legs.stage is Stage.TALKING and self._to_be_told:
            self._due = now + self.exchange.settings.longest_talk_seconds
            return Told()
        return Lost()

    async def _back(self) -> None:
        """Asterisk was lost: what became of either telephone meanwhile."""
        ari = self.exchange.ari
        legs = [Leg.AGENT] if self._legs.stage is Stage.RINGING_AGENT else list(Leg)
        for leg in legs:
            channel = self.exchange.channel(self.note.id, leg)
            try:
                found = await ari.channel(channel)
                await ari.follow(channel)
            except GoneError:
                self.tell(Down(leg, 0, 0.0))
            except (AsteriskAwayError, AsteriskRefusedError) as error:
                _log.warning("call_not_taken_up", call=str(self.note.id), error=type(error).__name__)
            else:
                if found.get("state") == "Up":
                    self.tell(Up(leg))

    async def _do(self, action: Action) -> None:
        """Carry it out; what cannot be done ends the call, or is left out where it goes on without."""
        for pause in _TRIES:
            try:
                await self.exchange.carry_out(action, self.note.id, self.asked)
            except AsteriskAwayError:
                if pause is not None:
                    await asyncio.sleep(pause)
                    continue
                self._not_done(action, "away")
            except (AsteriskRefusedError, GoneError) as error:
                self._not_done(action, type(error).__name__)
            else:
                self._done(action)
            return

    def _done(self, action: Action) -> None:
        if isinstance(action, Join):
            self.tell(Joined())
        elif isinstance(action, RecordTalk):
            self._set_limit()

    def _not_done(self, action: Action, why: str) -> None:
        _log.warning("order_refused", order=type(action).__name__, call=str(self.note.id), error=why)
        match action:
            case Ring(leg):
                self.tell(Refused(leg) if why != "away" else Lost())
            case Join():
                self.tell(Refused(Leg.PERSON))
            case Tell():
                self.tell(NotTold())
            case _:
                return
