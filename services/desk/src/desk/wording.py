"""Standard answers as they are typed and told: the form of a version, and what changed between two. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from desk.compare import Piece, compared
from desk.forms import Form
from desk.reading.days import typed_day
from desk.typed import typed_date

_LONGEST: Final = 900
"""Characters that go as one message."""
_LONGEST_TITLE: Final = 120


def read_answer(form: Form) -> dict[str, object]:
    """The body of a new answer with its first version."""
    told = {"topic": form.text("topic"), "kind": form.maybe("kind"), "shortcut": form.maybe("shortcut")}
    return told | read_version(form)


def read_version(form: Form) -> dict[str, object]:
    """What a version is made of; an end before its beginning is noted."""
    since, until = form.read("valid_from", typed_date), form.read("valid_to", typed_date)
    if since and until and until < since:
        form.wrong("valid_to", "answers.valid_order")
    return {
        "title": form.text("title", most=_LONGEST_TITLE),
        "text": form.text("text", most=_LONGEST),
        "language": form["language"] or "fa",
        "valid_from": since.isoformat() if since else None,
        "valid_to": until.isoformat() if until else None,
    }


def typed_of(answer: Mapping[str, Any], language: str) -> dict[str, str]:
    """The newest version as one would type it."""
    newest = max(answer["versions"], key=lambda version: version["number"])
    told = {name: str(newest[name] or "") for name in ("title", "text", "language")}
    days = {name: typed_day(newest[name], language) for name in ("valid_from", "valid_to")}
    return {**told, **days, "version": str(answer["version"])}


def changes(versions: Sequence[Mapping[str, Any]]) -> dict[int, list[Piece]]:
    """By number: what a version changed in the text of the one before it."""
    texts = {version["number"]: version["text"] for version in versions}
    return {
        number: compared(texts[number - 1], text) for number, text in texts.items() if number - 1 in texts
    }
