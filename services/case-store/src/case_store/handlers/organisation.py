"""Units and the desks that are theirs: read from the defaults once, edited by administrators from then on."""

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import structlog
import yaml

from case_store.errors import NotFoundError, StateError
from case_store.handlers.action import demand_version
from case_store.model import UnitKind
from case_store.repository import audit, organisation
from case_store.repository.database import Database, Transaction
from case_store.staffing import Actor, Right

_log = structlog.get_logger()


class Organisation:
    """Everybody reads it, CONFIGURE changes it."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def load_defaults(self) -> None:
        """Fill an empty database with the units and desks that ship with the service."""
        shipped = yaml.safe_load((files("case_store") / "defaults" / "organisation.yaml").read_text("utf-8"))
        async with self._database.transaction() as tx:
            loaded = await organisation.load(tx, shipped["units"], shipped["desks"])
        if loaded:
            _log.info("organisation_loaded", units=len(shipped["units"]), desks=len(shipped["desks"]))

    async def units(self) -> list[dict[str, Any]]:
        """Every unit."""
        async with self._database.transaction() as tx:
            return await organisation.units(tx)

    async def desks(self) -> list[dict[str, Any]]:
        """Every desk, in the order in which it is shown."""
        async with self._database.transaction() as tx:
            return await organisation.desks(tx)

    async def put_unit(
        self, actor: Actor, unit_id: str, fields: Mapping[str, Any], version: int | None
    ) -> Mapping[str, Any]:
        """Make a unit or change it.

        Raises:
            StateError: it has desks, so it must stay a section that works.
            VersionMismatchError: it is not the one that the caller read.
        """
        actor.demand(Right.CONFIGURE)
        async with self._database.transaction() as tx:
            before = await organisation.find_unit(tx, unit_id)
            demand_version(before["version"] if before else 0, version)
            works = fields["kind"] == UnitKind.SECTION and fields["active"]
            if not works and await organisation.desks_of(tx, unit_id):
                message = "it has desks: it stays a section that works until they are another unit's"
                raise StateError(message)
            await organisation.put_unit(tx, unit_id, fields)
            await self._tell(tx, actor, f"unit:{unit_id}", made=before is None)
            return await organisation.find_unit(tx, unit_id) or {}

    async def put_desk(
        self, actor: Actor, desk_id: str, fields: Mapping[str, Any], version: int | None
    ) -> Mapping[str, Any]:
        """Make a desk or change it.

        Raises:
            StateError: its unit is no section that works.
            VersionMismatchError: it is not the one that the caller read.
        """
        actor.demand(Right.CONFIGURE)
        async with self._database.transaction() as tx:
            unit = await organisation.find_unit(tx, fields["unit_id"])
            if unit is None or unit["kind"] != UnitKind.SECTION or not unit["active"]:
                message = "a desk belongs to a section that works"
                raise StateError(message)
            before = await organisation.find_desk(tx, desk_id)
            demand_version(before["version"] if before else 0, version)
            await organisation.put_desk(tx, desk_id, fields)
            await self._tell(tx, actor, f"desk:{desk_id}", made=before is None)
            return await organisation.find_desk(tx, desk_id) or {}

    async def unit(self, unit_id: str) -> Mapping[str, Any]:
        """One unit."""
        async with self._database.transaction() as tx:
            found = await organisation.find_unit(tx, unit_id)
        if found is None:
            message = "no unit has this id"
            raise NotFoundError(message)
        return found

    async def _tell(self, tx: Transaction, actor: Actor, subject: str, *, made: bool) -> None:
        kind = subject.split(":", 1)[0]
        action = f"{kind}_{'made' if made else 'changed'}"
        await audit.record(tx, actor, action, subject, datetime.now(UTC), {})
        _log.info(action, subject=subject)
