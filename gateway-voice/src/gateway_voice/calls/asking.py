"""How a case stands: told for its code to the number it belongs to, and to nobody else."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from envelope import tracking
from envelope.addresses import parse_msisdn
from gateway_voice.calls.model import Call, Event, Found, Look, Rules, Step, Turn
from gateway_voice.calls.moving import MOST_MISSES, go, goodbye, nothing, said_again, typing
from gateway_voice.calls.prompts import state_told

_CODE_DIGITS: Final = 10
_LONGEST_NUMBER: Final = 15
_MOST_LOOKS: Final = 6
"""In one call, so that nobody tries codes at the telephone."""
_TOLD: Final[Mapping[str, str]] = {"away": "cannot-look", "unknown": "no-such-case"}


def which_case(call: Call, event: Event, rules: Rules) -> Turn:
    """Ten digits, complete by themselves."""
    call, typed, turn = typing(call, event, rules, longest=_CODE_DIGITS)
    if typed is None:
        return turn
    code = tracking.parse(typed)
    if code is None:
        return _again(call, rules, "not-a-code" if typed else "")
    call = replace(call, code=code)
    if call.caller is None:
        return go(call, Step.WHOSE_CASE, rules)
    return _look(call, call.caller, rules)


def whose_case(call: Call, event: Event, rules: Rules) -> Turn:
    """The number that the message was left from, where it is not the one that calls."""
    call, typed, turn = typing(call, event, rules, longest=_LONGEST_NUMBER)
    if typed is None:
        return turn
    number = parse_msisdn(typed)
    if number is None:
        return _again(call, rules, "not-a-number" if typed else "")
    return _look(replace(call, callback=number), number, rules)


def looking(call: Call, event: Event, rules: Rules) -> Turn:
    """Whether there is no such case or it is another's, the words are the same."""
    if not isinstance(event, Found):
        return nothing(call)
    if event.words == "unknown" and call.callback is None:
        return go(call, Step.WHOSE_CASE, rules)
    told = _TOLD.get(event.words) or state_told(event.words)
    return go(replace(call, code=None, callback=None), Step.SECTION, rules, told)


def _look(call: Call, number: str, rules: Rules) -> Turn:
    if call.looks >= _MOST_LOOKS:
        return goodbye(call, rules, "cannot-look")
    code = call.code or ""
    return replace(call, step=Step.LOOKING, typed="", looks=call.looks + 1), (Look(code, number),)


def _again(call: Call, rules: Rules, first: str) -> Turn:
    call = replace(call, misses=call.misses + 1)
    if call.misses >= MOST_MISSES:
        return go(replace(call, code=None), Step.SECTION, rules)
    return said_again(call, rules, *((first,) if first else ()))
