"""A webhook's fields, however they were sent: query, form or JSON, keys in any case.

Texts come out as they went in: only what is not Unicode at all is replaced, and counted.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote_to_bytes

from gateway_sms.errors import FieldError, UnknownMediaTypeError, UnreadableRequestError
from gateway_sms.metrics import UNDECODABLE

_MOST_FIELDS: Final = 64
_LONGEST_TOKEN: Final = 64
_FORMS: Final = frozenset({"", "application/x-www-form-urlencoded", "text/plain"})

Fields = Mapping[str, str]


def read_fields(query: bytes, media_type: str, body: bytes) -> Fields:
    """Every field by its name in lower case; a field of the body wins over one of the query.

    Raises:
        UnreadableRequestError: neither a form nor a JSON object.
    """
    fields: dict[str, str] = {}
    if query:
        fields.update(_form(query))
    if body:
        fields.update(_body(media_type.partition(";")[0].strip().lower(), body))
    return fields


def token(fields: Fields, *names: str) -> str:
    """A short field without which a webhook means nothing (an id, a number), by any of its names.

    Raises:
        FieldError: missing, empty, too long, or holding what cannot be shown.
    """
    for name in names:
        value = fields.get(name, "").strip()
        if value:
            if len(value) > _LONGEST_TOKEN or not value.isprintable():
                raise FieldError(names[0], "is not a short line of characters")
            return value
    raise FieldError(names[0], "is missing")


def _body(media_type: str, body: bytes) -> Iterator[tuple[str, str]]:
    if media_type.endswith("json") or (media_type in _FORMS and body[:1] == b"{"):
        return _json(body)
    if media_type not in _FORMS:
        message = "the body must be a form or JSON"
        raise UnknownMediaTypeError(message)
    return _form(body)


def _form(encoded: bytes) -> Iterator[tuple[str, str]]:
    """As `urllib.parse.parse_qsl`, in two thirds of its time: this is the hot path of a busy day."""
    if encoded.count(b"&") >= _MOST_FIELDS:
        message = "the form has too many fields"
        raise UnreadableRequestError(message)
    for pair in encoded.split(b"&"):
        name, _, value = pair.partition(b"=")
        yield _unquoted(name).lower(), _unquoted(value)


def _unquoted(encoded: bytes) -> str:
    raw = unquote_to_bytes(encoded.replace(b"+", b" "))
    try:
        return raw.decode()
    except UnicodeDecodeError:
        UNDECODABLE.inc()
        return raw.decode(errors="replace")


def _json(body: bytes) -> Iterator[tuple[str, str]]:
    try:
        parsed = json.loads(_decoded(body))
    except (ValueError, RecursionError):
        message = "the body is not JSON"
        raise UnreadableRequestError(message) from None
    if not isinstance(parsed, dict) or len(parsed) > _MOST_FIELDS:
        message = "the body is not a JSON object of fields"
        raise UnreadableRequestError(message)
    return ((name.lower(), text) for name, value in parsed.items() if (text := _text(value)) is not None)


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        UNDECODABLE.inc()
        return body.decode("utf-8-sig", errors="replace")


def _text(value: object) -> str | None:
    """Strings and whole numbers; anything else is no field of ours and counts as missing."""
    if isinstance(value, str):
        if value.isascii():
            return value
        # JSON can write half a surrogate pair, which is no character and would not pass as UTF-8.
        whole = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", errors="replace")
        if whole != value:
            UNDECODABLE.inc()
        return whole
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None
