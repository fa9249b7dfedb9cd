"""What is said at each step, by the names of the prompts; their words are in `wording/<language>.yaml`."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import yaml

from envelope.models import Language
from gateway_voice.calls.model import Call, Step

OWN: Final = "take"
"""In place of a prompt: the caller's own recording, by number."""
_STATES: Final = frozenset({"new", "triage", "open", "referred", "answered", "closed"})
_GROUPS: Final = (3, 3, 4)
"""How ten digits are read out: like a telephone number, with a breath between."""
_PREFIX: Final = "+98"
_MOBILES: Final = "+989"
"""Numbers that can be texted."""

_PROMPTS: Final[Mapping[Step, tuple[str, ...]]] = {
    Step.SECTION: ("section",),
    Step.INSTRUCTING: ("leave-message",),
    Step.UNHEARD: ("unheard",),
    Step.REVIEW: ("review",),
    Step.NUMBER: ("key-in-number",),
    Step.WHICH_CASE: ("key-in-code",),
    Step.WHOSE_CASE: ("key-in-own-number",),
    Step.LEAVING: ("goodbye",),
}


def prompts_of(call: Call) -> tuple[str, ...]:
    """What a caller hears on coming to this step, as `language/name`."""
    if call.step is Step.LANGUAGE:
        return ("fa/welcome", "fa/language", "en/language")
    names = tuple(_names(call)) or _PROMPTS.get(call.step, ())
    return spoken(call, *names)


def spoken(call: Call, *names: str) -> tuple[str, ...]:
    """Prompts in the caller's language."""
    return tuple(f"{call.language.value}/{name}" for name in names)


def state_told(words: str) -> str:
    """The prompt for the state of a case; an unheard-of state is told as being looked at."""
    return f"state-{words if words in _STATES else 'open'}"


@cache
def wording(language: Language) -> Mapping[str, str]:
    """The words of every prompt, by name."""
    text = files("gateway_voice.calls").joinpath("wording", f"{language.value}.yaml").read_text("utf-8")
    return {str(name): str(words).strip() for name, words in yaml.safe_load(text).items()}


def _names(call: Call) -> Iterator[str]:
    if call.step is Step.CALLBACK:
        number = call.callback or call.caller or ""
        yield "callback-is"
        yield from _digits(
            "0" + number.removeprefix(_PREFIX) if number.startswith(_PREFIX) else number, (4, 3, 4)
        )
        yield "callback-right"
    elif call.step is Step.CODE:
        yield "thanks"
        if call.code is not None:
            yield from ("code-is", *_digits(call.code, _GROUPS), "once-more", *_digits(call.code, _GROUPS))
        if (call.callback or call.caller or "").startswith(_MOBILES):
            yield "code-by-text"
        yield "goodbye"


def _digits(text: str, groups: tuple[int, ...]) -> Iterator[str]:
    """The prompts of its digits; a breath after each group."""
    rest = [each for each in text if each.isdecimal()]
    for size in groups:
        yield from (f"digit-{each}" for each in rest[:size])
        rest = rest[size:]
        if rest:
            yield "breath"
    yield from (f"digit-{each}" for each in rest)
