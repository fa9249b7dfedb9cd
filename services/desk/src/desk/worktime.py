"""The working calendar's forms: a day that differs, a weekly pattern. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from desk.forms import Form
from desk.reading.days import hours, typed_day
from desk.typed import typed_date, typed_intervals, written

WEEKDAYS: Final = ("saturday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday")
_LONGEST: Final = 300


class EnteredDay(NamedTuple):
    """A date, and what the store takes about it."""

    date: str
    """ISO."""
    body: dict[str, object]


def read_day(form: Form) -> EnteredDay:
    """A day that is closed or has other hours; the reason is one of those offered, or typed."""
    day = form.read("date", typed_date)
    if not form["date"].strip():
        form.wrong("date", "typed.missing")
    body: dict[str, object] = {"province": form.maybe("province"), "intervals": None}
    if form["how"] == "hours":
        told = form.read("hours", typed_intervals)
        if told == ():
            form.wrong("hours", "typed.missing")
        body["intervals"] = written(told or ())
    reason = form.maybe("other_reason") or form.maybe("reason")
    if reason is None:
        form.wrong("reason", "calendar.reason_missing")
    elif len(reason) > _LONGEST:
        form.wrong("other_reason", "typed.long")
    return EnteredDay(day.isoformat() if day else "", body | {"reason": reason or ""})


def read_week(form: Form) -> dict[str, object]:
    """The body of a weekly pattern; a week without an hour is refused, for no deadline would ever come."""
    days = {name: written(form.read(name, typed_intervals) or ()) for name in WEEKDAYS}
    since = form.read("valid_from", typed_date)
    if not form["valid_from"].strip():
        form.wrong("valid_from", "typed.missing")
    if form.right and not any(days.values()):
        form.wrong("saturday", "calendar.no_hours")
    return {
        "province": form.maybe("province"),
        "valid_from": since.isoformat() if since else "",
        "days": {name: told for name, told in days.items() if told},
        "note": form["note"].strip(),
    }


def typed_week(week: Mapping[str, Any], language: str) -> dict[str, str]:
    """A pattern as one would type it."""
    told = {name: hours(week["days"].get(name, ()), language) for name in WEEKDAYS}
    return {
        **told,
        "valid_from": typed_day(week["valid_from"], language),
        "province": week["province"],
        "note": week["note"],
        "version": str(week["version"]),
    }


def in_force(weeks: Sequence[Mapping[str, Any]], today: str) -> set[str]:
    """The ids of the patterns that hold today: a province's newest that has begun."""
    newest: dict[str, Mapping[str, Any]] = {}
    for week in weeks:
        now = newest.get(week["province"])
        if week["valid_from"] <= today and (now is None or week["valid_from"] > now["valid_from"]):
            newest[week["province"]] = week
    return {str(week["id"]) for week in newest.values()}
