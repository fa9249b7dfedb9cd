"""What all cases of a batch share."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from case_store.seeding.crew import Crew
from case_store.seeding.deadlines import Deadlines
from case_store.seeding.plan import SeedPlan
from case_store.seeding.rows import Rows
from case_store.seeding.words import Words


@dataclass(frozen=True, slots=True)
class Stage:
    """The plan, where rows are gathered, the batch's own chance, and what to draw from."""

    plan: SeedPlan
    rows: Rows
    chance: Random
    ids: Iterator[str]
    words: Words
    crew: Crew
    deadlines: Deadlines
