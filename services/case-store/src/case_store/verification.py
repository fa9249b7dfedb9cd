"""The code that makes an official reply verifiable: twelve letters and digits that nobody guesses.

Eleven are random (54 bits), the twelfth checks them: over an alphabet of 31, a prime, every wrong letter and
every swap of two letters is caught. Without 0, 1, I, L, O, which people read for each other.
"""

import re
import secrets
from typing import Final

from envelope.addresses import latin_digits

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH: Final = 12
_NOISE: Final = re.compile(r"[\s\-_.\u200c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_VALUE: Final = {letter: value for value, letter in enumerate(ALPHABET)}


def mint() -> str:
    """A new code; that it clashes with another is as unlikely as guessing one."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return body + _check(body)


def parse_verification(typed: str) -> str | None:
    """What a person typed, in small letters, with Persian digits, spaces or dashes → the code; else None."""
    code = _NOISE.sub("", latin_digits(typed)).upper()
    if len(code) != LENGTH or not _VALUE.keys() >= set(code):
        return None
    return code if _check(code[:-1]) == code[-1] else None


def spaced(code: str) -> str:
    """`K7QM93XDPRT4` → `K7QM-93XD-PRT4`: easier to read over and to type."""
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))


def _check(body: str) -> str:
    total = sum(weight * _VALUE[letter] for weight, letter in enumerate(body, 2))
    return ALPHABET[-total % len(ALPHABET)]
