"""The fields of a request, read once for every form: strict about what they are, silent about what they hold.

Names are found in any case, for operators do not agree with their own documents; an error spells them as the
document does.
"""

import json
import re
from collections.abc import Iterator, Mapping
from hmac import compare_digest
from typing import Final, NoReturn
from urllib.parse import unquote_to_bytes

from envelope.addresses import parse_msisdn
from gateway_ussd.errors import NotAuthenticError, UnreadableError
from gateway_ussd.providers.port import Received

Fields = Mapping[str, str]

LONGEST_TEXT: Final = 1_000
"""Characters that anybody could have typed on one screen, with room to spare."""
LONGEST_CHAIN: Final = 4_000
"""Characters of a whole session's inputs."""
_BODY: Final = "the body"
_UNDECODABLE: Final = "\ufffd"
_LONGEST_TOKEN: Final = 128
_LONGEST_NUMBER: Final = 32
_MOST_FIELDS: Final = 64
_MOBILE: Final = re.compile(r"\+989[0-9]{9}")
_NO_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffd]")


def fields_of(received: Received) -> Fields:
    """The query and a form in the body, by names in lower case; the body wins.

    Raises:
        UnreadableError: the body is no form.
    """
    fields = {name.lower(): value for name, value in received.query.items()}
    if received.body:
        fields.update(_form(received.body))
    return fields


def json_fields(body: bytes) -> Fields:
    """The texts and whole numbers of a JSON object, by names in lower case; what else is there is missing.

    Raises:
        UnreadableError: the body is no JSON object in UTF-8.
    """
    try:
        parsed = json.loads(utf8(body, _BODY))
    except (ValueError, RecursionError):
        unreadable(_BODY, "is not JSON")
    if not isinstance(parsed, dict) or len(parsed) > _MOST_FIELDS:
        unreadable(_BODY, "is not a JSON object of fields")
    return {
        name.lower(): str(value)
        for name, value in parsed.items()
        if isinstance(value, str | int) and not isinstance(value, bool)
    }


def utf8(octets: bytes, name: str) -> str:
    """Octets as text, without a byte order mark.

    Raises:
        UnreadableError: in another charset.
    """
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        unreadable(name, "is not UTF-8")


def token(fields: Fields, name: str) -> str:
    """A short word without which a request means nothing: an id, a code, a number.

    Raises:
        UnreadableError: missing, empty, too long, or not printable.
    """
    value = fields.get(name.lower(), "").strip()
    if not value:
        unreadable(name, "is missing")
    if len(value) > _LONGEST_TOKEN or not value.isprintable() or _UNDECODABLE in value:
        unreadable(name, "is not a short line of characters")
    return value


def text(fields: Fields, name: str, longest: int = LONGEST_TEXT) -> str:
    """What a person typed, unaltered; it may be empty.

    Raises:
        UnreadableError: missing, too long, or holding what nobody can type.
    """
    value = fields.get(name.lower())
    if value is None:
        unreadable(name, "is missing")
    if len(value) > longest:
        unreadable(name, f"is longer than {longest} characters")
    if _NO_TEXT.search(value):
        unreadable(name, "is not text in UTF-8")
    return value


def msisdn(fields: Fields, name: str) -> str:
    """An Iranian mobile in E.164: who dials on these operators has one.

    Raises:
        UnreadableError: missing, or another number.
    """
    raw = token(fields, name)
    number = parse_msisdn(raw) if len(raw) <= _LONGEST_NUMBER else None
    if number is None or not _MOBILE.fullmatch(number):
        unreadable(name, "is not a mobile number")
    return number


def check(given: str | None, wanted: str, name: str) -> None:
    """A credential, compared in constant time; none is asked for where `wanted` is empty.

    Raises:
        NotAuthenticError: missing or wrong.
    """
    if wanted and not compare_digest(_octets(given or ""), _octets(wanted)):
        message = f"{name} is missing or wrong"
        raise NotAuthenticError(message)


def unreadable(name: str, fault: str) -> NoReturn:
    """Refuse a request, naming what is wrong and never the value.

    Raises:
        UnreadableError: always.
    """
    # `from None`: what a parser raises shows what it could not read.
    message = f"{name} {fault}"
    raise UnreadableError(message) from None


def _octets(value: str) -> bytes:
    return value.encode(errors="surrogatepass")


def _form(body: bytes) -> Iterator[tuple[str, str]]:
    pairs = body.split(b"&", _MOST_FIELDS)
    if len(pairs) > _MOST_FIELDS:
        unreadable(_BODY, "has too many fields")
    for pair in pairs:
        name, _, value = pair.partition(b"=")
        yield _unquoted(name).lower(), _unquoted(value)


def _unquoted(quoted: bytes) -> str:
    """What is not UTF-8 is marked as such; it is refused where the field is read, which can name it."""
    plain = quoted.replace(b"+", b" ")
    # Most names and many values have nothing to unquote, and this is the hot path of a busy day.
    return (unquote_to_bytes(plain) if b"%" in plain else plain).decode(errors="replace")
