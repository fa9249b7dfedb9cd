"""One call, from the first ring to its end: what happened, and what is said and done next. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from envelope.models import Language
from envelope.taxonomy import Section
from gateway_voice.calls import asking, leaving
from gateway_voice.calls.model import (
    Answer,
    Arrived,
    Call,
    Event,
    HandOn,
    HangUp,
    HungUp,
    Keep,
    Kept,
    NotRecorded,
    Pressed,
    Quiet,
    Resumed,
    Rules,
    Step,
    Turn,
)
from gateway_voice.calls.moving import go, missed, nothing, pressed, said_again

SECTIONS: Final[Mapping[str, Section]] = {
    "1": Section.INSURANCE,
    "2": Section.TREATMENT,
    "3": Section.RETIREMENT,
    "4": Section.GENERAL,
}
_LANGUAGES: Final[Mapping[str, Language]] = {"1": Language.FA, "2": Language.EN}
_ASKS_FOR_A_CASE: Final = "9"
_Steps = Mapping[Step, Callable[[Call, Event, Rules], Turn]]


def advance(call: Call, event: Event, rules: Rules) -> Turn:
    """The call after the event, and what to do, in order; nothing for what no longer matters."""
    if call.step is Step.GONE:
        return nothing(call)
    if isinstance(event, HungUp):
        return _hung_up(call)
    if isinstance(event, Resumed):
        return said_again(call, rules)
    return _STEPS[call.step](call, event, rules)


def _hung_up(call: Call) -> Turn:
    """What was said is kept, however far the caller came."""
    gone = replace(call, step=Step.GONE)
    if call.take and call.step not in {Step.KEEPING, Step.CODE}:
        return gone, (Keep(call.take),)
    return nothing(gone)


def _arriving(call: Call, event: Event, rules: Rules) -> Turn:
    if not isinstance(event, Arrived):
        return nothing(call)
    if event.staffed:
        return replace(call, step=Step.GONE), (HandOn(),)
    call, actions = go(call, Step.LANGUAGE, rules)
    return call, (Answer(), *actions)


def _language(call: Call, event: Event, rules: Rules) -> Turn:
    if isinstance(event, Pressed) and event.key in _LANGUAGES:
        chosen = replace(call, language=_LANGUAGES[event.key])
        return go(pressed(chosen, event.key), Step.SECTION, rules)
    return missed(call, event, rules, otherwise=Step.SECTION)


def _section(call: Call, event: Event, rules: Rules) -> Turn:
    if isinstance(event, Pressed) and event.key in SECTIONS:
        chosen = replace(call, section=SECTIONS[event.key])
        return go(pressed(chosen, event.key), Step.INSTRUCTING, rules)
    if isinstance(event, Pressed) and event.key == _ASKS_FOR_A_CASE:
        return go(pressed(call, event.key), Step.WHICH_CASE, rules)
    # Who has no keys can still say what they want, unless they have heard what they called for.
    return missed(call, event, rules, otherwise=Step.LEAVING if call.looks else Step.INSTRUCTING)


def _keeping(call: Call, event: Event, rules: Rules) -> Turn:
    if isinstance(event, Kept):
        return go(replace(call, code=event.code), Step.CODE, rules)
    if isinstance(event, NotRecorded):
        return leaving.unheard(replace(call, take=0, spoken=False), rules)
    return nothing(call)


def _code(call: Call, event: Event, rules: Rules) -> Turn:
    if isinstance(event, Quiet):
        return replace(call, step=Step.GONE), (HangUp(),)
    return said_again(call, rules) if event == Pressed("*") else nothing(call)


def _leaving(call: Call, event: Event, rules: Rules) -> Turn:  # noqa: ARG001  (as every step)
    if isinstance(event, Quiet):
        return replace(call, step=Step.GONE), (HangUp(),)
    return nothing(call)


_STEPS: Final[_Steps] = {
    Step.ARRIVING: _arriving,
    Step.LANGUAGE: _language,
    Step.SECTION: _section,
    Step.INSTRUCTING: leaving.instructing,
    Step.RECORDING: leaving.recording,
    Step.UNHEARD: leaving.instructing,
    Step.REVIEW: leaving.review,
    Step.CALLBACK: leaving.callback,
    Step.NUMBER: leaving.number,
    Step.KEEPING: _keeping,
    Step.CODE: _code,
    Step.WHICH_CASE: asking.which_case,
    Step.WHOSE_CASE: asking.whose_case,
    Step.LOOKING: asking.looking,
    Step.LEAVING: _leaving,
}
