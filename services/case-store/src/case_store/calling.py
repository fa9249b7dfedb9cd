"""Calling people back: how far a task and a call have come, what a try does to its task. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID


class CallBackState(StrEnum):
    """Where a call-back task stands."""

    WAITING = "waiting"
    """Somebody is to be called."""
    NEEDS_NUMBER = "needs_number"
    """Nobody can be called: there is no number, or it was a wrong one."""
    DONE = "done"
    """They were told on the telephone."""
    GIVEN_UP = "given_up"
    """Tried often enough; they were written to."""
    ANSWERED = "answered"
    """The case was answered or closed in another way."""


LIVE: Final = frozenset({CallBackState.WAITING, CallBackState.NEEDS_NUMBER})
"""States in which something is still to be done."""


class TryResult(StrEnum):
    """What came of calling somebody."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    WRONG_NUMBER = "wrong_number"
    LEFT_OFF = "left_off"
    """The agent put down before anybody could answer: it counts for nothing."""


class CallState(StrEnum):
    """How far a call that the gateway makes has come; in this order."""

    ASKED = "asked"
    RINGING_AGENT = "ringing_agent"
    RINGING_PERSON = "ringing_person"
    TALKING = "talking"
    ENDED = "ended"


class CallResult(StrEnum):
    """How such a call ended."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    WRONG_NUMBER = "wrong_number"
    AGENT_AWAY = "agent_away"
    """The agent's own telephone was not picked up: the person was not called."""
    FAILED = "failed"
    LAPSED = "lapsed"
    """No gateway took it, or nothing more was heard of it."""


TRIED: Final[Mapping[CallResult, TryResult]] = {
    CallResult.ANSWERED: TryResult.ANSWERED,
    CallResult.NO_ANSWER: TryResult.NO_ANSWER,
    CallResult.BUSY: TryResult.BUSY,
    CallResult.WRONG_NUMBER: TryResult.WRONG_NUMBER,
}
"""Calls that rang the person are tries; the others are none."""
CLAIM_WITHIN: Final = timedelta(seconds=30)
"""An agent who asked for a call waits no longer for their telephone to ring."""
SILENT_AFTER: Final[Mapping[CallState, timedelta]] = {
    CallState.ASKED: CLAIM_WITHIN,
    CallState.RINGING_AGENT: timedelta(minutes=2),
    CallState.RINGING_PERSON: timedelta(minutes=3),
    CallState.TALKING: timedelta(minutes=10),
}
"""A call of which nothing was heard for so long has lapsed: each minute it is told that one goes on."""
_ORDER: Final = tuple(CallState)
_FAILED: Final = frozenset({TryResult.NO_ANSWER, TryResult.BUSY})


@dataclass(frozen=True, slots=True)
class Terms:
    """How often and how soon somebody is called again."""

    tries: int
    """After so many without an answer the task may be given up."""
    pauses: Mapping[TryResult, timedelta]
    """Until it is tried again."""


@dataclass(frozen=True, slots=True)
class CallBack:
    """A task: somebody is to be called about a case."""

    id: UUID
    case_id: UUID
    number: str | None
    """E.164; None while there is none to call."""
    state: CallBackState
    failures: int = 0
    """Tries without an answer since the person last asked."""
    next_at: datetime | None = None
    """Not to be tried before then."""


def after_try(
    task: CallBack, result: TryResult, now: datetime, terms: Terms, next_at: datetime | None
) -> CallBack:
    """What a try makes of its task; `next_at` is when whoever tried wants it tried again."""
    if result is TryResult.WRONG_NUMBER:
        return replace(task, state=CallBackState.NEEDS_NUMBER, number=None, next_at=None)
    if result in _FAILED:
        again = next_at or now + terms.pauses[result]
        return replace(task, failures=task.failures + 1, next_at=again)
    return replace(task, next_at=next_at)


def moves(now: CallState, result: CallResult | None, told: CallState) -> bool:
    """Whether what is told of a call is news: calls go forward only.

    One that had lapsed may still be told how it ended: the gateway was out of reach, and people talked.
    """
    if now is CallState.ENDED:
        return result is CallResult.LAPSED and told is CallState.ENDED
    return _ORDER.index(told) > _ORDER.index(now)
