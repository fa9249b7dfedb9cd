"""How calls that agents ask for are made in Asterisk: two channels and a bridge, named after the call."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog

from gateway_voice.calls.two_legs import Action, Close, Comfort, Join, Leg, RecordTalk, Ring, Tell
from gateway_voice.clients.ari import Ari
from gateway_voice.clients.bridges import Bridges
from gateway_voice.clients.call_store import Asked
from gateway_voice.errors import AsteriskAwayError, AsteriskRefusedError, GoneError
from gateway_voice.repository.asked import CallNote
from gateway_voice.settings import AsteriskSettings

_AWAY: Final = (AsteriskAwayError, AsteriskRefusedError, GoneError)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Exchange:
    """What every such call needs."""

    ari: Ari
    bridges: Bridges
    settings: AsteriskSettings
    note: Callable[[CallNote], Awaitable[None]]
    """Told whenever a call has come further."""
    recording_name: Callable[[UUID], str]

    def bridge(self, call: UUID) -> str:
        """Its id in Asterisk."""
        return f"{self.settings.app}.out.{call}"

    def channel(self, call: UUID, leg: Leg) -> str:
        """Its id in Asterisk."""
        return f"{self.bridge(call)}.{leg}"

    async def carry_out(self, action: Action, call: UUID, asked: Asked | None) -> None:
        """Give the orders; nobody is rung where it is not known whom to ring.

        Raises:
            AsteriskAwayError, AsteriskRefusedError, GoneError: as the orders do; `Close` raises nothing.
        """
        bridge = self.bridge(call)
        match action:
            case Ring(leg):
                if asked is not None:
                    await self._ring(leg, asked)
            case Comfort():
                agent = self.channel(call, Leg.AGENT)
                await self.ari.play(agent, _waiting(agent), [self._prompt("connecting")])
            case Join():
                # While something is played to it, a channel joins nothing.
                await self.ari.hush(_waiting(self.channel(call, Leg.AGENT)))
                await self.bridges.join(bridge, *(self.channel(call, leg) for leg in Leg))
            case Tell():
                await self.bridges.play(bridge, f"{bridge}.notice", self._prompt("call-recorded"))
            case RecordTalk():
                longest = self.settings.longest_talk_seconds
                await self.bridges.record(bridge, self.recording_name(call), longest)
            case Close():
                await self.close(call)

    async def comfort(self, call: UUID) -> None:
        """The agent hears how it rings; or silence, where that cannot be."""
        try:
            await self.bridges.comfort(self.channel(call, Leg.AGENT))
        except _AWAY as error:
            _log.warning("not_ringing", call=str(call), error=type(error).__name__)

    async def close(self, call: UUID) -> None:
        """Whatever cannot be ended now is found when Asterisk is back."""
        for leg in Leg:
            await self.hang_up(self.channel(call, leg))
        try:
            await self.bridges.part(self.bridge(call))
        except _AWAY as error:
            _log.warning("bridge_not_ended", call=str(call), error=type(error).__name__)

    async def hang_up(self, channel: str) -> None:
        """The same for one telephone."""
        try:
            await self.ari.hang_up(channel)
        except _AWAY as error:
            _log.warning("call_not_ended", error=type(error).__name__)

    async def _ring(self, leg: Leg, asked: Asked) -> None:
        settings = self.settings
        agent = self.channel(asked.id, Leg.AGENT)
        if leg is Leg.AGENT:
            endpoint = settings.agent_endpoint.format(extension=asked.extension)
            like = {"formats": settings.formats} if settings.formats else {}
            await self.bridges.ring(agent, endpoint, asked.line, settings.agent_ring_seconds, **like)
            return
        endpoint = settings.trunk_endpoint.format(number=asked.number, national=_national(asked.number))
        person = self.channel(asked.id, Leg.PERSON)
        await self.bridges.ring(person, endpoint, asked.line, settings.person_ring_seconds, originator=agent)

    def _prompt(self, name: str) -> str:
        return f"sound:{self.settings.sounds}/fa/{name}"


def _waiting(agent: str) -> str:
    return f"{agent}.connecting"


def _national(number: str) -> str:
    """As it is dialled in Iran; abroad, with the prefix for that."""
    return "0" + number.removeprefix("+98") if number.startswith("+98") else "00" + number.removeprefix("+")
