"""No machine rings at night: the next moment at which it may."""

from datetime import UTC, datetime, time

import pytest

from persian.dates import TEHRAN
from persian.hours import CallHours

DAY = CallHours(time(8), time(20))


def tehran(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=TEHRAN)


@pytest.mark.parametrize(
    ("at", "rings"),
    [
        (tehran(22, 7, 59), tehran(22, 8)),
        (tehran(22, 8), tehran(22, 8)),
        (tehran(22, 19, 59), tehran(22, 19, 59)),
        (tehran(22, 20), tehran(23, 8)),
        (tehran(22, 0, 30), tehran(22, 8)),
        (tehran(22, 23, 59).astimezone(UTC), tehran(23, 8)),
    ],
    ids=["before", "opening", "last minute", "closing", "after midnight", "in utc"],
)
def test_a_telephone_rings_by_day(at, rings):
    assert DAY.next(at) == rings
    assert DAY.next(at).tzinfo is at.tzinfo


def test_the_same_time_twice_is_the_whole_day():
    assert CallHours(time(0), time(0)).next(tehran(22, 3)) == tehran(22, 3)


def test_hours_that_end_before_they_begin_are_refused():
    with pytest.raises(ValueError, match="after they begin"):
        CallHours(time(20), time(8))
