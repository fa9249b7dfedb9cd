"""Weekly patterns at the desk: which hours are worked on which weekday, each from its own date."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from case_store.errors import NotFoundError, StateError
from case_store.handlers.action import demand_version
from case_store.handlers.clocks import Clocks
from case_store.handlers.editing import editing
from case_store.repository import worktime, worktime_edits
from case_store.repository.database import Database, Transaction
from case_store.staffing import Actor
from case_store.worktime.calendar import Calendar, Week
from persian.dates import tehran_date


class WorkingWeeks:
    """Everybody may read them, CONFIGURE changes them."""

    def __init__(self, database: Database, clocks: Clocks) -> None:
        """Take the collaborators."""
        self._database = database
        self._clocks = clocks

    async def all(self) -> Sequence[Mapping[str, Any]]:
        """Every pattern, a province's newest first."""
        async with self._database.transaction() as tx:
            return await worktime_edits.weeks(tx)

    async def put(
        self, actor: Actor, week: Week, *, week_id: UUID | None = None, version: int | None = None
    ) -> Mapping[str, Any]:
        """Add a pattern, or change the one with this id.

        Raises:
            NotFoundError: there is none with this id.
            StateError: the province has one from that day already, or none would be in force today.
        """
        new_id = week_id or uuid4()
        async with editing(
            self._database, self._clocks, actor, "working_week_set", f"working-week:{new_id}"
        ) as edit:
            before = await self._week(edit.tx, week_id, version) if week_id else None
            others = [row for row in await worktime_edits.weeks(edit.tx) if row["id"] != new_id]
            if any(_same(row, week) for row in others):
                message = "a pattern begins on that day already: change that one"
                raise StateError(message)
            row = {
                "province": week.province,
                "valid_from": week.valid_from,
                "intervals": worktime.days_of(week),
                "note": week.note,
                "entered_by": actor.name,
                "entered_at": edit.now,
            }
            await worktime_edits.put_week(edit.tx, new_id, row)
            await _demand_pattern(edit.tx)
            edit.detail = {
                "province": week.province,
                "valid_from": str(week.valid_from),
                "intervals": row["intervals"],
            }
            return {**row, "id": new_id, "version": before["version"] + 1 if before else 1}

    async def remove(self, actor: Actor, week_id: UUID, *, version: int | None) -> None:
        """Take a pattern away; the one before it holds on.

        Raises:
            NotFoundError: there is none with this id.
            StateError: no pattern would be in force today.
        """
        async with editing(
            self._database, self._clocks, actor, "working_week_removed", f"working-week:{week_id}"
        ) as edit:
            before = await self._week(edit.tx, week_id, version)
            await worktime_edits.remove_week(edit.tx, week_id)
            await _demand_pattern(edit.tx)
            edit.detail = {"province": before["province"], "valid_from": str(before["valid_from"])}

    async def _week(self, tx: Transaction, week_id: UUID, version: int | None) -> Mapping[str, Any]:
        found = await worktime_edits.find_week(tx, week_id)
        if found is None:
            message = "no weekly pattern has this id"
            raise NotFoundError(message)
        demand_version(found["version"], version)
        return found


def _same(row: Mapping[str, Any], week: Week) -> bool:
    return (row["province"], row["valid_from"]) == (week.province, week.valid_from)


async def _demand_pattern(tx: Transaction) -> None:
    """The country always has a pattern in force: without one every deadline would move for ever."""
    weeks = [worktime.week_of(row) for row in await worktime_edits.weeks(tx)]
    if Calendar(weeks).week(tehran_date(datetime.now(UTC))) is None:
        message = "the country needs a weekly pattern that is in force today"
        raise StateError(message)
