"""The month grid: weeks from Saturday, leap years, and the months beside."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.months import Month, parts


def test_azar_1405_begins_on_a_sunday_and_has_thirty_days():
    weeks = Month(1405, 9).weeks()
    assert weeks[0][:2] == [None, date(2026, 11, 22)]
    assert [day for week in weeks for day in week if day][-1] == date(2026, 12, 21)
    assert {len(week) for week in weeks} == {7}


@pytest.mark.parametrize(("year", "days"), [(1403, 30), (1404, 29), (1405, 29), (1408, 30)])
def test_esfand_has_thirty_days_in_a_leap_year(year, days):
    esfand = Month(year, 12)
    assert (esfand.last - esfand.first).days + 1 == days


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)))
def test_every_day_is_in_its_month_once_and_under_its_weekday(day):
    month = Month.of(day)
    [column] = [week.index(day) for week in month.weeks() if day in week]
    assert (column + 5) % 7 == day.weekday()
    assert parts(day)[:2] == (month.year, month.month)


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)))
def test_before_and_after_lead_back(day):
    month = Month.of(day)
    assert month.after.before == month == month.before.after


@pytest.mark.parametrize("text", [None, "", "1405", "1405-13", "1405-0", "x-y", "99999-1", "۱۴۰۵-۱"])
def test_what_is_no_month_is_this_month(text):
    assert Month.read(text, date(2026, 11, 23)) == Month(1405, 9)


def test_a_month_is_read_back_from_its_address():
    assert Month.read(Month(1406, 1).key, date(2026, 11, 23)) == Month(1406, 1)
