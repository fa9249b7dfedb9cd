from datetime import UTC, date, datetime, timedelta

import pytest

from persian.dates import (
    TEHRAN,
    clock_time,
    gregorian,
    jalali,
    jalali_long,
    month_bounds,
    parse_jalali,
    span,
)
from persian.digits import counted, persian_digits


def test_a_moment_counts_by_its_day_in_tehran():
    late = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
    assert (jalali(late), gregorian(late), clock_time(late)) == ("1405/08/30", "2026-11-21", "00:30")
    assert jalali_long(late) == "شنبه ۳۰ آبان ۱۴۰۵"
    assert jalali(date(2026, 11, 20)) == "1405/08/29"


@pytest.mark.parametrize("typed", ["1405/8/30", "۱۴۰۵/۰۸/۳۰", " ۱۴۰۵-۸-۳۰ ", "1405.08.30"])
def test_a_date_is_read_however_it_is_typed(typed):
    assert parse_jalali(typed) == date(2026, 11, 21)


@pytest.mark.parametrize("typed", ["", "1405/13/1", "1404/12/30", "30/8/1405", "فردا", "1405/8"])
def test_what_is_no_date_is_refused(typed):
    with pytest.raises(ValueError, match=r"this date is not|a date is written"):
        parse_jalali(typed)


def test_the_30th_of_esfand_exists_in_a_leap_year_alone():
    assert parse_jalali("1403/12/30") == date(2025, 3, 20)


@pytest.mark.parametrize("year", range(1400, 1412))
def test_months_follow_each_other_without_a_gap(year):
    bounds = [month_bounds(year, month) for month in range(1, 13)]
    assert [end for _, end in bounds[:-1]] == [start for start, _ in bounds[1:]]
    assert bounds[-1][1] == month_bounds(year + 1, 1)[0]
    assert all(start.astimezone(TEHRAN).hour == 0 for start, _ in bounds)


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (timedelta(seconds=20), "کمتر از یک دقیقه"),
        (timedelta(minutes=5), "۵ دقیقه"),
        (timedelta(hours=27, minutes=5), "۱ روز و ۳ ساعت"),
        (timedelta(days=2), "۲ روز"),
        (-timedelta(hours=2, minutes=10), "۲ ساعت و ۱۰ دقیقه"),
    ],
)
def test_a_length_is_told_in_its_two_largest_units(length, told):
    assert span(length) == told


def test_digits_and_thousands_are_persian():
    assert persian_digits("کد 481-72") == "کد ۴۸۱-۷۲"
    assert counted(1_561_726) == "۱٬۵۶۱٬۷۲۶"
