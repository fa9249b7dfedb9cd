"""What the portal tells everybody, in both languages, from one moment to another."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import structlog

from case_store.cursors import Position
from case_store.errors import NotFoundError, StateError
from case_store.handlers.action import demand_version
from case_store.model import Showing
from case_store.repository import announcements, audit
from case_store.repository.database import Database, Transaction
from case_store.staffing import Actor, Right

_NO_SUCH: Final = "no announcement has this id"
_log = structlog.get_logger()


class Announcements:
    """Written by staff, shown by the portal; none is ever deleted, so that what was told can be looked up."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def shown(self) -> list[dict[str, Any]]:
        """What is told now: the important first."""
        now = datetime.now(UTC)
        async with self._database.reading() as tx:
            rows = await announcements.shown_at(tx, now)
        return [_standing(row, now) for row in rows]

    async def page(self, after: Position | None, limit: int) -> list[dict[str, Any]]:
        """All of them, the latest beginning first: those to come before those that are over."""
        now = datetime.now(UTC)
        async with self._database.reading() as tx:
            rows = await announcements.page(tx, after, limit)
        return [_standing(row, now) for row in rows]

    async def find(self, announcement_id: UUID) -> dict[str, Any]:
        """One of them.

        Raises:
            NotFoundError: there is none.
        """
        async with self._database.reading() as tx:
            row = await announcements.find(tx, announcement_id)
        if row is None:
            raise NotFoundError(_NO_SUCH)
        return _standing(row, datetime.now(UTC))

    async def write(self, actor: Actor, fields: Mapping[str, Any]) -> UUID:
        """A new one; it is shown by itself from its moment on."""
        actor.demand(Right.ANNOUNCE)
        now, announcement_id = datetime.now(UTC), uuid4()
        written = {"id": announcement_id, "written_by": actor.name, "written_at": now}
        async with self._database.transaction() as tx:
            await announcements.add(tx, {**fields, **written})
            await _record(tx, actor, "announcement_written", announcement_id, now)
        return announcement_id

    async def change(
        self, actor: Actor, announcement_id: UUID, fields: Mapping[str, Any], version: int | None
    ) -> None:
        """Say it otherwise, or at another time; what is left out stays.

        Raises:
            NotFoundError: there is none.
            StateError: it would end before it begins, or be half in English.
            VersionMismatchError: it is not the one that the caller read.
        """
        actor.demand(Right.ANNOUNCE)
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            row = await _held(tx, announcement_id, version)
            changed = {name: value for name, value in fields.items() if row[name] != value}
            if not changed:
                return
            _demand_sense({**row, **changed})
            await announcements.change(
                tx, announcement_id, {**changed, "changed_by": actor.name, "changed_at": now}
            )
            told = {"fields": sorted(changed)}
            await _record(tx, actor, "announcement_changed", announcement_id, now, told)

    async def end(self, actor: Actor, announcement_id: UUID, version: int | None) -> None:
        """Show it no more, from now on; one that has not begun never begins. Ending twice changes nothing.

        Raises:
            NotFoundError: there is none.
            VersionMismatchError: it is not the one that the caller read.
        """
        actor.demand(Right.ANNOUNCE)
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            row = await _held(tx, announcement_id, version)
            if _showing(row, now) is Showing.ENDED:
                return
            ended = {"shown_until": max(now, row["shown_from"]), "changed_by": actor.name, "changed_at": now}
            await announcements.change(tx, announcement_id, ended)
            await _record(tx, actor, "announcement_ended", announcement_id, now)


async def _held(tx: Transaction, announcement_id: UUID, version: int | None) -> dict[str, Any]:
    row = await announcements.lock(tx, announcement_id)
    if row is None:
        raise NotFoundError(_NO_SUCH)
    demand_version(row["version"], version)
    return row


def _demand_sense(row: Mapping[str, Any]) -> None:
    message = None
    if row["shown_until"] is not None and row["shown_until"] < row["shown_from"]:
        message = "until must not be before from"
    elif (row["title_en"] is None) != (row["body_en"] is None):
        message = "title_en and body_en go together"
    if message:
        raise StateError(message)


def _showing(row: Mapping[str, Any], now: datetime) -> Showing:
    begins, until = row["shown_from"], row["shown_until"]
    if until is not None and until <= max(now, begins):
        return Showing.ENDED
    return Showing.COMING if now < begins else Showing.SHOWN


def _standing(row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {**row, "showing": _showing(row, now)}


async def _record(
    tx: Transaction,
    actor: Actor,
    action: str,
    announcement_id: UUID,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    await audit.record(tx, actor, action, f"announcement:{announcement_id}", now, detail or {})
    _log.info(action, announcement_id=str(announcement_id))
