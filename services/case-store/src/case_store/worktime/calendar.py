"""Which hours are worked on a day in a province, and why: one order of precedence, written down here.

1. A day entered for the province (closed, or other hours).
2. A day entered for the whole country.
3. An official holiday: closed.
4. The weekly pattern in force: the province's own newest, else the country's newest, valid from that day or
   an earlier one.
5. No pattern yet: closed.

So a correction by date beats a holiday (a moon that was seen a day later is entered as two days), and what is
entered for a province beats what is entered for all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import Final

from case_store.errors import WorkingTimeError
from case_store.worktime.hours import Hours
from case_store.worktime.official import holiday

EVERYWHERE: Final = ""
"""The province of what holds in the whole country."""
DAYS_A_WEEK: Final = 7


class Why(StrEnum):
    """What decided a day's hours."""

    PATTERN = "pattern"
    """The weekly pattern; closed where it has no hours."""
    HOLIDAY = "holiday"
    ENTERED = "entered"
    """Entered for this date, in the whole country."""
    ENTERED_FOR_PROVINCE = "entered_for_province"
    NO_PATTERN = "no_pattern"
    """No weekly pattern is in force yet."""


@dataclass(frozen=True, slots=True)
class Week:
    """A weekly pattern."""

    province: str
    valid_from: date
    days: tuple[Hours, ...]
    """Seven, in the order of `date.weekday()`: Monday first."""
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a week without a working hour: no deadline would ever come.

        Raises:
            WorkingTimeError: so it is.
        """
        if len(self.days) != DAYS_A_WEEK or not any(self.days):
            message = "a week has seven days, and working hours on at least one of them"
            raise WorkingTimeError(message)


@dataclass(frozen=True, slots=True)
class EnteredDay:
    """A date that differs from what holiday and pattern say."""

    day: date
    province: str
    hours: Hours
    """Empty: closed."""
    reason: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a province, explained."""

    date: date
    hours: Hours
    why: Why
    words: str = ""
    """The holiday's name, the reason entered, or the pattern's note."""
    words_en: str = ""
    """The holiday's name in English."""
    estimated: bool = False
    """A lunar holiday whose date is an estimate."""
    holiday: str = ""
    """The holiday's name also where an entered day beats it."""


class Calendar:
    """Patterns, entered days and holidays, as they stood when it was read; never changes."""

    def __init__(self, weeks: Iterable[Week], entered: Iterable[EnteredDay] = ()) -> None:
        """Sort them by province."""
        ordered = sorted(weeks, key=lambda week: (week.province, week.valid_from))
        self._weeks: Mapping[str, list[Week]] = {
            province: list(of) for province, of in groupby(ordered, key=lambda week: week.province)
        }
        self._entered = {(item.province, item.day): item for item in entered}
        self.provinces: Final = frozenset(self._weeks) | {province for province, _ in self._entered}
        """Those that have anything of their own."""

    def day(self, when: date, province: str = EVERYWHERE) -> Day:
        """A day's hours and what decided them."""
        official = holiday(when)
        name = official.name if official else ""
        for of, why in ((province, Why.ENTERED_FOR_PROVINCE), (EVERYWHERE, Why.ENTERED)):
            if (of or why is Why.ENTERED) and (found := self._entered.get((of, when))) is not None:
                return Day(when, found.hours, why, found.reason, holiday=name)
        if official is not None:
            return Day(when, (), Why.HOLIDAY, name, official.name_en, official.estimated, name)
        week = self.week(when, province)
        if week is None:
            return Day(when, (), Why.NO_PATTERN)
        return Day(when, week.days[when.weekday()], Why.PATTERN, week.note)

    def week(self, when: date, province: str = EVERYWHERE) -> Week | None:
        """The pattern in force."""
        return self._in_force(when, province) or self._in_force(when, EVERYWHERE)

    def _in_force(self, when: date, province: str) -> Week | None:
        weeks = self._weeks.get(province, ())
        return next((week for week in reversed(weeks) if week.valid_from <= when), None)
