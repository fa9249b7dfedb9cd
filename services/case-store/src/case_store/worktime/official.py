"""The official holidays of Iran, from the package `holidays`: solar ones exact, lunar ones as far as known.

Only its holidays are taken: its weekend is Friday alone, and what is worked on which weekday is data of ours.
From 2027 on it labels every lunar holiday an estimate, which may be a day off until the moon was seen.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from holidays import country_holidays
from holidays.constants import PUBLIC

_ESTIMATED: Final = {"fa_IR": "(تخمینی)", "en_US": "(estimated)"}
"""How the package marks an estimate; the label stays in the name, so that people read it."""


class Holiday(NamedTuple):
    """An official holiday."""

    name: str
    """In Persian, with its label `(تخمینی)` where it is an estimate; several of one day joined by `؛`."""
    name_en: str
    estimated: bool


@lru_cache(maxsize=200)
def official_holidays(year: int) -> Mapping[date, Holiday]:
    """Those of a Gregorian year (1980 to 2100; none outside)."""
    persian, english = (
        country_holidays("IR", years=year, categories=(PUBLIC,), language=language) for language in _ESTIMATED
    )
    return {
        day: Holiday(
            name=name.replace("; ", "؛ "),
            name_en=english[day],
            estimated=any(label in name for label in _ESTIMATED.values()),
        )
        for day, name in persian.items()
    }


def holiday(day: date) -> Holiday | None:
    """Of one day."""
    return official_holidays(day.year).get(day)
