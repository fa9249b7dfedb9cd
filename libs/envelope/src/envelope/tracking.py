"""Tracking codes: ten digits that look random, never clash, and catch a slip of the finger.

Nine digits are a keyed permutation of a leased sequence number, so that two gateways never mint the
same code and nobody guesses the next; the tenth is Damm's check digit, which catches every wrong
digit and every swap of neighbours (H. M. Damm, 2004).
"""

import re
from hashlib import blake2b
from typing import Final

from envelope.addresses import latin_digits

CAPACITY: Final = 900_000_000
"""How many codes there are: the first digit is never 0, so that no spreadsheet eats it."""

_OFFSET: Final = 100_000_000
_HALF_BITS: Final = 15
_HALF_MASK: Final = (1 << _HALF_BITS) - 1
_ROUNDS: Final = 4
_SEPARATORS: Final = re.compile(r"[\s\-_.\u200c\u200e\u200f]+")
_CODE: Final = re.compile(r"[1-9][0-9]{9}")  # \d would match the digits of every script
_DAMM: Final = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def mint(sequence: int, key: bytes) -> str:
    """The code of a sequence number in `range(CAPACITY)`; one to one for one key."""
    if not 0 <= sequence < CAPACITY:
        message = f"sequence number out of range: {sequence}"
        raise ValueError(message)
    body = str(_OFFSET + _permute(sequence, key))
    return body + str(_check_digit(body))


def is_valid(code: str) -> bool:
    """Whether ten ASCII digits are a code that could have been minted."""
    return _CODE.fullmatch(code) is not None and _check_digit(code) == 0


def parse(typed: str) -> str | None:
    """What a person typed or read out, with Persian digits, spaces or dashes → the code; else None."""
    code = _SEPARATORS.sub("", latin_digits(typed))
    return code if is_valid(code) else None


def spaced(code: str) -> str:
    """`1234567890` → `123 456 7890`: easier to read over and to type."""
    return f"{code[:3]} {code[3:6]} {code[6:]}"


def _check_digit(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][ord(digit) - 48]
    return interim


def _permute(number: int, key: bytes) -> int:
    """A Feistel network over 30 bits, walked until it lands inside the domain (some 1.2 steps)."""
    while True:
        left, right = number >> _HALF_BITS, number & _HALF_MASK
        for round_number in range(_ROUNDS):
            mixed = blake2b(bytes((round_number, right >> 8, right & 0xFF)), key=key, digest_size=2)
            left, right = right, left ^ (int.from_bytes(mixed.digest()) & _HALF_MASK)
        number = left << _HALF_BITS | right
        if number < CAPACITY:
            return number
