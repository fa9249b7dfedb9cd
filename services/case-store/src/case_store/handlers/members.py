"""The staff as it is administered: employ, change, let go, help back in. One administrator always stays."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from pydantic import SecretStr

from case_store.errors import StateError
from case_store.handlers.accounts import NO_SECOND_FACTOR
from case_store.handlers.action import demand_version
from case_store.handlers.passwords import Passwords, made_up
from case_store.handlers.sessions import Sessions
from case_store.handlers.sign_in import spelt, whole
from case_store.repository import audit, members, organisation, sessions
from case_store.repository.database import Database, Transaction
from case_store.staffing import Actor, Right, Role, service

_OWN: Final = frozenset({"language"})
"""What everybody may change in their own account."""
_FIRST_ROLES: Final = (Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AGENT)
_log = structlog.get_logger()


class Members:
    """Rights come from roles, and roles from somebody with MANAGE_STAFF; every change is written down."""

    def __init__(self, database: Database, passwords: Passwords, running: Sessions) -> None:
        """Take the collaborators."""
        self._database = database
        self._passwords = passwords
        self._sessions = running

    async def page(
        self, actor: Actor, *, unit: str | None, role: Role | None, active: bool | None
    ) -> list[dict[str, Any]]:
        """Everybody who matches: whom a case can be given to, or a question put to."""
        if not actor.may(Right.MANAGE_STAFF):
            actor.demand(Right.READ)
        async with self._database.transaction() as tx:
            return await members.page(tx, unit=unit, role=role, active=active)

    async def find(self, actor: Actor, staff_id: UUID) -> Mapping[str, Any]:
        """One whole: oneself, or anybody for whoever manages staff."""
        if staff_id != actor.staff_id:
            actor.demand(Right.MANAGE_STAFF)
        async with self._database.transaction() as tx:
            return await whole(tx, staff_id)

    async def employ(self, actor: Actor, given: Mapping[str, Any]) -> tuple[Mapping[str, Any], str | None]:
        """Somebody new → them, and their password to be told once and changed at the first sign-in.

        Whoever signs in by single sign-on gets none.

        Raises:
            StateError: the user name is taken, or there is no such unit.
        """
        actor.demand(Right.MANAGE_STAFF)
        now, staff_id = datetime.now(UTC), uuid4()
        fields = {**given, "id": staff_id, "username": spelt(given["username"]), "created_at": now}
        units = fields.pop("units")
        password = None if fields.get("sso_subject") else made_up()
        if password is not None:
            fields |= {"password_hash": await self._passwords.hash(password), "must_change_password": True}
        async with self._database.transaction() as tx:
            if await members.taken(tx, fields["username"]):
                message = "this user name is taken"
                raise StateError(message)
            await _demand_units(tx, units)
            await members.add(tx, fields, units)
            detail = {"roles": sorted(fields["roles"]), "units": sorted(units)}
            await audit.record(tx, actor, "staff_employed", f"staff:{staff_id}", now, detail)
            employed = await whole(tx, staff_id)
        _log.info("staff_employed", staff_id=str(staff_id))
        return employed, password

    async def change(
        self, actor: Actor, staff_id: UUID, changes: Mapping[str, Any], version: int | None
    ) -> Mapping[str, Any]:
        """Change somebody; their own language is everybody's to change. Whoever is let go is signed out.

        Raises:
            StateError: nobody would be left to administer, or there is no such unit.
        """
        if staff_id != actor.staff_id or not changes.keys() <= _OWN:
            actor.demand(Right.MANAGE_STAFF)
        now, fields = datetime.now(UTC), {name: value for name, value in changes.items() if name != "units"}
        async with self._database.transaction() as tx:
            await _keep_an_administrator(tx, staff_id, changes)
            await members.proof_of(tx, staff_id)  # held, so that the version is still this one when we write
            before = await whole(tx, staff_id)
            demand_version(before["version"], version)
            if "units" in changes:
                await _demand_units(tx, changes["units"])
                await members.move(tx, staff_id, changes["units"])
            await members.change(tx, staff_id, fields)
            if changes.get("active") is False:
                await sessions.end_all(tx, staff_id, now)
            detail = {name: _told(name, value) for name, value in changes.items()}
            await audit.record(tx, actor, "staff_changed", f"staff:{staff_id}", now, detail)
            after = await whole(tx, staff_id)
        self._sessions.distrust_member(staff_id)
        return after

    async def reset_password(self, actor: Actor, staff_id: UUID, *, second_factor: bool) -> str:
        """Help somebody back in: a password to be told once; they are signed out, and unlocked.

        With `second_factor` the phone that was lost is forgotten as well.

        Raises:
            StateError: one's own is changed with the current one, not reset.
        """
        actor.demand(Right.MANAGE_STAFF)
        if staff_id == actor.staff_id:
            message = "change your own password with the current one"
            raise StateError(message)
        password, now = made_up(), datetime.now(UTC)
        fields = {"password_hash": await self._passwords.hash(password), "must_change_password": True}
        fields |= {"failed_logins": 0, "locked_until": None}
        if second_factor:
            fields |= dict(NO_SECOND_FACTOR)
        async with self._database.transaction() as tx:
            await whole(tx, staff_id)
            await members.change(tx, staff_id, fields)
            await sessions.end_all(tx, staff_id, now)
            detail = {"second_factor_removed": second_factor}
            await audit.record(tx, actor, "password_reset", f"staff:{staff_id}", now, detail)
        self._sessions.distrust_member(staff_id)
        return password

    async def unlock(self, actor: Actor, staff_id: UUID) -> None:
        """Forget the wrong guesses."""
        actor.demand(Right.MANAGE_STAFF)
        async with self._database.transaction() as tx:
            await whole(tx, staff_id)
            await members.change(tx, staff_id, {"failed_logins": 0, "locked_until": None})
            await audit.record(tx, actor, "staff_unlocked", f"staff:{staff_id}", datetime.now(UTC), {})

    async def sign_out(self, actor: Actor, staff_id: UUID) -> int:
        """End all of somebody's sessions → how many."""
        actor.demand(Right.MANAGE_STAFF)
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            await whole(tx, staff_id)
            ended = await sessions.end_all(tx, staff_id, now)
            detail = {"sessions": len(ended)}
            await audit.record(tx, actor, "staff_signed_out", f"staff:{staff_id}", now, detail)
        self._sessions.distrust_member(staff_id)
        return len(ended)

    async def first(self, username: str, password: SecretStr) -> None:
        """Make the first administrator, if there is nobody at all; several processes may try at once."""
        async with self._database.transaction() as tx:
            if not await members.nobody_yet(tx):
                return
            kept = await self._passwords.hash(password.get_secret_value())
            now, staff_id = datetime.now(UTC), uuid4()
            units = [row["id"] for row in await organisation.units(tx) if row["kind"] == "section"]
            fields = {"id": staff_id, "username": spelt(username), "name": username, "created_at": now}
            fields |= {"roles": list(_FIRST_ROLES), "password_hash": kept}
            await members.add(tx, fields, units)
            detail = {"roles": sorted(_FIRST_ROLES), "units": sorted(units)}
            await audit.record(tx, service("payam"), "staff_employed", f"staff:{staff_id}", now, detail)
        _log.info("first_administrator_made", staff_id=str(staff_id))


async def _demand_units(tx: Transaction, units: Collection[str]) -> None:
    if set(units) - await organisation.known_units(tx, list(units)):
        message = "there is no such unit, or it works no more"
        raise StateError(message)


async def _keep_an_administrator(tx: Transaction, staff_id: UUID, changes: Mapping[str, Any]) -> None:
    """Two who let each other go at once wait for each other here: the second one finds nobody else."""
    stays = Role.ADMINISTRATOR in changes.get("roles", [Role.ADMINISTRATOR]) and changes.get("active", True)
    if stays:
        return
    left = await members.administrators(tx)
    if list(left) == [staff_id]:
        message = "nobody would be left to administer"
        raise StateError(message)


def _told(name: str, value: object) -> object:
    """For the audit: names of people stay out of it."""
    return value if name in {"roles", "units", "active", "language"} else "changed"
