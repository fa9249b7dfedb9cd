"""What was said and written, for whoever may not read identities: national ids in it are covered.

Everything that people and staff type freely goes through here on its way out; nothing is stored covered.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

from case_store.identity import covered, covered_beginning
from case_store.repository.listing import EXCERPT
from case_store.staffing import Actor, Right

_FREE: Final = frozenset(
    {"text", "excerpt", "note", "question", "answer", "reason", "revoked_reason", "words", "name", "steps"}
)
"""Fields that hold free text, or what somebody pressed, wherever in an answer they stand."""
_OWN: Final = frozenset({"draft"})
"""Comes back as it is shown, so it is shown as it came."""
T = TypeVar("T")


def seen_words(actor: Actor, found: T) -> T:
    """Rows as somebody may read them; the codes of cases named in them are no national ids."""
    if actor.may(Right.READ_IDENTITY):
        return found
    shown: T = _read(found, frozenset(_codes(found)))
    return shown


def _read(found: Any, codes: frozenset[str], field: str = "") -> Any:  # noqa: ANN401  (a value of any shape)
    if isinstance(found, Mapping):
        return {name: value if name in _OWN else _read(value, codes, name) for name, value in found.items()}
    if isinstance(found, list | tuple):
        return [_read(one, codes, field) for one in found]
    if isinstance(found, str) and field in _FREE:
        return _cut_off(found, codes) if field == "excerpt" else covered(found, codes)
    return found


def _cut_off(excerpt: str, codes: frozenset[str]) -> str:
    return covered(excerpt, codes) if len(excerpt) < EXCERPT else covered_beginning(excerpt, codes)


def _codes(found: Any) -> Iterator[str]:  # noqa: ANN401  (a value of any shape)
    if isinstance(found, Mapping):
        for name, value in found.items():
            if name == "tracking_code" and isinstance(value, str):
                yield value
            elif name == "aliases":
                yield from value
            else:
                yield from _codes(value)
    elif isinstance(found, list | tuple):
        for one in found:
            yield from _codes(one)
