"""What is pressed for an option: the same on every page and in every tongue, so that it can be dialled."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

LONGEST_OPTIONS: Final = 89
"""A list of more than seven counts from 11 on, and 99 is the last."""
FEW: Final = 7
"""Options that are counted from 1 on: 8, 9 and 0 are keys."""


def number_of(place: int, options: int) -> str:
    """What is pressed for an option: 1 to 7, or 11 and on in a list of more.

    The same on every page and in every tongue, so that it can be dialled.
    """
    return str(place + (1 if options <= FEW else 11))


@lru_cache
def numbers_of(options: int) -> Mapping[str, int]:
    """The place of each option by what is pressed for it."""
    return {number_of(place, options): place for place in range(options)}
