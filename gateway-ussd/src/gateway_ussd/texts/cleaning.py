"""What came from outside, made harmless: nothing that a phone, JSON or a database cannot hold."""

import re
from typing import Final

from envelope.addresses import latin_digits

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_INVISIBLE: Final = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def cleaned(text: str) -> str:
    """Without control characters, lone surrogates and space around it; words stay as they are."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def keyed(text: str) -> str:
    """What was pressed, for comparison: ASCII digits, no space and no invisible mark."""
    return _INVISIBLE.sub("", latin_digits(cleaned(text)))
