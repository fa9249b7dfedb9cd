"""How much time each tier has for what: the table of operational-level agreements, and which row speaks.

The most specific row of the tier wins. A channel says more than a topic, a topic more than a kind, a kind
more than a section: a voice message's two working days are not lost to a row for its topic, unless that row
names the channel too. Where no row fits, the law's own ceiling is the allowance.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple
from uuid import UUID

from case_store.model import AllowanceUnit, Case, Tier

LAW_WORKING_DAYS: Final = 10
"""By-law of the freedom-of-information act, articles 4 and 13: a constant, for no table may lift it."""
MOST_DAYS: Final = 365
MOST_MINUTES: Final = 100_000
"""Larger allowances are refused where they are entered; the law cuts most of them anyway."""


class Terms(NamedTuple):
    """What a clock is set to."""

    allowance: int
    unit: AllowanceUnit
    warn_share: float
    """Of the working time until the deadline, when the warning comes."""


class Matter(NamedTuple):
    """What decides a case's allowance."""

    section: str
    topic: str
    kind: str
    channel: str


class Ola(NamedTuple):
    """One row of the table; None fits everything."""

    id: UUID
    tier: Tier
    section: str | None
    topic: str | None
    kind: str | None
    channel: str | None
    terms: Terms

    def fits(self, matter: Matter) -> bool:
        """Whether the row speaks of such a matter."""
        return all(
            mine is None or mine == theirs
            for mine, theirs in zip((self.section, self.topic, self.kind, self.channel), matter, strict=True)
        )

    @property
    def precision(self) -> tuple[bool, bool, bool, bool]:
        """Compared as a tuple: the more specific row is the greater."""
        return (
            self.channel is not None,
            self.topic is not None,
            self.kind is not None,
            self.section is not None,
        )


_LAW: Final = Terms(LAW_WORKING_DAYS, AllowanceUnit.WORKING_DAYS, 0.75)


class Allowances:
    """The active rows of the table, as they stood when it was read."""

    def __init__(self, olas: Iterable[Ola]) -> None:
        """Sort them, the most specific first; two that say the same differ by their ids."""
        by_precision = sorted(olas, key=lambda ola: (ola.precision, ola.id), reverse=True)
        self._of = {tier: [ola for ola in by_precision if ola.tier is tier] for tier in Tier}
        self._found: dict[tuple[Tier, Matter], Terms] = {}

    def terms(self, tier: Tier, matter: Matter) -> Terms:
        """What this tier has for such a matter."""
        found = self._found.get((tier, matter))
        if found is None:
            found = next((ola.terms for ola in self._of[tier] if ola.fits(matter)), _LAW)
            self._found[tier, matter] = found
        return found


def matter_of(case: Case) -> Matter:
    """What decides a case's allowance."""
    return Matter(case.section, case.topic, case.kind, case.channel)
