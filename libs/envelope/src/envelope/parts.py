"""How many parts a text takes as SMS, and what it costs, before it is sent.

One character outside GSM 03.38 (any Persian letter, a ZWNJ, an emoji) makes the whole message UCS-2.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

import gsm0338

_GSM: Final = gsm0338.Codec()
_ESCAPE: Final = 0x1B
_LAST_SINGLE: Final = "\uffff"
"""The last character of one UTF-16 code unit."""


class Encoding(StrEnum):
    """How the operator carries a text."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


class Parts(NamedTuple):
    """What a text takes: `units` are septets in GSM-7 and UTF-16 code units in UCS-2."""

    encoding: Encoding
    units: int
    parts: int


class Prices(NamedTuple):
    """Rial a part; in Iran a Persian part is the cheaper one."""

    persian: int
    latin: int


class _Size(NamedTuple):
    single: int
    joined: int


_SIZES: Final = {Encoding.GSM7: _Size(160, 153), Encoding.UCS2: _Size(70, 67)}


def estimate(text: str) -> Parts:
    """Encoding, units and parts of a text; an empty one still goes as one part."""
    septets = _gsm_widths(text)
    if septets is not None:
        return _counted(Encoding.GSM7, septets)
    return _counted(Encoding.UCS2, [2 if character > _LAST_SINGLE else 1 for character in text])


def cost_rial(parts: Parts, prices: Prices) -> int:
    """What the provider will charge, by the price table."""
    return parts.parts * (prices.persian if parts.encoding is Encoding.UCS2 else prices.latin)


def _counted(encoding: Encoding, widths: list[int]) -> Parts:
    units, size = sum(widths), _SIZES[encoding]
    return Parts(encoding, units, 1 if units <= size.single else _joined(widths, size.joined))


def _joined(widths: Iterable[int], capacity: int) -> int:
    """Filled in order: a character of two units that does not fit whole begins the next part."""
    parts, used = 1, 0
    for width in widths:
        used += width
        if used > capacity:
            parts, used = parts + 1, width
    return parts


def _gsm_widths(text: str) -> list[int] | None:
    """Septets a character, 2 in the extension table; None where the text is not GSM 03.38."""
    # The codec takes a bare ESC for a letter; on the air it would turn the next one into another.
    if chr(_ESCAPE) in text:
        return None
    try:
        encoded, _ = _GSM.encode(text)
    except UnicodeEncodeError:
        return None
    septets = iter(encoded)
    return [1 + (septet == _ESCAPE and next(septets) >= 0) for septet in septets]
