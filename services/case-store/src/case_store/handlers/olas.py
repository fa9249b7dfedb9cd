"""The table of allowances at the desk: how much time each tier has for what."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from case_store.errors import NotFoundError, StateError
from case_store.handlers.action import demand_version
from case_store.handlers.clocks import Clocks
from case_store.handlers.editing import editing
from case_store.repository import worktime_edits
from case_store.repository.database import Database, Transaction
from case_store.staffing import Actor

_SAYS: Final = ("tier", "section", "topic", "kind", "channel")


class Olas:
    """Everybody may read them, CONFIGURE changes them."""

    def __init__(self, database: Database, clocks: Clocks) -> None:
        """Take the collaborators."""
        self._database = database
        self._clocks = clocks

    async def all(self) -> Sequence[Mapping[str, Any]]:
        """Every row, active or not."""
        async with self._database.transaction() as tx:
            return await worktime_edits.olas(tx)

    async def put(
        self,
        actor: Actor,
        row: Mapping[str, Any],
        *,
        ola_id: UUID | None = None,
        version: int | None = None,
    ) -> Mapping[str, Any]:
        """Add a row, or change the one with this id; `row` has every column but id and version.

        Raises:
            NotFoundError: there is none with this id.
            StateError: another active row speaks of the very same.
        """
        new_id = ola_id or uuid4()
        async with editing(self._database, self._clocks, actor, "ola_set", f"ola:{new_id}") as edit:
            before = await self._one(edit.tx, ola_id, version) if ola_id else None
            if row["active"] and await _spoken_of(edit.tx, row, new_id):
                message = "another active row speaks of the very same: change that one"
                raise StateError(message)
            await worktime_edits.put_ola(edit.tx, new_id, row)
            edit.detail = {**_told(row), "before": before and _told(before)}
            return {**row, "id": new_id, "version": before["version"] + 1 if before else 1}

    async def remove(self, actor: Actor, ola_id: UUID, *, version: int | None) -> None:
        """Take a row away; a less specific one speaks from now on, or the law.

        Raises:
            NotFoundError: there is none with this id.
        """
        async with editing(self._database, self._clocks, actor, "ola_removed", f"ola:{ola_id}") as edit:
            before = await self._one(edit.tx, ola_id, version)
            await worktime_edits.remove_ola(edit.tx, ola_id)
            edit.detail = {"before": _told(before)}

    async def _one(self, tx: Transaction, ola_id: UUID, version: int | None) -> Mapping[str, Any]:
        found = await worktime_edits.find_ola(tx, ola_id)
        if found is None:
            message = "no allowance has this id"
            raise NotFoundError(message)
        demand_version(found["version"], version)
        return found


async def _spoken_of(tx: Transaction, row: Mapping[str, Any], ola_id: UUID) -> bool:
    said = [row[name] for name in _SAYS]
    return any(
        other["active"] and other["id"] != ola_id and [other[name] for name in _SAYS] == said
        for other in await worktime_edits.olas(tx)
    )


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """For the audit: everything but the note, which is somebody's words."""
    return {name: row[name] for name in (*_SAYS, "allowance", "unit", "warn_share", "active")}
