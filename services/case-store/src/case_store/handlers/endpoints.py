"""Where partners want to be told: endpoints set up, changed and tried, and the log of their deliveries."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import structlog

from case_store.cursors import Position
from case_store.errors import NotFoundError, StateError
from case_store.handlers.action import demand_version
from case_store.handlers.partners import known
from case_store.handlers.signing_secrets import SigningSecrets
from case_store.model import dated
from case_store.repository import audit, endpoints, partners, tellings, webhooks
from case_store.repository.database import Database, Transaction
from case_store.schemas.webhooks import DeliveryState, EndpointState
from case_store.staffing import Actor, Right

_MOST: Final = 20
_OLD_SECRET_SIGNS: Final = timedelta(hours=24)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Whose:
    """Of which partner, and perhaps of which world alone."""

    partner_id: str
    sandbox: bool | None = None
    """Whoever speaks for a sandbox key sees the sandbox, and nothing else; the other way round as well."""


@dataclass(frozen=True, slots=True)
class _Held:
    """An endpoint while it is worked on."""

    tx: Transaction
    before: Mapping[str, Any]
    now: datetime


class Endpoints:
    """Every change is written down; a secret is told once."""

    def __init__(self, database: Database, secrets: SigningSecrets) -> None:
        """Take the collaborators."""
        self._database = database
        self._secrets = secrets

    async def all(self, actor: Actor, whose: Whose) -> list[dict[str, Any]]:
        """A partner's, the oldest first.

        Raises:
            NotFoundError: no such partner.
        """
        actor.demand(Right.MANAGE_PARTNERS)
        async with self._database.reading() as tx:
            await known(tx, whose.partner_id, datetime.now(UTC))
            return await endpoints.of_partner(tx, whose.partner_id, sandbox=whose.sandbox)

    async def find(self, actor: Actor, whose: Whose, webhook_id: UUID) -> Mapping[str, Any]:
        """One.

        Raises:
            NotFoundError: the partner has no such endpoint in this world; so for every method here.
        """
        actor.demand(Right.MANAGE_PARTNERS)
        async with self._database.reading() as tx:
            return await _found(tx, whose, webhook_id)

    async def make(self, actor: Actor, partner_id: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """A new one, with its secret, told this once.

        Raises:
            NotFoundError: no such partner.
            StateError: it has as many as one may have.
        """
        actor.demand(Right.MANAGE_PARTNERS)
        now, webhook_id, secret = datetime.now(UTC), uuid4(), self._secrets.make()
        whose = Whose(partner_id)
        async with self._database.transaction() as tx:
            await partners.hold(tx, partner_id)
            await known(tx, partner_id, now)
            if len(await endpoints.of_partner(tx, partner_id, sandbox=None)) >= _MOST:
                message = f"a partner has {_MOST} endpoints at most"
                raise StateError(message)
            fields = {
                **given,
                "id": webhook_id,
                "partner_id": partner_id,
                "secret": self._secrets.seal(secret, webhook_id),
                "created_at": now,
                "created_by": actor.name,
            }
            await endpoints.add(tx, fields)
            made = await _found(tx, whose, webhook_id)
            await _record(tx, actor, "webhook_made", made, now, types=made["types"], sandbox=made["sandbox"])
        _log.info("webhook_made", webhook_id=str(webhook_id), partner=partner_id)
        return {**made, "secret": secret}

    async def change(
        self,
        actor: Actor,
        whose: Whose,
        webhook_id: UUID,
        changes: Mapping[str, Any],
        version: int | None,
    ) -> Mapping[str, Any]:
        """Change one; what waits for one that is disabled is dead.

        Raises:
            VersionMismatchError: it is not the one that the caller read.
        """
        async with self._holding(actor, whose, webhook_id) as held:
            demand_version(held.before["version"], version)
            changed = {name: value for name, value in changes.items() if held.before[name] != value}
            if not changed:
                return held.before
            await endpoints.change(held.tx, webhook_id, changed)
            if changed.get("state") == EndpointState.DISABLED:
                await tellings.give_up(held.tx, [webhook_id], held.now)
            detail = {name: "changed" if name == "url" else value for name, value in changed.items()}
            after = await _found(held.tx, whose, webhook_id)
            await _record(held.tx, actor, "webhook_changed", after, held.now, **detail)
            return after

    async def remove(self, actor: Actor, whose: Whose, webhook_id: UUID) -> None:
        """Take one away, with its log."""
        async with self._holding(actor, whose, webhook_id) as held:
            await endpoints.remove(held.tx, webhook_id)
            await _record(held.tx, actor, "webhook_removed", held.before, held.now)
        _log.info("webhook_removed", webhook_id=str(webhook_id), partner=whose.partner_id)

    async def renew_secret(self, actor: Actor, whose: Whose, webhook_id: UUID) -> Mapping[str, Any]:
        """Another secret, told this once; the one before signs too for a day, the one before that no more."""
        secret = self._secrets.make()
        async with self._holding(actor, whose, webhook_id) as held:
            sealed = self._secrets.seal(secret, webhook_id)
            await endpoints.renew(held.tx, webhook_id, sealed, held.now + _OLD_SECRET_SIGNS)
            after = await _found(held.tx, whose, webhook_id)
            await _record(held.tx, actor, "webhook_secret_renewed", after, held.now)
        return {**after, "secret": secret}

    async def test(self, actor: Actor, whose: Whose, webhook_id: UUID) -> Mapping[str, Any]:
        """Try it: an event that tells of nothing → its delivery.

        Raises:
            StateError: it is told nothing.
        """
        async with self._holding(actor, whose, webhook_id) as held:
            _demand_active(held.before)
            delivery_id = dated(uuid4(), held.now)
            await webhooks.tell_test(held.tx, delivery_id, webhook_id, held.now)
            delivery = await tellings.find(held.tx, webhook_id, delivery_id) or {}
            await _record(held.tx, actor, "webhook_tested", held.before, held.now)
        return delivery

    async def log(
        self,
        actor: Actor,
        whose: Whose,
        webhook_id: UUID,
        *,
        state: DeliveryState | None,
        after: Position | None,
        limit: int,
    ) -> list[dict[str, Any]]:
        """What it was told and is to be told, the newest first."""
        actor.demand(Right.MANAGE_PARTNERS)
        async with self._database.reading() as tx:
            await _found(tx, whose, webhook_id)
            return await tellings.log(tx, webhook_id, state, after, limit)

    async def replay(
        self, actor: Actor, whose: Whose, webhook_id: UUID, delivery_id: UUID
    ) -> Mapping[str, Any]:
        """Tell it again, under the event's own id, with every try before it again.

        Raises:
            NotFoundError: it has no such delivery.
            StateError: it is told nothing, or this delivery is under way.
        """
        async with self._holding(actor, whose, webhook_id) as held:
            _demand_active(held.before)
            delivery = await tellings.find(held.tx, webhook_id, delivery_id)
            if delivery is None:
                message = "the endpoint has no such delivery"
                raise NotFoundError(message)
            if delivery["leased"] and delivery["next_at"] and delivery["next_at"] > held.now:
                message = "this delivery is under way"
                raise StateError(message)
            again = await tellings.replay(held.tx, delivery_id, held.now)
            await _record(held.tx, actor, "webhook_replayed", held.before, held.now, delivery=delivery_id)
        _log.info("webhook_replayed", delivery_id=str(delivery_id), partner=whose.partner_id)
        return again

    @asynccontextmanager
    async def _holding(self, actor: Actor, whose: Whose, webhook_id: UUID) -> AsyncIterator[_Held]:
        actor.demand(Right.MANAGE_PARTNERS)
        async with self._database.transaction() as tx:
            before = await _found(tx, whose, webhook_id, hold=True)
            yield _Held(tx, before, datetime.now(UTC))


async def _found(tx: Transaction, whose: Whose, webhook_id: UUID, *, hold: bool = False) -> dict[str, Any]:
    found = await endpoints.find(tx, whose.partner_id, webhook_id, sandbox=whose.sandbox, hold=hold)
    if found is None:
        message = "the partner has no such endpoint"
        raise NotFoundError(message)
    return found


def _demand_active(endpoint: Mapping[str, Any]) -> None:
    if endpoint["state"] != EndpointState.ACTIVE:
        message = "this endpoint is told nothing; make it active first"
        raise StateError(message)


async def _record(
    tx: Transaction,
    actor: Actor,
    action: str,
    endpoint: Mapping[str, Any],
    now: datetime,
    **detail: object,
) -> None:
    """Into the audit; never the address, which may hold a secret of the partner's."""
    told = {"partner": endpoint["partner_id"], **detail}
    await audit.record(tx, actor, action, f"webhook:{endpoint['id']}", now, told)
