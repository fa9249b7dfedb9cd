"""Leaving a message: instructions, recording, hearing it, the number to call back."""

from dataclasses import replace
from typing import Final

from envelope.addresses import parse_msisdn
from gateway_voice.calls.model import (
    Action,
    Call,
    Drop,
    Event,
    Keep,
    NotRecorded,
    Pressed,
    Quiet,
    Record,
    Recorded,
    Rules,
    Say,
    Step,
    Turn,
)
from gateway_voice.calls.moving import MOST_MISSES, go, goodbye, missed, nothing, pressed, said_again, typing
from gateway_voice.calls.prompts import OWN, prompts_of

_MOST_TAKES: Final = 6
_LONGEST_NUMBER: Final = 15


def instructing(call: Call, event: Event, rules: Rules) -> Turn:  # noqa: ARG001  (as every step)
    """Instructions have been heard, or cut short by a key: begin."""
    return _record(call) if isinstance(event, Quiet | Pressed) else nothing(call)


def recording(call: Call, event: Event, rules: Rules) -> Turn:
    """The newest good take counts; a silent one only as long as there is no better."""
    if isinstance(event, NotRecorded):
        return unheard(call, rules)
    if not isinstance(event, Recorded) or event.take != call.takes:
        return nothing(call)
    if event.seconds is not None and event.seconds < rules.shortest:
        call, actions = unheard(call, rules)
        return call, (Drop(event.take), *actions)
    if call.take and call.spoken and not event.spoken:
        call, actions = unheard(call, rules)
        return call, (Drop(event.take), *actions)
    dropped: tuple[Action, ...] = (Drop(call.take),) if call.take else ()
    call = replace(call, take=event.take, spoken=event.spoken)
    call, actions = go(call, Step.REVIEW, rules) if event.spoken else unheard(call, rules)
    return call, (*dropped, *actions)


def review(call: Call, event: Event, rules: Rules) -> Turn:
    """1 hears it, 2 says it anew, 3 keeps it; who presses nothing keeps it, too."""
    if event == Pressed("1"):
        call = pressed(call, "1")
        return call, (Say((f"{OWN}/{call.take}", *prompts_of(call)), rules.key_seconds),)
    if event == Pressed("2") and call.takes < _MOST_TAKES:
        return go(pressed(call, "2"), Step.INSTRUCTING, rules)
    if event == Pressed("3"):
        return _whom_to_call(pressed(call, "3"), rules)
    if event == Pressed("#"):
        # Pressed twice at the end of the message.
        return nothing(call)
    turn = missed(call, event, rules, otherwise=Step.CALLBACK)
    return _whom_to_call(call, rules) if turn[0].step is Step.CALLBACK else turn


def callback(call: Call, event: Event, rules: Rules) -> Turn:
    """1 confirms the number, 2 keys in another; who presses nothing is called where they called from."""
    if event in {Pressed("1"), Pressed("#")}:
        return keep(pressed(call, "1"))
    if event == Pressed("2"):
        return go(pressed(replace(call, callback=None), "2"), Step.NUMBER, rules)
    turn = missed(call, event, rules, otherwise=Step.KEEPING)
    return keep(call) if turn[0].step is Step.KEEPING else turn


def number(call: Call, event: Event, rules: Rules) -> Turn:
    """A number where they are reached; read back for them to confirm."""
    call, typed, turn = typing(call, event, rules, longest=_LONGEST_NUMBER)
    if typed is None:
        return turn
    if (parsed := parse_msisdn(typed)) is not None:
        return go(replace(call, callback=parsed), Step.CALLBACK, rules)
    call = replace(call, misses=call.misses + 1)
    if call.misses >= MOST_MISSES:
        return keep(call)
    return said_again(call, rules, *(("not-a-number",) if typed else ()))


def keep(call: Call) -> Turn:
    """Make the message safe."""
    return replace(call, step=Step.KEEPING, typed=""), (Keep(call.take),)


def _record(call: Call) -> Turn:
    call = replace(call, step=Step.RECORDING, takes=call.takes + 1)
    return call, (Record(call.takes),)


def unheard(call: Call, rules: Rules) -> Turn:
    """Once more, unless it was tried often enough; then what there is, is kept."""
    call = replace(call, misses=call.misses + 1)
    if call.misses < MOST_MISSES:
        misses = call.misses
        call, actions = go(call, Step.UNHEARD, rules)
        return replace(call, misses=misses), actions
    return keep(call) if call.take else goodbye(call, rules)


def _whom_to_call(call: Call, rules: Rules) -> Turn:
    return go(call, Step.CALLBACK if call.caller else Step.NUMBER, rules)
