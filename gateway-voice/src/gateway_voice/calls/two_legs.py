"""A call that an agent asked for: the agent's telephone rung, then the person's, then both joined. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class Leg(StrEnum):
    """One of the two telephones."""

    AGENT = "agent"
    PERSON = "person"


class Stage(StrEnum):
    """How far the call is, in the case store's words; forward only."""

    RINGING_AGENT = "ringing_agent"
    RINGING_PERSON = "ringing_person"
    TALKING = "talking"
    ENDED = "ended"


class Result(StrEnum):
    """What came of it, in the case store's words."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    WRONG_NUMBER = "wrong_number"
    AGENT_AWAY = "agent_away"
    """The agent did not pick up, or hung up before anybody could."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Legs:
    """Where the call stands."""

    recorded: bool
    """It is to be recorded, and the person is told so first."""
    stage: Stage = Stage.RINGING_AGENT
    picked: bool = False
    """The person has picked up; they are being joined."""
    told: bool = False
    """That it is recorded."""
    busy: bool = False
    """The person's telephone said so."""
    result: Result | None = None
    """Once it has ended."""


@dataclass(frozen=True, slots=True)
class Begun:
    """It is to be made."""


@dataclass(frozen=True, slots=True)
class Up:
    """A telephone was picked up."""

    leg: Leg


@dataclass(frozen=True, slots=True)
class Joined:
    """They hear each other."""


@dataclass(frozen=True, slots=True)
class Busy:
    """The person's telephone is; its end follows."""


@dataclass(frozen=True, slots=True)
class Down:
    """A telephone rings no more, or was hung up."""

    leg: Leg
    cause: int
    """As the telephone network has it (Q.850); 0 where nobody told."""
    rung: float
    """For how many seconds the person's telephone had rung."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Asterisk would not even ring it."""

    leg: Leg


@dataclass(frozen=True, slots=True)
class Told:
    """The notice of the recording has been heard."""


@dataclass(frozen=True, slots=True)
class NotTold:
    """The notice could not be played: nobody is recorded who was not told."""


@dataclass(frozen=True, slots=True)
class Lost:
    """It took too long, or nobody knows what became of it."""


Event = Begun | Up | Joined | Busy | Down | Refused | Told | NotTold | Lost


@dataclass(frozen=True, slots=True)
class Ring:
    """Have a telephone rung."""

    leg: Leg


@dataclass(frozen=True, slots=True)
class Comfort:
    """Tell the agent that it is being connected, then let them hear it ring."""


@dataclass(frozen=True, slots=True)
class Join:
    """Let them hear each other; `Joined` follows."""


@dataclass(frozen=True, slots=True)
class Tell:
    """Say to both that it is recorded; `Told` or `NotTold` follows."""


@dataclass(frozen=True, slots=True)
class RecordTalk:
    """Record both."""


@dataclass(frozen=True, slots=True)
class Close:
    """Hang up whatever is left."""


Action = Ring | Comfort | Join | Tell | RecordTalk | Close
Turn = tuple[Legs, tuple[Action, ...]]
_RANG: Final = 15.0
"""Seconds of ringing after which an agent who hangs up has waited for an answer."""
_CAUSES: Final[Mapping[int, Result]] = {
    1: Result.WRONG_NUMBER,  # no such number
    16: Result.NO_ANSWER,  # hung up before it was answered
    17: Result.BUSY,
    18: Result.NO_ANSWER,  # the telephone is off
    19: Result.NO_ANSWER,
    20: Result.NO_ANSWER,  # the mobile cannot be reached
    21: Result.BUSY,  # sent away
    22: Result.WRONG_NUMBER,  # the number has changed
    28: Result.WRONG_NUMBER,  # not a number
    31: Result.NO_ANSWER,
}
"""By Q.850; what is missing here is a fault of the network."""


def advance(legs: Legs, event: Event) -> Turn:
    """The call after the event, and what to do, in order; nothing for what no longer matters."""
    if legs.stage is Stage.ENDED:
        return legs, ()
    match event:
        case Lost():
            return _end(legs, Result.FAILED)
        case Refused(leg):
            return _end(legs, Result.AGENT_AWAY if leg is Leg.AGENT else Result.FAILED)
        case Down():
            return _end(legs, _result(legs, event))
        case Busy():
            return replace(legs, busy=True), ()
        case _:
            return _go_on(legs, event)


def _go_on(legs: Legs, event: Event) -> Turn:
    match event, legs.stage:
        case Begun(), Stage.RINGING_AGENT:
            return legs, (Ring(Leg.AGENT),)
        case Up(Leg.AGENT), Stage.RINGING_AGENT:
            return replace(legs, stage=Stage.RINGING_PERSON), (Ring(Leg.PERSON), Comfort())
        case Up(Leg.PERSON), Stage.RINGING_PERSON if not legs.picked:
            return replace(legs, picked=True), (Join(),)
        case Joined(), Stage.RINGING_PERSON if legs.picked:
            return replace(legs, stage=Stage.TALKING), (Tell(),) if legs.recorded else ()
        case Told() | NotTold(), Stage.TALKING if legs.recorded and not legs.told:
            return _record(legs) if isinstance(event, Told) else (replace(legs, recorded=False), ())
        case _:
            return legs, ()


def _record(legs: Legs) -> Turn:
    return replace(legs, told=True), (RecordTalk(),)


def _result(legs: Legs, down: Down) -> Result:
    """Of a call that was not talked in yet."""
    if legs.picked:
        return Result.ANSWERED if down.leg is Leg.PERSON else Result.AGENT_AWAY
    if down.leg is Leg.AGENT:
        waited = legs.stage is Stage.RINGING_PERSON and down.rung >= _RANG
        return Result.NO_ANSWER if waited else Result.AGENT_AWAY
    if legs.busy:
        return Result.BUSY
    if not down.cause:
        return Result.NO_ANSWER if down.rung else Result.FAILED
    return _CAUSES.get(down.cause, Result.FAILED)


def _end(legs: Legs, result: Result) -> Turn:
    """Whoever has talked was answered, however it ended."""
    if legs.stage is Stage.TALKING:
        result = Result.ANSWERED
    return replace(legs, stage=Stage.ENDED, result=result), (Close(),)
