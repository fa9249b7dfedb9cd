"""What holds of every deadline, whatever the calendar, the allowance and the pauses."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from case_store.model import AllowanceUnit, Tier
from case_store.worktime.allowances import LAW_WORKING_DAYS, Allowances, Terms
from case_store.worktime.calendar import Calendar, EnteredDay, Week
from case_store.worktime.clock import Clock
from case_store.worktime.deadlines import NEVER, Deadline, Pause, deadline
from case_store.worktime.explain import Counted, explain
from case_store.worktime.hours import Hours, hours_of
from case_store.worktime.line import Line, day_bounds, moment_of, seconds
from case_store.worktime.timekeeping import Timekeeping
from persian.dates import tehran_date

FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
BEGINNING, END = seconds(datetime(2026, 1, 1, tzinfo=UTC)), seconds(datetime(2027, 6, 30, tzinfo=UTC))
DAYS, MINUTES = AllowanceUnit.WORKING_DAYS, AllowanceUnit.WORKING_MINUTES

pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
widely = settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

cuts = st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True).map(sorted)
open_hours = cuts.map(lambda at: hours_of([pair for n, pair in enumerate(pairwise(at)) if n % 2 == 0]))
day_hours = st.one_of(st.just(()), open_hours)
weeks = st.lists(day_hours, min_size=7, max_size=7).filter(any).map(tuple)
dates = st.dates(FIRST, LAST)
entered_days = st.lists(
    st.builds(EnteredDay, dates, st.sampled_from(["", "یزد", "تهران"]), day_hours, st.just("بخشنامه")),
    max_size=8,
    unique_by=lambda item: (item.day, item.province),
)
provinces = st.sampled_from(["", "یزد", "قم"])
moments = st.integers(BEGINNING, END)
all_terms = st.one_of(
    st.builds(Terms, st.integers(1, 14), st.just(DAYS), st.floats(0.01, 1)),
    st.builds(Terms, st.integers(1, 6_000), st.just(MINUTES), st.floats(0.01, 1)),
)


@st.composite
def calendars(draw) -> Calendar:
    patterns = [Week("", date(2000, 1, 1), draw(weeks))]
    if draw(st.booleans()):
        patterns.append(Week("یزد", draw(dates), draw(weeks)))
    return Calendar(patterns, draw(entered_days))


@st.composite
def pauses(draw, after: int) -> tuple[Pause, ...]:
    offsets = sorted(draw(st.lists(st.integers(0, 40 * 86_400), max_size=6, unique=True)))
    pairs = zip(offsets[::2], offsets[1::2], strict=False)
    found = [Pause(after + begin, after + end) for begin, end in pairs]
    if len(offsets) % 2:
        found.append(Pause(after + offsets[-1], NEVER))
    return tuple(found)


def found(
    calendar: Calendar, terms: Terms, start: int, stood: Sequence[Pause] = (), province: str = ""
) -> Deadline:
    return deadline(Line(calendar, province, 2026), terms, start, start, stood)


def is_worked(calendar: Calendar, province: str, moment: int) -> bool:
    """Told from the day alone, without the line: inside an interval or at its end."""
    local = moment_of(moment) + timedelta(hours=3, minutes=30)
    for day in (local.date(), local.date() - timedelta(days=1)):
        passed = (moment - day_bounds(day)[0]) / 60
        if any(begin < passed <= end for begin, end in calendar.day(day, province).hours):
            return True
    return False


@widely
@given(calendars(), all_terms, moments, provinces, st.data())
def test_nothing_is_ever_due_or_warned_of_at_a_closed_moment(calendar, terms, start, province, data):
    stood = data.draw(pauses(start))
    deadline_ = found(calendar, terms, start, stood, province)
    assert is_worked(calendar, province, deadline_.due)
    assert is_worked(calendar, province, deadline_.warn)
    assert start < deadline_.warn <= deadline_.due


@widely
@given(calendars(), all_terms, moments, dates)
def test_closing_another_day_never_brings_a_deadline_forward(calendar, terms, start, day):
    closed = with_day(calendar, day, ())
    before, after = found(calendar, terms, start), found(closed, terms, start)
    assert after.due >= before.due
    assert after.law >= before.law


@widely
@given(calendars(), all_terms, moments, dates, cuts)
def test_shortening_a_day_never_brings_a_deadline_forward_that_does_not_end_on_it(
    calendar, terms, start, day, at
):
    hours = calendar.day(day).hours
    shortened = hours_of(
        [
            (max(begin, at[0]), min(end, at[-1]))
            for begin, end in hours
            if max(begin, at[0]) < min(end, at[-1])
        ]
    )
    before, after = found(calendar, terms, start), found(with_day(calendar, day, shortened), terms, start)
    if terms.unit is MINUTES and not before.by_law:
        assert after.due >= before.due or after.by_law
    elif tehran_date(moment_of(before.due - 1)) != day:
        assert after.due >= before.due


@widely
@given(calendars(), all_terms, moments, moments)
def test_who_came_later_is_never_due_earlier(calendar, terms, one, other):
    early, late = sorted((one, other))
    assert found(calendar, terms, early).due <= found(calendar, terms, late).due


@widely
@given(calendars(), all_terms, moments, provinces, st.data())
def test_the_same_question_has_the_same_answer(calendar, terms, start, province, data):
    stood = data.draw(pauses(start))
    line = Line(calendar, province, 2026)
    first = deadline(line, terms, start, start, stood)
    deadline(line, terms, start + 40_000_000, start + 40_000_000)
    assert deadline(line, terms, start, start, stood) == first
    assert deadline(Line(calendar, province, 2020), terms, start, start, stood) == first


@widely
@given(calendars(), all_terms, moments, st.data())
def test_a_pause_never_brings_a_deadline_forward_and_a_longer_one_neither(calendar, terms, start, data):
    stood = data.draw(pauses(start).filter(bool))
    without, with_them = found(calendar, terms, start), found(calendar, terms, start, stood)
    assert without.due <= found(calendar, terms, start, stood[:-1]).due <= with_them.due
    longer = (*stood[:-1], Pause(stood[-1].begin, NEVER))
    assert with_them.due <= found(calendar, terms, start, longer).due


@widely
@given(calendars(), all_terms, moments, st.data())
def test_nothing_lifts_the_laws_ten_working_days(calendar, terms, start, data):
    stood = data.draw(pauses(start))
    deadline_ = found(calendar, terms, start, stood)
    law = found(calendar, Terms(LAW_WORKING_DAYS, DAYS, 0.5), start)
    assert deadline_.law == law.due
    assert deadline_.due <= law.due
    assert working_days_between(calendar, start, law.due) == LAW_WORKING_DAYS


@widely
@given(calendars(), all_terms, moments, st.integers(1, 40 * 86_400))
def test_a_referral_is_never_due_after_the_law_of_its_case(calendar, terms, opened, later):
    line = Line(calendar, "", 2026)
    referral = deadline(line, terms, opened, opened + later)
    assert referral.due <= referral.law == deadline(line, terms, opened, opened).law


@widely
@given(weeks, all_terms, moments, st.integers(1, 1439))
def test_an_interval_in_two_that_touch_is_the_same_interval(week, terms, start, cut):
    def split(hours: Hours) -> Hours:
        halves = [[(begin, cut), (cut, end)] if begin < cut < end else [(begin, end)] for begin, end in hours]
        return hours_of([pair for pairs in halves for pair in pairs])

    whole, cut_week = Calendar([Week("", FIRST, week)]), tuple(split(hours) for hours in week)
    assert [minutes(hours) for hours in cut_week] == [minutes(hours) for hours in week]
    assume(start > seconds(datetime(2026, 1, 3, tzinfo=UTC)))
    assert found(Calendar([Week("", FIRST, cut_week)]), terms, start) == found(whole, terms, start)


@widely
@given(calendars(), all_terms, moments, provinces, st.data())
def test_the_days_of_an_explanation_add_up_to_the_deadline(calendar, terms, start, province, data):
    stood = data.draw(pauses(start))
    clock = a_clock(terms, start, stood, province)
    keeping = Timekeeping(calendar, Allowances(()), 1)
    told = explain(keeping, clock)
    assert seconds(told.due_at) == found(calendar, terms, start, stood, province).due
    last = tehran_date(told.due_at - timedelta(seconds=1))
    dates_told = [item.day.date for item in told.days]
    assert dates_told == [dates_told[0] + timedelta(days=n) for n in range(len(dates_told))]
    assert (dates_told[0], dates_told[-1]) == (tehran_date(clock.started_at), last)
    in_days, in_seconds = sum(item.days for item in told.days), sum(item.seconds for item in told.days)
    total = in_days if terms.unit is DAYS else in_seconds / 60
    if told.by_law:
        assert total < terms.allowance
        assert told.due_at == told.law_due_at
    else:
        assert total == terms.allowance
    for item in told.days:
        assert item.day == calendar.day(item.day.date, province)
        assert (item.counted is Counted.CLOSED) == (not item.day.hours)
        assert item.days == (terms.unit is DAYS and item.counted is Counted.COUNTED)
        assert item.seconds <= minutes(item.day.hours) * 60


def a_clock(terms: Terms, start: int, stood: Sequence[Pause], province: str) -> Clock:
    began = moment_of(start)
    over = [(moment_of(begin), moment_of(end)) for begin, end in stood if end != NEVER]
    goes_on = [moment_of(begin) for begin, end in stood if end == NEVER]
    return Clock(
        *(UUID(int=1), UUID(int=2), None, Tier.AGENT, "insurance", province, terms),
        *(began, began, began, began),
        reckoned=1,
        pauses=tuple(over),
        paused_at=goes_on[0] if goes_on else None,
    )


def minutes(hours: Hours) -> int:
    return sum(end - begin for begin, end in hours)


def with_day(calendar: Calendar, day: date, hours: Hours) -> Calendar:
    """The same calendar with one date of the country said otherwise."""
    others = [item for item in calendar._entered.values() if (item.day, item.province) != (day, "")]
    every_week = [week for weeks_ in calendar._weeks.values() for week in weeks_]
    return Calendar(every_week, [*others, EnteredDay(day, "", hours, "بخشنامه")])


def working_days_between(calendar: Calendar, start: int, end: int) -> int:
    """Counted one by one: the days after that of `start`, up to that of `end`."""
    day, last = tehran_date(moment_of(start)), tehran_date(moment_of(end - 1))
    return sum(
        bool(calendar.day(day + timedelta(days=number)).hours) for number in range(1, (last - day).days + 1)
    )
