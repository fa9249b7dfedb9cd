"""The clocks of invented cases, set as the store's own calendar and allowances say."""

from typing import Final

from case_store.model import AllowanceUnit, Tier
from case_store.seeding.life import Life
from case_store.seeding.moments import at
from case_store.seeding.rows import ClockRow
from case_store.worktime.allowances import Matter, Terms
from case_store.worktime.calendar import EVERYWHERE
from case_store.worktime.deadlines import Deadline, deadline
from case_store.worktime.timekeeping import Timekeeping
from envelope.taxonomy import SECTION_OF

_HALF_HOUR: Final = 1800
"""Midnight in Tehran and the hours of offices fall on one."""


class Deadlines:
    """What the store's working time comes to for a life."""

    def __init__(self, timekeeping: Timekeeping) -> None:
        """Take the working time in force."""
        self._timekeeping = timekeeping
        self._found: dict[tuple[int, Terms, tuple[int, int]], Deadline] = {}

    def clock(  # noqa: PLR0913  (what decides a clock)
        self,
        clock_id: str,
        case_id: str,
        life: Life,
        province: str | None,
        *,
        started: int,
        tier: Tier = Tier.AGENT,
        referral_id: str | None = None,
    ) -> ClockRow:
        """A clock that began at one moment, as its warnings left it."""
        matter = Matter(SECTION_OF[life.topic], life.topic, life.kind, life.channel)
        terms = self._timekeeping.terms(tier, matter)
        opened = at(life.opened)
        found = self._deadline(province, terms, life, started)
        seen = life.until if life.answered is None else life.answered
        return ClockRow(
            clock_id, case_id, referral_id, tier, life.desk, province or EVERYWHERE, terms.allowance,
            terms.unit, terms.warn_share, opened, at(started), at(found.warn), at(found.due),
            self._timekeeping.version, at(found.warn) if found.warn < seen else None,
            at(found.due) if found.due < seen else None, None if life.answered is None else at(life.answered),
        )  # fmt: skip

    def _deadline(self, province: str | None, terms: Terms, life: Life, started: int) -> Deadline:
        """Of decided cases one for all that came in the same half hour: nobody waits for these any more."""
        line = self._timekeeping.line(province, life.opened)
        if life.answered is None or terms.unit is not AllowanceUnit.WORKING_DAYS:
            return deadline(line, terms, life.opened, started)
        half_hours = (life.opened // _HALF_HOUR, started // _HALF_HOUR)
        found = self._found.get((id(line), terms, half_hours))
        if found is None:
            opened, began = half_hours
            found = deadline(line, terms, opened * _HALF_HOUR, began * _HALF_HOUR)
            self._found[id(line), terms, half_hours] = found
        return found
