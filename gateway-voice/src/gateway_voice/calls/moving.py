"""How a call moves: to a step, to the same step again, past who presses nothing, along typed digits."""

from dataclasses import replace
from typing import Final

from gateway_voice.calls.model import Call, Event, Listen, Pressed, Quiet, Rules, Say, Step, Turn
from gateway_voice.calls.prompts import prompts_of, spoken

MOST_MISSES: Final = 3
"""After so many the call goes on without an answer."""
_MOST_KEYS: Final = 100
_AT_ONCE: Final = frozenset({Step.INSTRUCTING, Step.UNHEARD, Step.CODE, Step.LEAVING})
"""Steps that go on by themselves once all has been said."""
_SILENT: Final = frozenset({Step.RECORDING, Step.KEEPING, Step.LOOKING, Step.ARRIVING})
"""Steps in which the caller waits for us, or we for them: there is nothing to say again."""


def pressed(call: Call, key: str) -> Call:
    """Remember it; of somebody who presses without end no more than the beginning."""
    return call if len(call.keys) >= _MOST_KEYS else replace(call, keys=(*call.keys, key))


def nothing(call: Call) -> Turn:
    """Let it go on as it does."""
    return call, ()


def go(call: Call, step: Step, rules: Rules, *first: str) -> Turn:
    """Come to a step and say what belongs to it, after the prompts named `first`."""
    call = replace(call, step=step, misses=0, typed="")
    return call, (_said(call, rules, *first),)


def said_again(call: Call, rules: Rules, *first: str) -> Turn:
    """The same step from its beginning."""
    if call.step in _SILENT:
        return nothing(call)
    call = replace(call, typed="")
    return call, (_said(call, rules, *first),)


def missed(call: Call, event: Event, rules: Rules, *, otherwise: Step) -> Turn:
    """Nothing of use came: say it again, and in the end go on as if nobody were to choose."""
    if not isinstance(event, Quiet | Pressed):
        return nothing(call)
    call = replace(call, misses=call.misses + 1)
    if call.misses >= MOST_MISSES:
        return go(call, otherwise, rules)
    # `*` is the key for hearing it again.
    first = ("not-a-choice",) if isinstance(event, Pressed) and event.key != "*" else ()
    return said_again(call, rules, *first)


def typing(call: Call, event: Event, rules: Rules, *, longest: int) -> tuple[Call, str | None, Turn]:
    """Collect digits up to `#`, a pause or `longest`; `*` begins anew.

    Returns what was typed once it is complete (empty where nothing was), else None and the turn to take.
    """
    if isinstance(event, Quiet) or event == Pressed("#"):
        return call, call.typed, nothing(call)
    if not isinstance(event, Pressed):
        return call, None, nothing(call)
    typed = "" if event.key == "*" else call.typed + event.key
    call = replace(call, typed=typed)
    complete = typed if len(typed) >= longest else None
    return call, complete, (call, (Listen(rules.key_seconds),))


def goodbye(call: Call, rules: Rules, *first: str) -> Turn:
    """Say it and end."""
    return go(call, Step.LEAVING, rules, *first)


def _said(call: Call, rules: Rules, *first: str) -> Say:
    wait = 0.0 if call.step in _AT_ONCE else rules.key_seconds
    return Say((*spoken(call, *first), *prompts_of(call)), wait)
