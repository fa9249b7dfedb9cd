"""Kavenegar's wire form: parameters of a call in, the `return`/`entries` envelope out."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from envelope.addresses import latin_digits, parse_msisdn
from simulator.errors import CallRefusedError
from simulator.results import MESSAGES, ResultCode

MAX_TEXT: Final = 900
MAX_ASKED: Final = 500
_LINE: Final = re.compile(r"(?:\+98|0098)?(\d{4,14})")
_TAG: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")
_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Answer(NamedTuple):
    """What a method gives back when it goes well."""

    entries: Any
    metadata: dict[str, str] | None = None
    delay: float = 0.0
    """Seconds that the answer lets one wait."""


def envelope(code: ResultCode, entries: object, metadata: dict[str, str] | None) -> dict[str, Any]:
    """The form of every answer."""
    body: dict[str, Any] = {"return": {"status": code.value, "message": MESSAGES[code]}, "entries": entries}
    if metadata is not None:
        body["metadata"] = metadata
    return body


def national(raw: str) -> str | None:
    """A receptor in any spelling that Kavenegar takes, as it writes it back: `0912…`, or `00…` abroad."""
    msisdn = parse_msisdn(raw)
    if msisdn is None:
        return None
    return "0" + msisdn[3:] if msisdn.startswith("+98") else "00" + msisdn[1:]


def receptor(raw: str) -> str:
    """A receptor, or 411."""
    number = national(raw)
    if number is None:
        raise CallRefusedError(ResultCode.BAD_RECEPTOR)
    return number


def line(raw: str) -> str:
    """`+9810001420`, `009810001420` and `10001420` are the same line; anything else is 412."""
    match = _LINE.fullmatch(latin_digits(raw).strip())
    if match is None:
        raise CallRefusedError(ResultCode.BAD_SENDER)
    return match[1]


def message_text(raw: str) -> str:
    """A text that may be sent: 413 when empty or too long, 422 with control characters."""
    if not raw.strip() or len(raw) > MAX_TEXT:
        raise CallRefusedError(ResultCode.BAD_MESSAGE)
    if _UNFIT.search(raw):
        raise CallRefusedError(ResultCode.BAD_CHARACTER)
    return raw


class Parameters:
    """A call's parameters, from query and form alike; names in any case."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Keep the last of each name."""
        self._values: Mapping[str, str] = {name.lower(): value for name, value in pairs}

    def __bool__(self) -> bool:
        """Whether anything was given."""
        return bool(self._values)

    def text(self, name: str) -> str | None:
        """An optional parameter; an empty one counts as not given."""
        return self._values.get(name) or None

    def present(self, name: str) -> str:
        """A parameter that may be empty but not missing (400)."""
        value = self._values.get(name)
        if value is None:
            raise CallRefusedError(ResultCode.INCOMPLETE)
        return value

    def required(self, name: str) -> str:
        """A mandatory one: 400 when it is missing, 406 when it is empty."""
        value = self.present(name)
        if not value.strip():
            raise CallRefusedError(ResultCode.EMPTY_PARAMETER)
        return value

    def listed(self, name: str) -> list[str]:
        """A mandatory comma list."""
        return [item.strip() for item in self.required(name).split(",") if item.strip()]

    def integer(self, name: str, code: ResultCode = ResultCode.INCOMPLETE) -> int | None:
        """An optional whole number, or the given refusal."""
        value = self.text(name)
        return None if value is None else whole(value, code)

    def flag(self, name: str) -> bool:
        """A mandatory 0 or 1."""
        value = self.required(name).strip()
        if value not in {"0", "1"}:
            raise CallRefusedError(ResultCode.INCOMPLETE)
        return value == "1"

    def array(self, name: str) -> list[str]:
        """A mandatory JSON array, given as a string."""
        try:
            items = json.loads(self.required(name))
        except ValueError:
            raise CallRefusedError(ResultCode.INCOMPLETE) from None
        if not isinstance(items, list) or not all(isinstance(item, str | int) for item in items):
            raise CallRefusedError(ResultCode.INCOMPLETE)
        return [str(item) for item in items]

    def ids(self, name: str) -> list[int]:
        """A mandatory comma list of at most 500 ids, or 414."""
        values = self.listed(name)
        if len(values) > MAX_ASKED:
            raise CallRefusedError(ResultCode.TOO_MANY_RECORDS)
        return [whole(value) for value in values]

    def tag(self) -> None:
        """Refuse a tag that could not exist in the panel."""
        tag = self.text("tag")
        if tag is not None and not _TAG.fullmatch(tag):
            raise CallRefusedError(ResultCode.BAD_TAG)


def whole(value: str, code: ResultCode = ResultCode.INCOMPLETE) -> int:
    """A whole number in any digits, or the given refusal."""
    try:
        return int(latin_digits(value))
    except ValueError:
        raise CallRefusedError(code) from None


def localids(values: Sequence[str] | None, count: int) -> Sequence[int | None]:
    """As many local ids as receptors, or none at all; otherwise 419."""
    if values is None:
        return [None] * count
    if len(values) != count:
        raise CallRefusedError(ResultCode.UNEQUAL_ARRAYS)
    return [whole(value) for value in values]
