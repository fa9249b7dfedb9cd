"""Other organisations' services: made, suspended, their keys given and taken back; all of it audited."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from pydantic import SecretStr

from case_store.errors import NotFoundError, StateError
from case_store.handlers.action import demand_version
from case_store.repository import audit, partners
from case_store.repository.database import Database, Transaction
from case_store.schemas.partners import Scope
from case_store.staffing import Actor, Right, service

_KEY_BYTES: Final = 32
_LIVE, _SANDBOX = "payam_live_", "payam_test_"
_HINT_LETTERS: Final = 4
_DEVELOPMENT: Final[Mapping[str, Any]] = {
    "id": "development",
    "name": "سرویس آزمایشی توسعه",
    "per_minute": 600,
    "per_day": 100_000,
}
_log = structlog.get_logger()


class Partners:
    """Who hands in for others, and by which keys; a key is told once and kept by its hash."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def book(self, actor: Actor) -> list[dict[str, Any]]:
        """Every active partner with the keys that are good now, by their hashes."""
        actor.demand(Right.SPEAK_FOR_PARTNERS)
        async with self._database.reading() as tx:
            rows = await partners.book(tx, datetime.now(UTC))
        book: dict[str, dict[str, Any]] = {}
        for row in rows:
            told = {name: row[name] for name in ("id", "name", "per_minute", "per_day")}
            keys = book.setdefault(row["id"], {**told, "keys": []})["keys"]
            if row["key_id"] is not None:
                keys.append({**row, "id": row["key_id"]})
        return [*book.values()]

    async def everybody(self, actor: Actor) -> list[dict[str, Any]]:
        """All of them, by name."""
        actor.demand(Right.MANAGE_PARTNERS)
        async with self._database.reading() as tx:
            return await partners.everybody(tx, datetime.now(UTC))

    async def find(self, actor: Actor, partner_id: str) -> Mapping[str, Any]:
        """One."""
        actor.demand(Right.MANAGE_PARTNERS)
        async with self._database.reading() as tx:
            return await known(tx, partner_id, datetime.now(UTC))

    async def make(self, actor: Actor, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """A new one; it can do nothing until it is given a key.

        Raises:
            StateError: the id is taken.
        """
        actor.demand(Right.MANAGE_PARTNERS)
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            if not await partners.make(tx, given, actor.name, now):
                message = "this id is taken"
                raise StateError(message)
            detail = {name: given[name] for name in ("per_minute", "per_day")}
            await audit.record(tx, actor, "partner_made", _subject(given["id"]), now, detail)
            made = await known(tx, given["id"], now)
        _log.info("partner_made", partner=given["id"])
        return made

    async def change(
        self, actor: Actor, partner_id: str, changes: Mapping[str, Any], version: int | None
    ) -> Mapping[str, Any]:
        """Change one; a suspended one's keys open nothing as soon as the gateway reads the book again.

        Raises:
            NotFoundError: there is none.
            VersionMismatchError: it is not the one that the caller read.
        """
        actor.demand(Right.MANAGE_PARTNERS)
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            held = await partners.hold(tx, partner_id)
            before = await known(tx, partner_id, now)
            demand_version(held or 0, version)
            changed = {name: value for name, value in changes.items() if before[name] != value}
            if not changed:
                return before
            await partners.change(tx, partner_id, changed)
            detail = {name: "changed" if name == "name" else value for name, value in changed.items()}
            await audit.record(tx, actor, "partner_changed", _subject(partner_id), now, detail)
            return await known(tx, partner_id, now)

    async def keys(self, actor: Actor, partner_id: str) -> list[dict[str, Any]]:
        """A partner's keys, the newest first."""
        actor.demand(Right.MANAGE_PARTNERS)
        now = datetime.now(UTC)
        async with self._database.reading() as tx:
            await known(tx, partner_id, now)
            return await partners.keys(tx, partner_id, now)

    async def give_key(self, actor: Actor, partner_id: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """A new key, told this once in `key`."""
        actor.demand(Right.MANAGE_PARTNERS)
        now = datetime.now(UTC)
        word = (_SANDBOX if given["sandbox"] else _LIVE) + secrets.token_urlsafe(_KEY_BYTES)
        async with self._database.transaction() as tx:
            await known(tx, partner_id, now)
            made = await _keep(tx, actor, partner_id, given, word, now)
        return {**made, "key": word}

    async def revoke(
        self, actor: Actor, partner_id: str, key_id: UUID, at: datetime | None
    ) -> Mapping[str, Any]:
        """Take a key back, now or later; one that has ended stays ended.

        Raises:
            NotFoundError: the partner has no such key.
            StateError: it was taken back for an earlier moment, which has passed.
        """
        actor.demand(Right.MANAGE_PARTNERS)
        now = datetime.now(UTC)
        ends = max(at or now, now)
        async with self._database.transaction() as tx:
            await partners.hold(tx, partner_id)
            key = await partners.find_key(tx, partner_id, key_id, now)
            if key is None:
                message = "the partner has no such key"
                raise NotFoundError(message)
            if key["revoked_at"] is not None and key["revoked_at"] <= now:
                if at is None:
                    return key
                message = "this key has been taken back already"
                raise StateError(message)
            await partners.revoke(tx, key_id, ends)
            detail = {"key": str(key_id), "at": ends.isoformat()}
            await audit.record(tx, actor, "partner_key_revoked", _subject(partner_id), now, detail)
            revoked = await partners.find_key(tx, partner_id, key_id, datetime.now(UTC))
        _log.info("partner_key_revoked", partner=partner_id, key_id=str(key_id))
        return revoked or {}

    async def first(self, key: SecretStr) -> None:
        """Make the developers' own partner with this key and every scope, if it is not there yet.

        Several processes may try at once.
        """
        actor, now, word = service("payam"), datetime.now(UTC), key.get_secret_value()
        async with self._database.transaction() as tx:
            if not await partners.make(tx, _DEVELOPMENT, actor.name, now):
                return
            given = {"label": "PARTNER_API_KEY", "scopes": [*Scope], "sandbox": False, "expires_at": None}
            await _keep(tx, actor, _DEVELOPMENT["id"], given, word, now)
        _log.info("first_partner_made", partner=_DEVELOPMENT["id"])


async def known(tx: Transaction, partner_id: str, now: datetime) -> dict[str, Any]:
    """A partner that is there.

    Raises:
        NotFoundError: it is not.
    """
    found = await partners.find(tx, partner_id, now)
    if found is None:
        message = "no partner has this id"
        raise NotFoundError(message)
    return found


async def _keep(
    tx: Transaction, actor: Actor, partner_id: str, given: Mapping[str, Any], word: str, now: datetime
) -> Mapping[str, Any]:
    """Keep the hash of a key, and write down that it was given; the key as it is shown."""
    key_id = uuid4()
    prefix = next((prefix for prefix in (_LIVE, _SANDBOX) if word.startswith(prefix)), "")
    fields = {
        **given,
        "id": key_id,
        "partner_id": partner_id,
        "hash": sha256(word.encode()).digest(),
        "hint": word[: len(prefix) + _HINT_LETTERS] + "…",
        "created_at": now,
        "created_by": actor.name,
    }
    await partners.add_key(tx, fields)
    made = await partners.find_key(tx, partner_id, key_id, now)
    detail = {"key": str(key_id), "scopes": [*given["scopes"]], "sandbox": given["sandbox"]}
    await audit.record(tx, actor, "partner_key_given", _subject(partner_id), now, detail)
    return made or {}


def _subject(partner_id: str) -> str:
    return f"partner:{partner_id}"
