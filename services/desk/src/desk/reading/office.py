"""What the pages of the office say that cases do not: days, hours, units by name, parts of a text. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final, Protocol

from markupsafe import Markup, escape

from desk.reading import days
from desk.reading.reaching import is_landline, number_to_call, unproven_number
from desk.words import say, words
from envelope.parts import estimate
from envelope.taxonomy import SECTION_OF, Section, Topic
from persian.dates import jalali
from persian.digits import persian_digits

_CODE: Final = re.compile(r"^\d+: ")
"""The provider's own, in front of its reason."""
_SPELT: Final = re.compile(r"(?<![0-9۰-۹])[0-9۰-۹](?:[،,]? [0-9۰-۹](?![0-9۰-۹]))+")
_BETWEEN_WORDS: Final = re.compile(r"[^a-z0-9]+")
TOPICS_OF: Final[Mapping[Section, Sequence[Topic]]] = {
    section: [topic for topic, of in SECTION_OF.items() if of is section] for section in Section
}
"""As selects group them."""


class Named(Protocol):
    """Whoever knows units by name."""

    def unit(self, unit_id: str, language: str) -> str:
        """A unit's name."""


def filters(language: str) -> dict[str, Callable[..., object]]:
    """The template filters of a language."""
    return {
        "day": lambda value, of=language: days.day(value, of),
        "long_day": partial(days.long_day, language=language),
        "hours": partial(days.hours, language=language),
        "short_hours": partial(_short_hours, language=language),
        "day_number": _day_number,
        "detail": _detail,
        "parts": _parts,
        "pieces": pieces,
        "landline": is_landline,
        "spelt": spelt,
        "reason": partial(reason, language=language),
        "number_to_call": number_to_call,
        "unproven_number": unproven_number,
        "unit_name": lambda unit_id, places: _unit_name(unit_id, places, language),
    }


def spelt(text: str) -> Markup:
    """What is read out, each number that is told digit by digit in the order in which it is heard."""
    return Markup(_SPELT.sub(r'<bdi dir="ltr">\g<0></bdi>', str(escape(text))))  # noqa: S704  (escaped)


def pieces(snippet: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """A snippet in stretches, with whether it is a word that was looked for."""
    text, at, told = str(snippet["text"]), 0, []
    for start, end in snippet["marks"]:
        told += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [(stretch, found) for stretch, found in (*told, (text[at:], False)) if stretch]


def reason(told: str, language: str) -> str:
    """Why a message did not arrive, in our words where they are known, else as it came."""
    key = "delivery." + _BETWEEN_WORDS.sub("_", _CODE.sub("", told).lower()).strip("_")
    return say(language, key) if key in words(language) else told


def _unit_name(unit_id: str, places: Named, language: str) -> str:
    return places.unit(unit_id, language)


def _parts(text: str) -> int:
    return estimate(text).parts


def _detail(value: object) -> str:
    """A value of an audit entry: lists told one after the other, nothing as a dash."""
    if isinstance(value, list):
        return ", ".join(_detail(one) for one in value) or "—"
    return "—" if value is None or value == "" else str(value)


def _day_number(value: date) -> str:
    """The day of the Persian month."""
    return jalali(value).rsplit("/", 1)[1].lstrip("0")


def _short_hours(intervals: Sequence[Sequence[str]], language: str) -> str:
    """`۸–۱۲، ۱۳:۳۰–۱۶`: whole hours without their minutes, for the cell of a grid."""
    told = [f"{_short(start)}–{_short(end)}" for start, end in intervals]
    return ", ".join(told) if language == "en" else persian_digits("، ".join(told))


def _short(time: str) -> str:
    hours, minutes = time.split(":")
    return str(int(hours)) if minutes == "00" else f"{int(hours)}:{minutes}"
