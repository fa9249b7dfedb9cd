"""Working time as it is told in Iran: Nowruz, half Thursdays, the moon, decrees; a row each."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from case_store.errors import WorkingTimeError
from case_store.model import AllowanceUnit, Tier
from case_store.worktime.allowances import LAW_WORKING_DAYS, Allowances, Matter, Ola, Terms
from case_store.worktime.calendar import Calendar, EnteredDay, Week, Why
from case_store.worktime.deadlines import NEVER, Deadline, Pause, deadline
from case_store.worktime.hours import Hours, read_hours, write_hours
from case_store.worktime.line import Line, moment_of, seconds
from case_store.worktime.official import official_holidays
from persian.dates import TEHRAN

OFFICE = read_hours([["07:30", "15:30"]])
CLOSED: Hours = ()
SATURDAY_TO_WEDNESDAY = (OFFICE, OFFICE, OFFICE, CLOSED, CLOSED, OFFICE, OFFICE)
THURSDAY, FRIDAY = 3, 4
WEEK = Week("", date(2000, 1, 1), SATURDAY_TO_WEDNESDAY)
DAYS, MINUTES = AllowanceUnit.WORKING_DAYS, AllowanceUnit.WORKING_MINUTES


def at(text: str) -> datetime:
    """`2026-11-21 10:00` in Tehran."""
    return datetime.fromisoformat(text).replace(tzinfo=TEHRAN).astimezone(UTC)


def closed(day: str, province: str = "", reason: str = "آلودگی هوا") -> EnteredDay:
    return EnteredDay(date.fromisoformat(day), province, CLOSED, reason)


def worked(day: str, hours: Hours = OFFICE, province: str = "") -> EnteredDay:
    return EnteredDay(date.fromisoformat(day), province, hours, "کار به‌جای تعطیلی")


def with_thursday(hours: Hours) -> Week:
    days = list(SATURDAY_TO_WEDNESDAY)
    days[THURSDAY] = hours
    return Week("", date(2000, 1, 1), tuple(days))


def found(  # noqa: PLR0913
    start: str,
    allowance: int,
    unit: AllowanceUnit = DAYS,
    *,
    week: Week = WEEK,
    entered: tuple[EnteredDay, ...] = (),
    province: str = "",
    pauses: tuple[Pause, ...] = (),
    share: float = 0.75,
) -> Deadline:
    calendar = Calendar([week], entered)
    line = Line(calendar, province, int(start[:4]) - 1)
    began = seconds(at(start))
    return deadline(line, Terms(allowance, unit, share), began, began, pauses)


def due(*arguments: object, **named: object) -> str:
    """The deadline as a clock in Tehran shows it."""
    return shown(found(*arguments, **named).due)  # type: ignore[arg-type]


def shown(moment: int) -> str:
    return moment_of(moment).astimezone(TEHRAN).strftime("%Y-%m-%d %H:%M")


def pause(begin: str, end: str | None) -> Pause:
    return Pause(seconds(at(begin)), seconds(at(end)) if end else NEVER)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-21 10:00", 1, "2026-11-22 15:30"),  # Saturday: the day of receipt does not count
        ("2026-11-21 05:00", 1, "2026-11-22 15:30"),  # nor when it came before hours
        ("2026-11-21 23:59", 1, "2026-11-22 15:30"),  # nor after
        ("2026-11-25 10:00", 1, "2026-11-28 15:30"),  # Wednesday: Thursday and Friday are closed
        ("2026-11-27 10:00", 1, "2026-11-28 15:30"),  # Friday
        ("2026-11-21 10:00", 3, "2026-11-24 15:30"),
        ("2026-12-20 10:00", 3, "2026-12-26 15:30"),  # over 13 Rajab, Wednesday 23 December 2026
        ("2026-03-18 10:00", 1, "2026-03-25 15:30"),  # over 29 Esfand, Nowruz with Fitr, to 5 Farvardin
        ("2026-03-18 10:00", 3, "2026-03-29 15:30"),
        ("2026-03-30 10:00", 2, "2026-04-04 15:30"),  # 12 and 13 Farvardin are a Wednesday and a Thursday
        ("2027-03-08 10:00", 1, "2027-03-09 15:30"),
        ("2027-03-09 10:00", 1, "2027-03-13 15:30"),  # over an estimated Fitr
    ],
)
def test_working_days_skip_weekends_and_official_holidays(start: str, days: int, end: str):
    assert due(start, days) == end


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-21 10:00", 60, "2026-11-21 11:00"),
        ("2026-11-21 06:00", 60, "2026-11-21 08:30"),
        ("2026-11-21 15:00", 60, "2026-11-22 08:00"),
        ("2026-11-21 15:00", 30, "2026-11-21 15:30"),  # with the end of the day, not the next morning
        ("2026-11-25 15:00", 60, "2026-11-28 08:00"),
        ("2026-11-21 07:30", 480, "2026-11-21 15:30"),
        ("2026-11-21 07:30", 481, "2026-11-22 07:31"),
    ],
)
def test_working_minutes_stand_still_while_it_is_closed(start: str, minutes: int, end: str):
    assert due(start, minutes, MINUTES) == end


@pytest.mark.parametrize(
    ("thursday", "days", "end"),
    [
        (CLOSED, 1, "2026-11-28 15:30"),
        (read_hours([["07:30", "12:00"]]), 1, "2026-11-26 12:00"),  # half a day is a working day
        (read_hours([["07:30", "12:00"]]), 2, "2026-11-28 15:30"),
        (read_hours([["07:30", "12:00"], ["16:00", "18:30"]]), 1, "2026-11-26 18:30"),
    ],
)
def test_thursday_is_what_the_pattern_says(thursday: Hours, days: int, end: str):
    assert due("2026-11-25 10:00", days, week=with_thursday(thursday)) == end


def test_a_split_shift_stands_still_in_between():
    split = read_hours([["08:00", "12:00"], ["16:00", "20:00"]])
    week = Week("", date(2000, 1, 1), (split,) * 7)
    assert due("2026-11-21 11:00", 90, MINUTES, week=week) == "2026-11-21 16:30"
    assert due("2026-11-21 13:00", 30, MINUTES, week=week) == "2026-11-21 16:30"
    assert due("2026-11-21 11:00", 60, MINUTES, week=week) == "2026-11-21 12:00"


def test_a_province_closed_by_decree_at_a_days_notice_moves_its_own_deadlines_alone():
    decree = (closed("2026-11-22", "تهران"),)
    assert due("2026-11-21 10:00", 1, entered=decree, province="تهران") == "2026-11-23 15:30"
    assert due("2026-11-21 10:00", 1, entered=decree, province="یزد") == "2026-11-22 15:30"
    assert due("2026-11-21 10:00", 1, entered=decree) == "2026-11-22 15:30"


def test_the_moon_seen_a_day_later_is_entered_as_two_days():
    """Fitr of 2027 is estimated for Wednesday 10 March and the day after."""
    seen_later = (worked("2027-03-10"), closed("2027-03-11"), closed("2027-03-13", reason="عید فطر"))
    assert due("2027-03-09 10:00", 1) == "2027-03-13 15:30"
    assert due("2027-03-09 10:00", 1, entered=seen_later) == "2027-03-10 15:30"
    assert due("2027-03-10 10:00", 1, entered=seen_later) == "2027-03-14 15:30"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-25 21:00", "2026-11-29 15:30"),  # Wednesday night: Saturday, Sunday
        ("2026-12-22 21:00", "2026-12-27 15:30"),  # Tuesday; Wednesday is 13 Rajab, then the weekend
        ("2027-01-04 21:00", "2027-01-09 15:30"),  # Monday; Wednesday is an estimated 27 Rajab
    ],
)
def test_a_voice_message_over_a_weekend_and_a_holiday_has_two_working_days(start: str, end: str):
    assert due(start, 2) == end


def test_a_pattern_holds_from_its_date_on_and_a_provinces_own_beats_the_countrys():
    short = (read_hours([["08:00", "13:00"]]),) * 7
    calendar = Calendar(
        [
            WEEK,
            Week("", date(2026, 12, 1), short, "ساعت کوتاه"),
            Week("یزد", date(2026, 11, 1), (read_hours([["06:00", "13:00"]]),) * 7),
        ]
    )
    assert calendar.day(date(2026, 11, 30)).hours == OFFICE
    assert calendar.day(date(2026, 12, 1)).hours == short[0]
    assert calendar.day(date(2026, 12, 1)).words == "ساعت کوتاه"
    assert write_hours(calendar.day(date(2026, 12, 1), "یزد").hours) == [["06:00", "13:00"]]
    assert calendar.day(date(2026, 10, 31), "یزد").hours == OFFICE
    assert calendar.day(date(1999, 12, 31)).why is Why.NO_PATTERN


PROVINCE, COUNTRY = ("یزد", Why.ENTERED_FOR_PROVINCE), ("", Why.ENTERED)


@pytest.mark.parametrize(
    ("entered", "of", "why", "is_open"),
    [
        ((), "", Why.HOLIDAY, False),
        ((worked("2026-03-21"),), "", Why.ENTERED, True),
        ((worked("2026-03-21"),), "یزد", Why.ENTERED, True),
        ((worked("2026-03-21", province="یزد"),), "یزد", Why.ENTERED_FOR_PROVINCE, True),
        ((worked("2026-03-21", province="یزد"),), "", Why.HOLIDAY, False),
        ((worked("2026-03-21"), closed("2026-03-21", "یزد")), "یزد", Why.ENTERED_FOR_PROVINCE, False),
        ((closed("2026-03-21"), worked("2026-03-21", province="یزد")), "یزد", Why.ENTERED_FOR_PROVINCE, True),
        ((closed("2026-03-21"), worked("2026-03-21", province="یزد")), "قم", Why.ENTERED, False),
    ],
)
def test_a_day_entered_beats_the_holiday_and_the_provinces_beats_the_countrys(entered, of, why, is_open):
    """21 March 2026: Nowruz, a Saturday."""
    day = Calendar([WEEK], entered).day(date(2026, 3, 21), of)
    assert (day.why, bool(day.hours)) == (why, is_open)
    assert "نوروز" in day.holiday


def test_a_holiday_beats_the_pattern_and_only_friday_and_thursday_are_the_patterns_to_close():
    calendar = Calendar([Week("", date(2000, 1, 1), (OFFICE,) * 7)])
    assert calendar.day(date(2026, 11, 27)).hours == OFFICE  # a Friday: the package's weekend is not taken
    assert calendar.day(date(2026, 2, 11)).why is Why.HOLIDAY


def test_lunar_holidays_are_estimates_from_2027_on_and_say_so():
    assert not [day for day in official_holidays(2026).values() if day.estimated]
    estimated = [day for day in official_holidays(2027).values() if day.estimated]
    assert len(estimated) >= 15
    assert all("(تخمینی)" in day.name and "(estimated)" in day.name_en for day in estimated)
    nowruz = official_holidays(2027)[date(2027, 3, 21)]
    assert not nowruz.estimated
    assert nowruz.name == "جشن نوروز"


def test_the_law_ends_what_the_allowance_would_not():
    far = found("2026-11-21 10:00", 300)
    assert shown(far.due) == "2026-12-05 15:30"
    assert far.by_law
    assert not found("2026-11-21 10:00", LAW_WORKING_DAYS).by_law
    assert due("2026-11-21 10:00", 100_000, MINUTES) == "2026-12-05 15:30"


@pytest.mark.parametrize(
    ("pauses", "end"),
    [
        ((), "2026-11-24 15:30"),
        ((pause("2026-11-22 09:00", "2026-11-22 11:00"),), "2026-11-25 15:30"),
        ((pause("2026-11-22 16:00", "2026-11-23 07:00"),), "2026-11-24 15:30"),  # nobody worked meanwhile
        ((pause("2026-11-22 09:00", "2026-11-23 11:00"),), "2026-11-28 15:30"),
        ((pause("2026-11-24 16:00", "2026-11-25 11:00"),), "2026-11-24 15:30"),  # after it was due
        ((pause("2026-11-22 09:00", None),), "2026-12-05 15:30"),  # only the law runs on
        ((pause("2026-11-21 11:00", "2026-12-20 11:00"),), "2026-12-05 15:30"),
    ],
)
def test_a_day_on_which_it_waited_for_the_citizen_does_not_count(pauses, end: str):
    assert due("2026-11-21 10:00", 3, pauses=pauses) == end


@pytest.mark.parametrize(
    ("pauses", "end"),
    [
        ((pause("2026-11-21 10:30", "2026-11-21 11:30"),), "2026-11-21 12:00"),
        ((pause("2026-11-21 15:00", "2026-11-22 08:00"),), "2026-11-21 11:00"),
        ((pause("2026-11-21 10:30", "2026-11-22 08:00"),), "2026-11-22 08:30"),
        (
            (pause("2026-11-21 10:10", "2026-11-21 10:20"), pause("2026-11-21 10:30", "2026-11-21 10:40")),
            "2026-11-21 11:20",
        ),
        ((pause("2026-11-21 11:00", "2026-11-21 12:00"),), "2026-11-21 11:00"),
        ((pause("2026-11-21 10:30", None),), "2026-12-05 15:30"),
    ],
)
def test_working_minutes_stand_still_while_it_waits(pauses, end: str):
    assert due("2026-11-21 10:00", 60, MINUTES, pauses=pauses) == end


@pytest.mark.parametrize(
    ("start", "days", "share", "warned"),
    [
        ("2026-11-21 07:30", 1, 0.5, "2026-11-21 15:30"),  # half of sixteen hours
        ("2026-11-21 07:30", 1, 0.75, "2026-11-22 11:30"),
        ("2026-11-21 07:30", 1, 1.0, "2026-11-22 15:30"),
        ("2026-11-25 15:30", 1, 0.75, "2026-11-28 13:30"),
    ],
)
def test_the_warning_comes_at_a_share_of_the_working_time(start, days, share, warned):
    assert shown(found(start, days, share=share).warn) == warned


def test_before_2022_summer_time_is_kept():
    noon = datetime(2021, 7, 3, 12, 0, tzinfo=TEHRAN).astimezone(UTC)
    assert noon.hour == 7
    assert due("2021-07-03 12:00", 60, MINUTES) == "2021-07-03 13:00"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ([["12:00", "16:00"], ["08:00", "12:00"]], [["08:00", "16:00"]]),
        ([["08:00", "12:00"], ["10:00", "11:00"]], [["08:00", "12:00"]]),
        ([["00:00", "24:00"]], [["00:00", "24:00"]]),
        ([], []),
    ],
)
def test_intervals_are_put_in_order_and_joined(written, read):
    assert write_hours(read_hours(written)) == read


@pytest.mark.parametrize(
    "written", [["12:00", "12:00"], ["13:00", "12:00"], ["8:00", "12:00"], ["23:00", "24:30"]]
)
def test_hours_that_make_no_sense_are_refused(written):
    with pytest.raises(WorkingTimeError):
        read_hours([written])


def test_a_week_without_a_working_hour_is_refused():
    with pytest.raises(WorkingTimeError):
        Week("", date(2026, 1, 1), (CLOSED,) * 7)


def test_a_calendar_that_never_opens_again_ends_the_search():
    line = Line(Calendar([]), "", 2026)
    with pytest.raises(WorkingTimeError):
        line.closing_after(line.ordinal(line.first), 1)


@pytest.mark.parametrize(
    ("moment", "is_open", "opens"),
    [
        ("2026-11-21 07:29", False, "2026-11-21 07:30"),
        ("2026-11-21 07:30", True, "2026-11-21 07:30"),
        ("2026-11-21 15:29", True, "2026-11-21 15:29"),
        ("2026-11-21 15:30", False, "2026-11-22 07:30"),
        ("2026-11-26 12:00", False, "2026-11-28 07:30"),
        ("2026-12-31 12:00", False, "2027-01-02 07:30"),
    ],
)
def test_the_line_knows_when_it_is_open(moment: str, is_open, opens: str):
    line = Line(Calendar([WEEK]), "", 2026)
    assert line.is_open(seconds(at(moment))) is is_open
    assert shown(line.next_opening(seconds(at(moment)))) == opens


def ola(number: int, terms: int, tier: Tier = Tier.AGENT, **says: str) -> Ola:
    fields = {name: says.get(name) for name in ("section", "topic", "kind", "channel")}
    return Ola(UUID(int=number), tier, terms=Terms(terms, DAYS, 0.75), **fields)


VOICE_COMPLAINT = Matter("insurance", "unemployment", "complaint", "voice")


@pytest.mark.parametrize(
    ("olas", "days"),
    [
        ([], LAW_WORKING_DAYS),
        ([ola(1, 3)], 3),
        ([ola(1, 3), ola(2, 4, section="insurance")], 4),
        ([ola(1, 3), ola(2, 4, section="insurance"), ola(3, 5, kind="complaint")], 5),
        ([ola(3, 5, kind="complaint"), ola(4, 6, topic="unemployment")], 6),
        ([ola(4, 6, topic="unemployment", kind="complaint"), ola(5, 2, channel="voice")], 2),
        ([ola(5, 2, channel="voice"), ola(6, 1, channel="voice", topic="unemployment")], 1),
        ([ola(1, 3), ola(2, 4, section="retirement"), ola(3, 5, channel="sms")], 3),
        ([ola(1, 7, Tier.EXPERT)], LAW_WORKING_DAYS),
    ],
)
def test_the_most_specific_row_of_the_tier_speaks(olas, days: int):
    for order in (olas, olas[::-1]):
        assert Allowances(order).terms(Tier.AGENT, VOICE_COMPLAINT).allowance == days
