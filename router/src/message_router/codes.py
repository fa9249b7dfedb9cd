"""Tracking codes that a person cites: in a field of their own or anywhere in the text.

A chain of digit groups, one space or one dash apart, is read as a whole: a code is never cut out of
a phone or card number, and two numbers that happen to stand side by side are not glued together.
"""

import re
from typing import Final

from envelope import tracking

_LENGTH: Final = 10
_CHAIN: Final = re.compile(r"[0-9]+(?:[ -][0-9]+)*")
_ENOUGH: Final = re.compile(r"[0-9][0-9 -]{8}")
_GROUPINGS: Final = frozenset(
    {
        (3, 3, 4),
        (4, 3, 3),
        (3, 4, 3),
        (5, 5),
        (4, 4, 2),
        (4, 2, 4),
        (2, 4, 4),
        (3, 3, 2, 2),
        (2, 2, 2, 2, 2),
    }
)
"""How people part ten digits; 4-6 and the like are rather a year, a price or a time beside a number."""


def cited_codes(normalized_text: str, refers_to: str | None = None) -> tuple[str, ...]:
    """The valid codes, `refers_to` first, in order, without repeats. Takes the normalised copy."""
    if _ENOUGH.search(normalized_text) is None:
        return () if refers_to is None else (refers_to,)
    found = [] if refers_to is None else [refers_to]
    for chain in _CHAIN.finditer(normalized_text):
        found += _codes_in(chain[0])
    return tuple(dict.fromkeys(found))


def _codes_in(chain: str) -> list[str]:
    groups = chain.replace("-", " ").split(" ")
    if tuple(map(len, groups)) in _GROUPINGS and not (" " in chain and "-" in chain):
        groups = ["".join(groups)]
    return [group for group in groups if len(group) == _LENGTH and tracking.is_valid(group)]
