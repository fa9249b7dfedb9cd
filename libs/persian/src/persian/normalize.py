"""One spelling for every way a person may type Persian: the normalised copy, for search and comparison.

The text as said is never altered; this copy is never shown. `design.md` calls it `normalized_text`.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

ZWNJ: Final = "\u200c"
"""The half-space that joins the parts of a Persian word."""

_LETTERS: Final[Mapping[str, str]] = {
    "ی": "يىېۍےئۓیێ",
    "ک": "كڪکګ",
    "ه": "ةۀەہھۂۃه",
    "ا": "أإٱآٲٳا",
    "و": "ؤۆۇۈو",
}
_PUNCTUATION: Final[Mapping[str, str]] = {
    "?": "؟⁇",
    ",": "،٬‚",
    ";": "؛",
    ".": "٫۔",
    "%": "٪",
    "*": "٭",
    '"': "«»“”„‟‹›",
    "'": "‘’‛`´",
    "-": "‐‑‒–—―−",
}
_DIGITS: Final[Mapping[str, str]] = {
    str(value): chr(0x06F0 + value) + chr(0x0660 + value) for value in range(10)
}
_LIGATURES: Final[Mapping[str, str]] = {"﷼": "ریال", "ﷲ": "الله", "…": "."}
_MARKS: Final = (
    *(range(0x0300, 0x0370), range(0x0610, 0x061B), range(0x064B, 0x0660)),
    *(range(0x06D6, 0x06DD), range(0x06DF, 0x06E5), range(0x06E7, 0x06E9), range(0x06EA, 0x06EE)),
)
_JUNK: Final = (
    *(0x00AD, 0x034F, 0x061C, 0x0621, 0x0640, 0x0670, 0x0674, 0x180E, 0x200B, 0x200D, 0x200E, 0x200F, 0xFEFF),
    *(*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10)),
)
_SPACES: Final = (
    *range(0x20),
    *range(0x7F, 0xA1),
    *range(0x2000, 0x200B),
    0x2028,
    0x2029,
    0x202F,
    0x205F,
    0x3000,
)


def _table() -> dict[int, int | str | None]:
    """Every common code point has an entry, its own where nothing changes: a miss costs an exception."""
    plain = (*range(0x0780), *range(0x2000, 0x2070))
    table: dict[int, int | str | None] = {
        code: ord(lower) for code in plain if len(lower := chr(code).lower()) == 1
    }
    for folds in (_LETTERS, _PUNCTUATION, _DIGITS):
        table |= {ord(variant): ord(ours) for ours, variants in folds.items() for variant in variants}
    table |= {ord(ligature): ours for ligature, ours in _LIGATURES.items()}
    table |= dict.fromkeys(_SPACES, ord(" "))
    table |= dict.fromkeys((code for span in _MARKS for code in span), None)
    return table | dict.fromkeys(_JUNK, None)


_TABLE: Final = _table()
_UNUSUAL: Final = re.compile(
    "[^\\s!-~\u0600-\u0674\u0679-\u06ff\u200b-\u200f\u2010-\u2015\u2018-\u201e«»\u2066-\u2069]"
)
_STRETCHED: Final = re.compile(r"(.)\1\1+")
_DOUBLED: Final = ("..", "!!", "??", ",,", "--", "**", "::", ";;")
_ZWNJS: Final = re.compile(f"{ZWNJ}++")
_STRAY_ZWNJ: Final = re.compile(f"{ZWNJ}(?:(?<![^\\W\\d_]{ZWNJ})|(?![^\\W\\d_]))")
_DROPPED: Final = re.compile(
    "["
    + "".join(chr(code) for code in range(0x10000) if unicodedata.category(chr(code)) in {"Mn", "Me", "Cs"})
    + "]"
)
"""Marks of every script and lone surrogates; of the basic plane only, which keeps the search fast."""

_MOST_ROUNDS: Final = 4
_REMEMBERED_TEXT: Final = 1_000


def normalize(text: str) -> str:
    """The normalised copy: idempotent, never raises, whatever the text holds.

    Persian letters for Arabic ones, ASCII digits, lower case, one space between words, one ZWNJ
    inside them, no marks or invisible characters, `سلامممم` as `سلام` and `!!!` as `!`.
    """
    fold = _remembered if len(text) <= _REMEMBERED_TEXT else _fold_word
    return " ".join(filter(None, map(fold, text.split())))


def _fold_word(word: str) -> str:
    if _UNUSUAL.search(word) is None:
        return _fold(word)
    return _fold_unusual(word)


_remembered = lru_cache(maxsize=16_384)(_fold_word)
"""Most words come again and again; what is longer than a message usually is must not fill the memory."""


def _fold(text: str) -> str:
    folded = text.translate(_TABLE)
    if _STRAY_ZWNJ.search(folded) is not None:
        folded = _ZWNJS.sub(_joint, folded)
    spaced = " ".join(folded.split())
    for marks in _DOUBLED:
        while marks in spaced:
            spaced = spaced.replace(marks, marks[0])
    if _STRETCHED.search(spaced) is None:
        return spaced
    return _STRETCHED.sub(_unstretched, spaced)


def _unstretched(found: re.Match[str]) -> str:
    """`سلامممم` is `سلام`; 1000000 stays what it is."""
    return found[0] if found[1].isdecimal() else found[1]


def _joint(found: re.Match[str]) -> str:
    """One ZWNJ between two letters; a space where it stands at the edge of a word or a number."""
    before = found.string[max(found.start() - 1, 0) : found.start()]
    after = found.string[found.end() : found.end() + 1]
    return ZWNJ if before.isalpha() and after.isalpha() else " "


def _fold_unusual(text: str) -> str:
    """Presentation forms, accents, emoji and stranger things: folded until nothing changes any more."""
    for _ in range(_MOST_ROUNDS):
        bare = _DROPPED.sub("", unicodedata.normalize("NFKD", text.lower()))
        folded = _fold(unicodedata.normalize("NFKC", bare))
        if folded == text:
            break
        text = folded
    return text
