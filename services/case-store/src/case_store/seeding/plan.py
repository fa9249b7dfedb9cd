"""What one seeding is to make: all that the story depends on, small enough to hand to every process."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from case_store.seeding.crew import Units

PEOPLE_IN_100: Final = 55
"""So many people a hundred cases: the others come again."""
UNDECIDED_IN_100: Final = 10
BATCH: Final = 4_000
"""Cases in one transaction; part of the story, because chance begins anew with each batch."""
PEOPLE_BATCH: Final = 20_000


@dataclass(frozen=True, slots=True)
class SeedPlan:
    """The size, the seed, the present, and where this seeding goes on from."""

    seed: int
    cases: int
    messages: int
    """From people; what was written to them comes on top."""
    until: datetime
    """The story's present."""
    people_before: int
    """Seeded people that are in the store already."""
    first_code: int
    """The first of twice as many leased sequence numbers as there are cases."""
    code_key: bytes
    """Of tracking codes."""
    units: Units

    @property
    def people(self) -> int:
        """How many people."""
        return people_until(self.cases)

    @property
    def undecided(self) -> int:
        """Cases that somebody still has to answer."""
        return self.cases * UNDECIDED_IN_100 // 100


def people_until(case: int) -> int:
    """How many people wrote the cases before this one."""
    return (case * PEOPLE_IN_100 + 99) // 100


def first_case_of(person: int) -> int:
    """The case by which somebody became known."""
    return person * 100 // PEOPLE_IN_100
