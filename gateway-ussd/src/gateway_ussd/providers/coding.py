"""How a text goes over the air: GSM-7 where every letter is in it, else UCS-2."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Final, NamedTuple

import gsm0338

from gateway_ussd.providers.fields import unreadable

_GSM: Final = gsm0338.Codec()
_ESCAPE: Final = "\x1b"


class Alphabet(StrEnum):
    """What a text is written in."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


class Coded(NamedTuple):
    """A text as octets: of GSM-7 one to a septet, of UCS-2 two to a unit, the higher first."""

    alphabet: Alphabet
    octets: bytes


def coded(text: str) -> Coded:
    """The smaller coding that loses nothing."""
    # The codec takes a bare ESC for a letter; on the air it would turn the next one into another.
    if _ESCAPE not in text:
        with suppress(UnicodeEncodeError):
            return Coded(Alphabet.GSM7, _GSM.encode(text)[0])
    return Coded(Alphabet.UCS2, text.encode("utf-16-be", "replace"))


def octets(text: str) -> bytes:
    """UTF-8 for the forms that carry text as text; half a surrogate pair becomes a question mark."""
    return text.encode(errors="replace")


def _gsm7(raw: bytes) -> str:
    decoded: str = _GSM.decode(raw)[0]
    return decoded


_DECODERS: Final[Mapping[int, Callable[[bytes], str]]] = {
    0x00: _gsm7,
    0x01: lambda raw: raw.decode("ascii"),
    0x03: lambda raw: raw.decode("latin-1"),
    0x04: lambda raw: raw.decode("utf-8"),
    0x08: lambda raw: raw.decode("utf-16-be"),
    0x0F: _gsm7,
    0x44: lambda raw: raw.decode("utf-8"),
    0x48: lambda raw: raw.decode("utf-16-be"),
}
"""By SMPP's data_coding, and by the CBS values that some put in its place."""


def decoded(raw: bytes, data_coding: int) -> str:
    """What a person typed, as SMPP carries it.

    Raises:
        UnreadableError: a coding that is not known, or octets that are not in it.
    """
    decode = _DECODERS.get(data_coding)
    if decode is None:
        unreadable("data_coding", "is not one that is known")
    try:
        return decode(raw)
    except UnicodeError:
        unreadable("short_message", "is not in its data_coding")
