"""Options that stand for a term of the taxonomy: checked against it, and called as on every channel."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from envelope.taxonomy import Audience, Kind, Section, Topic
from persian.words import PROVINCES, word

TERMS: Final[Mapping[str, type[StrEnum]]] = {
    "topic": Topic,
    "kind": Kind,
    "audience": Audience,
    "section": Section,
}
"""Fields that hold a term of the taxonomy."""

LITERALS: Final = frozenset((*TERMS, "province"))
"""Fields that only an option's `set` may fill."""


def called(name: str, value: object) -> dict[str, str] | None:
    """What a term is called in Persian and English; None where it is not one."""
    if name == "province":
        return {"fa": str(value)} if value in PROVINCES else None
    terms = TERMS.get(name)
    if terms is None or value not in list(terms):
        return None
    term = terms(str(value))
    return {"fa": word(term, "fa"), "en": word(term, "en")}
