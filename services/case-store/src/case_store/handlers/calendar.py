"""The working calendar at the desk: what is worked when and why, and days entered at a day's notice."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from case_store.errors import NotFoundError, WorkingTimeError
from case_store.handlers.action import demand_version
from case_store.handlers.clocks import Clocks
from case_store.handlers.editing import Edit, editing
from case_store.repository import worktime_edits
from case_store.repository.database import Database
from case_store.staffing import Actor
from case_store.worktime.calendar import EVERYWHERE, Day
from case_store.worktime.hours import Hours, write_hours
from case_store.worktime.line import moment_of, seconds
from persian.dates import tehran_date

_LONGEST: Final = timedelta(days=400)
_FAR: Final = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether it is worked at a moment."""

    at: datetime
    open: bool
    until: datetime | None
    """When it closes, if it is open."""
    next_opening: datetime
    """The moment itself, if it is open."""
    day: Day


class WorkingCalendar:
    """Everybody may read it, CONFIGURE changes it."""

    def __init__(self, database: Database, clocks: Clocks) -> None:
        """Take the collaborators."""
        self._database = database
        self._clocks = clocks

    async def days(
        self, begin: date, end: date, province: str | None
    ) -> list[tuple[Day, Mapping[str, Any] | None]]:
        """Every day from one date to another, with the row that decided it where it was entered.

        Raises:
            WorkingTimeError: the dates are the wrong way round, or more than 400 days apart.
        """
        if not timedelta() <= end - begin <= _LONGEST:
            message = "ask for a day at least and for 400 at most"
            raise WorkingTimeError(message)
        await self._clocks.refresh()
        async with self._database.transaction() as tx:
            rows = await worktime_edits.entered(tx, begin, end)
        entered = {(row["day"], row["province"]): row for row in rows}
        of, calendar = province or EVERYWHERE, self._clocks.timekeeping.calendar
        wanted = [begin + timedelta(days=number) for number in range((end - begin).days + 1)]
        return [
            (calendar.day(day, of), entered.get((day, of)) or entered.get((day, EVERYWHERE)))
            for day in wanted
        ]

    async def standing(self, at: datetime | None, province: str | None) -> Standing:
        """Whether it is worked then, and when it is next.

        Raises:
            WorkingTimeError: more than two years from now.
        """
        now = datetime.now(UTC)
        at = at or now
        if abs(at - now) > _FAR:
            message = "ask for a moment within two years"
            raise WorkingTimeError(message)
        await self._clocks.refresh()
        keeping = self._clocks.timekeeping
        moment = seconds(at)
        line = keeping.line(province, moment)
        is_open = line.is_open(moment)
        return Standing(
            at=at,
            open=is_open,
            until=moment_of(line.closing(moment)) if is_open else None,
            next_opening=at if is_open else moment_of(line.next_opening(moment)),
            day=keeping.calendar.day(tehran_date(at), province or EVERYWHERE),
        )

    async def enter_day(
        self,
        actor: Actor,
        day: date,
        province: str | None,
        hours: Hours,
        reason: str,
        *,
        version: int | None,
    ) -> Mapping[str, Any]:
        """Say what is worked on a date, whatever holiday and pattern say; no hours is closed."""
        of = province or EVERYWHERE
        async with self._editing(actor, "calendar_day_entered", f"calendar:{day}") as edit:
            before = await worktime_edits.find_day(edit.tx, day, of)
            demand_version(before["version"] if before else 0, version)
            row = {
                "day": day,
                "province": of,
                "intervals": write_hours(hours) or None,
                "reason": reason,
                "entered_by": actor.name,
                "entered_at": edit.now,
            }
            await worktime_edits.put_day(edit.tx, row)
            edit.detail = {
                "province": of,
                "intervals": row["intervals"],
                "before": before and before["intervals"],
            }
            return {**row, "version": before["version"] + 1 if before else 1}

    async def remove_day(self, actor: Actor, day: date, province: str | None, *, version: int | None) -> None:
        """Let holiday and pattern speak again.

        Raises:
            NotFoundError: nothing was entered.
        """
        of = province or EVERYWHERE
        async with self._editing(actor, "calendar_day_removed", f"calendar:{day}") as edit:
            before = await worktime_edits.find_day(edit.tx, day, of)
            if before is None:
                message = "nothing was entered for this day"
                raise NotFoundError(message)
            demand_version(before["version"], version)
            await worktime_edits.remove_day(edit.tx, day, of)
            edit.detail = {"province": of, "before": before["intervals"]}

    def _editing(self, actor: Actor, action: str, subject: str) -> AbstractAsyncContextManager[Edit]:
        return editing(self._database, self._clocks, actor, action, subject)
