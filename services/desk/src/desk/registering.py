"""Reads the page on which a telephone call or a visit is registered into what the store takes. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from desk.forms import Form
from envelope.addresses import parse_msisdn
from envelope.models import Channel

BLANK: Final[Mapping[str, str]] = {
    "channel": Channel.PHONE,
    "kind": "question",
    "audience": "unknown",
    "notify": "yes",
}
"""Most contacts are a question by telephone."""
REFUSALS: Final = {
    "national_id": "register.national_id_wrong",
    "address": "register.number_wrong",
    "topic": "register.topic_wrong",
}
_LONGEST_ANSWER: Final = 900
_OPTIONAL: Final = ("name", "national_id", "province")


def registration(form: Form, *, answered: bool, case: str | None = None) -> dict[str, object]:
    """The body of `POST /cases`; what is missing is noted on the form.

    Args:
        form: As typed.
        answered: The person was answered on the spot; else the case goes to its desk.
        case: The code of an open case that this is more of.
    """
    number = number_of(form)
    body: dict[str, object] = {
        "channel": form["channel"] if form["channel"] == Channel.IN_PERSON else Channel.PHONE,
        "text": form.text("text"),
        "topic": form["topic"],
        "kind": form["kind"],
        "audience": form["audience"],
        "notify": bool(number and form["notify"]),
    }
    if not form["topic"]:
        form.wrong("topic", "register.topic_wrong")
    told = {name: form.maybe(name) for name in _OPTIONAL} | {"address": number, "case": case}
    body |= {name: value for name, value in told.items() if value}
    return body | (_answer(form) if answered else {})


def number_of(form: Form) -> str | None:
    """The number in E.164; none typed is None, and so is a wrong one, which is noted."""
    typed = form["number"].strip()
    number = parse_msisdn(typed) if typed else None
    if typed and number is None:
        form.wrong("number", "register.number_wrong")
    return number


def is_own(form: Form, case: Mapping[str, Any]) -> bool:
    """Whether this very form made the case, when it is sent twice: taken down since the page was shown."""
    taken_down = case["channel"] in {Channel.PHONE, Channel.IN_PERSON}
    return taken_down and bool(form["shown_at"]) and str(case["opened_at"]) >= form["shown_at"][:19]


def _answer(form: Form) -> dict[str, object]:
    answer = form.maybe("answer")
    if answer is None:
        form.wrong("answer", "register.answer_missing")
        return {}
    told = {"answer": form.text("answer", most=_LONGEST_ANSWER), "close": bool(form["close"])}
    number = form["answer_number"]
    made_from = {"answer_id": form["answer_id"], "answer_number": int(number)} if number.isdecimal() else {}
    return told | made_from
