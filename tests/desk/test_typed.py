"""What people type: dates, times, hours and numbers, in either digits; a fault is named, not repeated."""

from datetime import date

import pytest

from desk.reading.days import hours as told
from desk.typed import (
    Interval,
    TypedError,
    typed_date,
    typed_intervals,
    typed_number,
    typed_time,
    written,
)


@pytest.mark.parametrize(
    "text", ["1405/09/02", "۱۴۰۵/۹/۲", "1405-9-2", " ۱۴۰۵.۰۹.۰۲ ", "2026-11-23", "2026/11/23", "۲۰۲۶-۱۱-۲۳"]
)
def test_a_date_is_read_in_either_calendar_and_either_digits(text):
    assert typed_date(text) == date(2026, 11, 23)


def test_no_date_is_no_date():
    assert typed_date("  ") is None


@pytest.mark.parametrize(
    "text", ["1405/13/01", "1405/12/30", "فردا", "1405/9", "2026-02-30", "2026/1", "1405/9/2/3"]
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(TypedError, match=r"^date$"):
        typed_date(text)


def test_the_thirtieth_of_esfand_is_there_in_a_leap_year():
    assert typed_date("1403/12/30") == date(2025, 3, 20)


@pytest.mark.parametrize(
    ("text", "minutes"), [("8", 480), ("۸:۳۰", 510), ("08.30", 510), ("0", 0), ("24", 1440), ("۲۳:۵۹", 1439)]
)
def test_a_time_is_minutes_from_midnight(text, minutes):
    assert typed_time(text) == minutes


@pytest.mark.parametrize("text", ["", "25", "24:01", "8:60", "هشت", "8:3:1", "-1"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(TypedError, match=r"^time$"):
        typed_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "۸ تا ۱۲ و ۱۳:۳۰ تا ۱۶",
        "8-12, 13:30-16",
        "13:30–16؛ 8 الی 12",
        "08:00 to 12:00 and 13.30 to 16:00",
        "۸-۱۲\n۱۳:۳۰-۱۶",
    ],
)
def test_the_hours_of_a_day_may_be_split(text):
    assert typed_intervals(text) == (Interval(480, 720), Interval(810, 960))


def test_nothing_typed_is_a_closed_day():
    assert typed_intervals("  ") == ()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("8", "interval"),
        ("12-8", "interval"),
        ("8-8", "interval"),
        ("8-12 و 11-13", "overlap"),
        ("8-x", "time"),
    ],
)
def test_hours_that_make_no_sense_are_refused(text, key):
    with pytest.raises(TypedError, match=rf"^{key}$"):
        typed_intervals(text)


@pytest.mark.parametrize("language", ["fa", "en"])
def test_told_hours_can_be_typed_again(language):
    hours = [["00:00", "07:45"], ["14:00", "24:00"]]
    assert written(typed_intervals(told(hours, language))) == hours


def test_numbers_keep_their_limits():
    assert typed_number("۱٬۴۲۰", 1, 2000) == 1420
    for text in ("0", "2001", "", "یک", "1.5", "²"):
        with pytest.raises(TypedError, match=r"^number$"):
            typed_number(text, 1, 2000)
