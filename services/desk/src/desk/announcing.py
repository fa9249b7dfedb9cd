"""Announcements as they are typed: words in two languages, and a time in days and hours of Tehran. Pure."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final

from desk.forms import Form
from desk.reading.days import typed_day
from desk.typed import DAY_MINUTES, typed_date, typed_time
from persian.dates import TEHRAN, clock_time, tehran_date
from persian.digits import persian_digits

LONGEST_TITLE: Final = 120
LONGEST_BODY: Final = 4_000
WEIGHTS: Final = ("info", "important")


def read_announcement(form: Form) -> dict[str, object]:
    """The body of a new one; nothing typed for its beginning is now."""
    words = {
        "title_fa": form.text("title_fa", most=LONGEST_TITLE),
        "body_fa": _lines(form.text("body_fa"), form, "body_fa"),
        **_english(form),
        "weight": form["weight"] if form["weight"] in WEIGHTS else WEIGHTS[0],
    }
    begins, until = _moment(form, "from", 0), _moment(form, "until", DAY_MINUTES)
    if begins and until and until <= begins:
        form.wrong("until_day", "announcements.order")
    return words | {
        "from": begins.isoformat() if begins else None,
        "until": until.isoformat() if until else None,
    }


def read_change(form: Form) -> dict[str, object]:
    """What it is to be; nothing typed for its beginning leaves that as it is."""
    body = read_announcement(form)
    return {name: value for name, value in body.items() if name != "from" or value is not None}


def typed_of(announcement: Mapping[str, Any], language: str) -> dict[str, str]:
    """One as one would type it."""
    words = {
        name: announcement[name] or "" for name in ("title_fa", "body_fa", "title_en", "body_en", "weight")
    }
    times = (_typed(name, announcement[name], language) for name in ("from", "until"))
    return {**words, **{name: told for each in times for name, told in each.items()}}


def _english(form: Form) -> dict[str, object]:
    """Both or neither: half of it would be worse than the Persian."""
    title, body = form.maybe("title_en"), form.maybe("body_en")
    if (title is None) != (body is None):
        form.wrong("title_en" if title is None else "body_en", "announcements.english_both")
    if title and len(title) > LONGEST_TITLE:
        form.wrong("title_en", "typed.long")
    return {"title_en": title, "body_en": _lines(body, form, "body_en") if body else None}


def _lines(text: str, form: Form, name: str) -> str:
    """As the box counts them: a browser sends two letters for the end of a line."""
    told = text.replace("\r\n", "\n")
    if len(told) > LONGEST_BODY:
        form.wrong(name, "typed.long")
    return told


def _moment(form: Form, name: str, otherwise: int) -> datetime | None:
    """A day with its time; `otherwise` is the minute of the day that is meant by none."""
    day = form.read(f"{name}_day", typed_date)
    told = form[f"{name}_time"].strip()
    minute = form.read(f"{name}_time", typed_time) if told else otherwise
    if told and day is None:
        form.wrong(f"{name}_day", "announcements.day_missing")
    if day is None or minute is None:
        return None
    return datetime.combine(day, time.min, TEHRAN) + timedelta(minutes=minute)


def _typed(name: str, value: str | None, language: str) -> dict[str, str]:
    if value is None:
        return {}
    moment = datetime.fromisoformat(value)
    clock = clock_time(moment)
    return {
        f"{name}_day": typed_day(tehran_date(moment), language),
        f"{name}_time": clock if language == "en" else persian_digits(clock),
    }
