"""A text of any length becomes screens that fit: cut at words, with the keys that lead on.

160 octets go over the air (3GPP 23.038): 160 septets in GSM-7 with room to spare, 80 characters in
UCS-2, of which 70 are used, because some phones and gateways take no more.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Protocol

GSM_ROOM: Final = 160
"""Septets of a page in the GSM alphabet."""
UCS2_ROOM: Final = 70
"""UTF-16 code units of any other page."""
LONGEST_PIECE: Final = 28
"""Units of the longest line or word that is never cut: beside the keys (20) and a hint (20) it fits in 70."""
LONGEST_LINE: Final = 70
"""The same in the GSM alphabet."""

_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = "\f^{}\\[~]|€"
_GSM: Final = re.compile(f"[{re.escape(_BASIC + _EXTENSION)}]*")
_TWO_SEPTETS: Final = re.compile(f"[{re.escape(_EXTENSION)}]")
_TWO_UNITS: Final = re.compile("[\U00010000-\U0010ffff]")
_ELLIPSIS: Final = "…"
_DOTS: Final = ".."


class Piece(NamedTuple):
    """What is not cut any further."""

    text: str
    joint: str
    """What stands between it and the piece before it on a page: a space, a line break or nothing."""


class Page(NamedTuple):
    """What stands on one screen."""

    text: str
    following: int | None
    """The piece that the next page begins with; None on the last one."""


class Ways(Protocol):
    """The keys under a page."""

    def __call__(self, start: int, *, more: bool) -> str:
        """Their line, for a page that begins with this piece and has another page behind it, or not."""
        ...


def is_gsm(text: str) -> bool:
    """Whether it goes over the air in the GSM alphabet."""
    return _GSM.fullmatch(text) is not None


def units(text: str, *, gsm: bool) -> int:
    """Its length: septets in the GSM alphabet, UTF-16 code units else."""
    if text.isascii() and not gsm:
        return len(text)
    return len(text) + len((_TWO_SEPTETS if gsm else _TWO_UNITS).findall(text))


def fits(text: str) -> bool:
    """Whether it is one screen."""
    gsm = is_gsm(text)
    return units(text, gsm=gsm) <= (GSM_ROOM if gsm else UCS2_ROOM)


def flowing(text: str) -> list[Piece]:
    """Words, each with the space or the line break before it; a word beyond all measure is cut."""
    return list(_words(text))


def line(text: str, *, gsm: bool) -> Piece:
    """One line that stays whole; beyond all measure its end is cut off, and that is shown.

    `gsm` says whether the whole screen goes in the GSM alphabet: its lines may then be longer.
    """
    words = " ".join(text.split())
    longest = LONGEST_LINE if gsm else LONGEST_PIECE
    if units(words, gsm=gsm) <= longest:
        return Piece(words, "\n")
    mark = _DOTS if gsm else _ELLIPSIS
    first = next(_chunks(words, longest - len(mark), gsm=gsm))
    shorter = first.rpartition(" ")[0]
    return Piece((shorter if len(shorter) > len(first) // 2 else first) + mark, "\n")


def page(pieces: Sequence[Piece], start: int, ways: Ways, prefix: str = "") -> Page:
    """As many pieces from `start` on as fit beside the keys; at least one, and always within the room."""
    gsm = is_gsm(prefix) and is_gsm(ways(start, more=True)) and all(is_gsm(piece.text) for piece in pieces)
    rest, whole = pieces[start:], ways(start, more=False)
    text = _under(prefix, _joined(rest), whole)
    if _room(gsm=gsm) >= units(text, gsm=gsm):
        return Page(text, None)
    keys = ways(start, more=True)
    room = _room(gsm=gsm) - units(_under(prefix, "", keys), gsm=gsm) - (1 if prefix or keys else 0)
    taken = _taken(rest, room, gsm=gsm)
    if taken == 0 and prefix:
        return page(pieces, start, ways)
    return Page(_under(prefix, _joined(rest[:taken]), keys), start + taken)


def starts(pieces: Sequence[Piece], ways: Ways) -> Iterator[int]:
    """Where each page begins."""
    start: int | None = 0
    while start is not None:
        yield start
        start = page(pieces, start, ways).following


def _room(*, gsm: bool) -> int:
    return GSM_ROOM if gsm else UCS2_ROOM


def _under(*blocks: str) -> str:
    return "\n".join(block for block in blocks if block)


def _joined(pieces: Sequence[Piece]) -> str:
    return "".join(
        piece.text if place == 0 else piece.joint + piece.text for place, piece in enumerate(pieces)
    )


def _taken(pieces: Sequence[Piece], room: int, *, gsm: bool) -> int:
    used = 0
    for place, piece in enumerate(pieces):
        used += units(piece.text, gsm=gsm) + (len(piece.joint) if place else 0)
        if used > room:
            return place
    return len(pieces)


def _words(text: str) -> Iterator[Piece]:
    for row in filter(None, (row.split() for row in text.splitlines())):
        joint = "\n"
        for word in row:
            if units(word, gsm=False) <= LONGEST_PIECE:
                yield Piece(word, joint)
            else:
                for chunk in _chunks(word, LONGEST_PIECE, gsm=False):
                    yield Piece(chunk, joint)
                    joint = ""
            joint = " "


def _chunks(text: str, room: int, *, gsm: bool) -> Iterator[str]:
    start = used = 0
    for place, character in enumerate(text):
        width = units(character, gsm=gsm)
        if used + width > room:
            yield text[start:place]
            start, used = place, 0
        used += width
    yield text[start:]
