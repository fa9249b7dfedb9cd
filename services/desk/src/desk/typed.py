"""What people type becomes a value: dates of the Persian calendar, times, hours of a day, whole numbers.

Either digits and any usual separator will do. What cannot be read raises a `TypedError`, which names the
sentence to show and never repeats what was typed.
"""

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple

from envelope.addresses import latin_digits
from persian.dates import parse_jalali

DAY_MINUTES: Final = 24 * 60
_GREGORIAN_YEARS: Final = range(1900, 2200)
_YEAR_FIRST: Final = re.compile(r"(\d{4})\s*[/\-.]")
_TIME: Final = re.compile(r"(\d{1,2})(?:\s*[:.]\s*(\d{1,2}))?")
_BETWEEN: Final = re.compile(r"\s*(?:تا|الی|to|[-–—])\s*")
_AMONG: Final = re.compile(r"\s*(?:[,،;؛\n]+|\sو\s|\sand\s)\s*")


class Fault(StrEnum):
    """What is wrong; each has its sentence in the words, area `typed`."""

    DATE = "date"
    TIME = "time"
    NUMBER = "number"
    INTERVAL = "interval"
    """A stretch without an end, or one that ends before it begins."""
    OVERLAP = "overlap"
    """One stretch lies over another."""


class TypedError(ValueError):
    """What was typed cannot be read as what was asked for."""

    def __init__(self, fault: Fault) -> None:
        """`fault` names the sentence to show."""
        super().__init__(fault)
        self.fault = fault


class Interval(NamedTuple):
    """A stretch of one day, in minutes from its midnight; `end` is the first minute outside."""

    start: int
    end: int


def typed_date(text: str) -> date | None:
    """`۱۴۰۵/۹/۲`, or `2026-11-23` where the year is plainly Gregorian; nothing typed is None.

    Raises:
        TypedError: it is no date.
    """
    plain = latin_digits(text).strip()
    if not plain:
        return None
    year = _YEAR_FIRST.match(plain)
    try:
        if year is not None and int(year[1]) in _GREGORIAN_YEARS:
            return date(*(int(part) for part in re.split(r"\s*[/\-.]\s*", plain)))
        return parse_jalali(plain)
    except (ValueError, TypeError):
        raise TypedError(Fault.DATE) from None


def typed_number(text: str, least: int, most: int) -> int:
    """A whole number within limits.

    Raises:
        TypedError: it is none, or outside.
    """
    plain = latin_digits(text).replace("٬", "").replace(",", "").strip()
    if not (plain.isascii() and plain.isdigit()) or not least <= int(plain) <= most:
        raise TypedError(Fault.NUMBER)
    return int(plain)


def typed_time(text: str) -> int:
    """`8`, `۸:۳۰`, `24:00` → minutes from midnight.

    Raises:
        TypedError: it is no time of a day.
    """
    found = _TIME.fullmatch(latin_digits(text).strip())
    if found is None:
        raise TypedError(Fault.TIME)
    hours, minutes = int(found[1]), int(found[2] or 0)
    if minutes >= 60 or hours * 60 + minutes > DAY_MINUTES:  # noqa: PLR2004  (an hour has sixty)
        raise TypedError(Fault.TIME)
    return hours * 60 + minutes


def typed_intervals(text: str) -> tuple[Interval, ...]:
    """`۸ تا ۱۲ و ۱۳:۳۰ تا ۱۶` → two stretches in order; nothing typed is a closed day.

    Raises:
        TypedError: a stretch has no end, ends before it begins, or lies over another one.
    """
    written = [part for part in _AMONG.split(text.strip()) if part]
    found = sorted(_interval(part) for part in written)
    if any(before.end > after.start for before, after in pairwise(found)):
        raise TypedError(Fault.OVERLAP)
    return tuple(found)


def _interval(text: str) -> Interval:
    ends = _BETWEEN.split(text)
    if len(ends) != 2:  # noqa: PLR2004  (from and to)
        raise TypedError(Fault.INTERVAL)
    start, end = (typed_time(edge) for edge in ends)
    if start >= end:
        raise TypedError(Fault.INTERVAL)
    return Interval(start, end)


def written(intervals: Iterable[Interval]) -> list[list[str]]:
    """As the store takes them: `[["08:00", "12:00"], ["13:30", "16:00"]]`."""
    return [[_clock(start), _clock(end)] for start, end in intervals]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
