"""Invented people: names put together, numbers of a range without an operator."""

from typing import Final, NamedTuple

from case_store.identity import check_digit
from case_store.seeding.chance import digest
from case_store.seeding.words import Words

PREFIX: Final = "+98909"
"""Of every seeded number: mobile numbers in Iran do not begin so."""
MOST: Final = 10_000_000
"""So many numbers the prefix has."""
_OFFICE: Final = "999"
_STEP: Final = 6_180_339
"""Has no factor in common with ten million: numbers look scattered, and none comes twice."""
_NAMED: Final = 0.7
_IDENTIFIED: Final = 0.4


class Person(NamedTuple):
    """Somebody, by number."""

    id: str
    number: str
    """E.164."""
    name: str | None
    identity: int | None
    """What their national id is made from."""


def person_of(seed: int, person: int, words: Words) -> Person:
    """A person with what we know of them; of many not even the name."""
    drawn = digest(seed, "person", person)
    shares = [int.from_bytes(drawn[start : start + 4]) / 2**32 for start in range(16, 32, 4)]
    return Person(
        drawn[:16].hex(),
        f"{PREFIX}{(person * _STEP + 1_420) % MOST:07}",
        words.name(shares[0], shares[1]) if shares[2] < _NAMED else None,
        int.from_bytes(drawn[32:48]) if shares[3] < _IDENTIFIED else None,
    )


def national_id(drawn: int) -> str:
    """Ten digits with a right check digit."""
    body = f"{_OFFICE}{drawn % 1_000_000:06}"
    return f"{body}{check_digit(body)}"
