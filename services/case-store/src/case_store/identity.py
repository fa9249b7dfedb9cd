"""The national id (کد ملی): ten digits of which the last checks the others. Pure.

Many write theirs without its leading zeros, so eight and nine digits are filled up from the left. Ten times
the same digit passes the check and is nobody's.

In a text one number of ten digits in eleven that is no national id looks like one, and is covered with them:
a dot too many is mended by asking, a number told is not. Sums of money and a case's own codes are spared.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate
from typing import Final

from envelope.addresses import latin_digits

_DIGITS: Final = 10
_ASCII_DIGITS: Final = frozenset("0123456789")
_MODULUS: Final = 11
_NOISE: Final = re.compile(r"[\s\-.\u200c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TYPED: Final = re.compile(r"[0-9]{8,10}")
_GROUP: Final = re.compile(r"[0-9]+")
_BETWEEN: Final = re.compile(_NOISE.pattern + "{0,3}")
"""What may stand inside a number that is written in groups."""
_HEARD: Final = re.compile(r"[،,] ")
"""What stands between digits beside it where a number is told one digit at a time, as it is read out."""
_MONEY: Final = re.compile(r"[\s\u200c]*(?:ریال|تومان|تومن|rials?\b|tomans?\b)", re.IGNORECASE)
_TAIL: Final = re.compile(rf"[0-9](?:(?:{_NOISE.pattern}{{0,3}}|{_HEARD.pattern})[0-9]){{3,9}}$")
"""Where a text was cut off: what may be the beginning of a number."""


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


def national_ids(text: str, spared: Collection[str] = ()) -> list[tuple[int, int]]:
    """Where in a text national ids stand, as `(start, end)`: in either digits, in one piece or in groups.

    Args:
        text: as somebody wrote it.
        spared: numbers of ten digits that are known to be something else.
    """
    found: list[tuple[int, int]] = []
    plain = latin_digits(text)
    groups = [group.span() for group in _GROUP.finditer(plain)]
    for place, (start, _) in enumerate(groups):
        if found and start < found[-1][1]:
            continue
        end = _end_of_id(plain, groups[place : place + _DIGITS], spared)
        if end is not None:
            found.append((start, end))
    return found


def covered(text: str, spared: Collection[str] = ()) -> str:
    """A text of the same length, its national ids dots but for their last three digits."""
    for start, end in national_ids(text, spared):
        text = f"{text[:start]}{_dotted(text[start:end], keep=3)}{text[end:]}"
    return text


def covered_beginning(text: str, spared: Collection[str] = ()) -> str:
    """The same for a text that was cut off: digits at its end may have been the beginning of one."""
    text = covered(text, spared)
    tail = _TAIL.search(latin_digits(text))
    return f"{text[: tail.start()]}{_dotted(tail[0])}" if tail and _digits(tail[0]) not in spared else text


def masked_number(address: str) -> str:
    """`+989121230001` → `+98912***0001`, also behind `word:`; of an account its first two letters."""
    word, _, number = address.rpartition(":")
    if not number.startswith("+"):
        return f"{address[:2]}***"
    masked_one = f"{number[:6]}***{number[-4:]}"
    return f"{word}:{masked_one}" if word else masked_one


def check_digit(nine: str) -> int:
    """What the tenth digit must be."""
    weighed = zip(nine, range(_DIGITS, 1, -1), strict=True)
    total = sum(int(digit) * weight for digit, weight in weighed)
    rest = total % _MODULUS
    return rest if rest < 2 else _MODULUS - rest  # noqa: PLR2004  (as the law of the number says)


def _end_of_id(plain: str, groups: Sequence[tuple[int, int]], spared: Collection[str]) -> int | None:
    """Where the national id ends that begins with the first group; None if none does."""
    start, end = groups[0]
    for last, digits in _joined(plain, groups):
        if len(digits) == _DIGITS and digits not in spared and parse_national_id(digits):
            return last
    alone = plain[start:end]
    is_one = len(alone) < _DIGITS and parse_national_id(alone) and not _MONEY.match(plain, end)
    return end if is_one else None


def _joined(plain: str, groups: Sequence[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """The first group, the first two, and so on, as far as nothing else stands between."""
    pieces = accumulate(plain[start:end] for start, end in groups)
    for place, digits in enumerate(pieces):
        _, end = groups[place]
        if place and not _one_number(plain, groups[place - 1], groups[place]):
            return
        yield end, digits


def _one_number(plain: str, before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Whether two groups may be of one number."""
    if _BETWEEN.fullmatch(plain, before[1], after[0]):
        return True
    told = before[1] - before[0] == after[1] - after[0] == 1
    return told and _HEARD.fullmatch(plain, before[1], after[0]) is not None


def _dotted(number: str, keep: int = 0) -> str:
    """Each digit a dot but for the last few; what parts them stays."""
    digits = [place for place, letter in enumerate(latin_digits(number)) if letter in _ASCII_DIGITS]
    hidden = {*digits[: len(digits) - keep]}
    return "".join("•" if place in hidden else letter for place, letter in enumerate(number))


def _digits(number: str) -> str:
    return "".join(letter for letter in latin_digits(number) if letter in _ASCII_DIGITS)
