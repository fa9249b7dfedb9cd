"""The national id (کد ملی): ten digits of which the last checks the others. Pure.

Many write theirs without its leading zeros, so eight and nine digits are filled up from the left. Ten times
the same digit passes the check and is nobody's.
"""

import re
from typing import Final

from envelope.addresses import latin_digits

_DIGITS: Final = 10
_MODULUS: Final = 11
_NOISE: Final = re.compile(r"[\s\-.\u200c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TYPED: Final = re.compile(r"[0-9]{8,10}")


def parse_national_id(typed: str) -> str | None:
    """`۱۳۵۴۲۴۱۹`, `001354241-9` → `0013542419`; None where it cannot be one."""
    compact = _NOISE.sub("", latin_digits(typed))
    if not _TYPED.fullmatch(compact):
        return None
    national_id = compact.zfill(_DIGITS)
    if len(set(national_id)) == 1 or int(national_id[-1]) != check_digit(national_id[:-1]):
        return None
    return national_id


def masked(national_id: str) -> str:
    """`0013542419` → `•••••••419`: enough to compare with a card in hand, too little to look somebody up."""
    return "•" * (len(national_id) - 3) + national_id[-3:]


def masked_number(address: str) -> str:
    """`+989121230001` → `+98912***0001`; of an account its first two letters."""
    return f"{address[:6]}***{address[-4:]}" if address.startswith("+") else f"{address[:2]}***"


def check_digit(nine: str) -> int:
    """What the tenth digit must be."""
    weighed = zip(nine, range(_DIGITS, 1, -1), strict=True)
    total = sum(int(digit) * weight for digit, weight in weighed)
    rest = total % _MODULUS
    return rest if rest < 2 else _MODULUS - rest  # noqa: PLR2004  (as the law of the number says)
