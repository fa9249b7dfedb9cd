"""The hours of one day as intervals of minutes since midnight in Tehran, sorted and apart."""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from case_store.errors import WorkingTimeError

MINUTES_A_DAY: Final = 24 * 60
_WRITTEN: Final = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")


class Interval(NamedTuple):
    """From a minute of the day to another; 1440 is the midnight at its end."""

    begin: int
    end: int


Hours = tuple[Interval, ...]
"""A day's working intervals, in order, none touching the next; empty is a closed day."""


def hours_of(intervals: Iterable[tuple[int, int]]) -> Hours:
    """Put intervals in order and join those that overlap or touch: 8-12 and 12-16 are 8-16.

    Raises:
        WorkingTimeError: one ends before it begins, or leaves the day.
    """
    joined: list[Interval] = []
    for begin, end in sorted(intervals):
        if not 0 <= begin < end <= MINUTES_A_DAY:
            message = "an interval begins before it ends, and both are within the day"
            raise WorkingTimeError(message)
        if joined and begin <= joined[-1].end:
            joined[-1] = Interval(joined[-1].begin, max(joined[-1].end, end))
        else:
            joined.append(Interval(begin, end))
    return tuple(joined)


def read_hours(written: Sequence[Sequence[str]]) -> Hours:
    """`[["07:30", "12:00"], ["13:00", "15:30"]]`, as data and the API hold them; `24:00` ends a day.

    Raises:
        WorkingTimeError: a time is not written so, or the intervals make no sense.
    """
    return hours_of((_minute(begin), _minute(end)) for begin, end in written)


def write_hours(hours: Hours) -> list[list[str]]:
    """The way back."""
    return [[_written(interval.begin), _written(interval.end)] for interval in hours]


def _minute(written: str) -> int:
    found = _WRITTEN.fullmatch(written)
    minute = int(found[1]) * 60 + int(found[2]) if found else MINUTES_A_DAY + 1
    if minute > MINUTES_A_DAY:
        message = "a time of day is written as 07:30, at most 24:00"
        raise WorkingTimeError(message)
    return minute


def _written(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
