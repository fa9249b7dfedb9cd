"""Telling partners: what is due is given out under a lease, and what comes back says whether to try again."""

import random
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import structlog

from case_store import metrics
from case_store.handlers.signing_secrets import SigningSecrets
from case_store.handlers.submissions import delivered
from case_store.repository import endpoints, tellings
from case_store.repository.database import Database, Transaction
from case_store.repository.tellings import Settled
from case_store.schemas.webhooks import DeliveryState, Result, WebhookType
from case_store.staffing import Actor, Right

_PAUSES: Final = (
    timedelta(seconds=5),
    *(timedelta(minutes=minutes) for minutes in (5, 30)),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""After each failure; after the last of these tries it is dead: three days and some hours in all."""
_JITTER: Final = 0.2
_LONGEST_PAUSE: Final = timedelta(days=1)
_ATTEMPTS_KEPT: Final = 50
_KEPT: Final[Mapping[DeliveryState, timedelta]] = {
    DeliveryState.DELIVERED: timedelta(days=30),
    DeliveryState.DEAD: timedelta(days=90),
}
_FORGOTTEN_AT_ONCE: Final = 5_000
_log = structlog.get_logger()


class Telling:
    """Design promise 4 for other services: at least once, for days; its secrets are sealed at rest."""

    def __init__(self, database: Database, secrets: SigningSecrets) -> None:
        """Take the collaborators."""
        self._database = database
        self._secrets = secrets

    async def claim(self, actor: Actor, limit: int, lease: timedelta) -> list[dict[str, Any]]:
        """What is due now, for whoever posts it; what is not reported within the lease is given out again."""
        actor.demand(Right.SPEAK_FOR_PARTNERS)
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            rows = await tellings.claim(tx, now, limit, now + lease)
        work = [{**row, "secrets": self._good_secrets(row, now), "event": _event(row)} for row in rows]
        return [each for each in work if each["secrets"]]

    async def report(self, actor: Actor, results: Sequence[Result]) -> None:
        """How tries went; what is said of an older attempt, or of one that was settled, changes nothing.

        Raises:
            ConflictError: another process held the same; report again.
        """
        actor.demand(Right.SPEAK_FOR_PARTNERS)
        now, by_id = datetime.now(UTC), {result.delivery_id: result for result in results}
        gone = any(result.status == HTTPStatus.GONE for result in results)
        async with self._database.transaction() as tx:
            rows = [
                row
                for row in await tellings.hold(tx, by_id.keys(), endpoints=gone)
                if row["leased"] and row["attempt"] == by_id[row["id"]].attempt
            ]
            settled = [settled_by(row, by_id[row["id"]], now) for row in rows]
            await tellings.settle(tx, settled)
            await self._ended(tx, {row["webhook_id"] for row in rows if _gone(by_id[row["id"]])}, now)
            for row in rows:
                answered = row["type"] == WebhookType.ANSWERED and row["case_id"] is not None
                if answered and _taken(by_id[row["id"]]):
                    await delivered(tx, row["partner_id"], row["case_id"], now, until=row["occurred_at"])
        for each in settled:
            metrics.WEBHOOKS.labels("again" if each.state is DeliveryState.PENDING else each.state).inc()

    async def forget(self) -> None:
        """Let go of what was settled long ago; called now and then."""
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            await tellings.give_up_orphans(tx, now)
        for state, kept in _KEPT.items():
            deleted = _FORGOTTEN_AT_ONCE
            while deleted == _FORGOTTEN_AT_ONCE:
                async with self._database.transaction() as tx:
                    deleted = await tellings.forget(tx, state, now - kept, _FORGOTTEN_AT_ONCE)

    async def _ended(self, tx: Transaction, webhook_ids: Collection[UUID], now: datetime) -> None:
        if not webhook_ids:
            return
        ended = await endpoints.end(tx, {*webhook_ids})
        await tellings.give_up(tx, [*webhook_ids], now)
        for endpoint in ended:
            _log.warning("webhook_gone", webhook_id=str(endpoint["id"]), partner=endpoint["partner_id"])

    def _good_secrets(self, row: Mapping[str, Any], now: datetime) -> list[str]:
        """Those that sign now, the newest first; none if they were sealed with another key."""
        sealed = [row["secret"]]
        if row["old_secret_until"] is not None and now < row["old_secret_until"]:
            sealed.append(row["old_secret"])
        opened = [self._secrets.unseal(each, row["webhook_id"]) for each in sealed]
        if opened[0] is None:
            _log.error("webhook_secret_unreadable", webhook_id=str(row["webhook_id"]))
            return []
        return [secret for secret in opened if secret is not None]


def settled_by(row: Mapping[str, Any], result: Result, now: datetime) -> Settled:
    """What a delivery comes to by the result of its attempt; `row` is as it is kept."""
    told = {"at": now.isoformat(), "status": result.status, "error": result.error}
    attempts = [*row["attempts"], {**told, "milliseconds": result.milliseconds}][-_ATTEMPTS_KEPT:]
    if _taken(result):
        return Settled(row["id"], DeliveryState.DELIVERED, None, now, row["failures"], attempts)
    failures = row["failures"] + 1
    if row["state"] != DeliveryState.PENDING or _gone(result) or failures > len(_PAUSES):
        settled_at = row["settled_at"] or now
        return Settled(row["id"], DeliveryState.DEAD, None, settled_at, failures, attempts)
    next_at = now + pause_after(failures, result.retry_after)
    return Settled(row["id"], DeliveryState.PENDING, next_at, None, failures, attempts)


def pause_after(failures: int, retry_after: int | None) -> timedelta:
    """How long to wait after so many failures in a row; longer if the receiver asked, a day at most."""
    pause = _PAUSES[failures - 1] * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  (no secret)
    asked = timedelta(seconds=min(retry_after or 0, _LONGEST_PAUSE.total_seconds()))
    return max(pause, asked)


def _taken(result: Result) -> bool:
    return result.status is not None and HTTPStatus(200) <= result.status < HTTPStatus.MULTIPLE_CHOICES


def _gone(result: Result) -> bool:
    return result.status == HTTPStatus.GONE


def _event(row: Mapping[str, Any]) -> dict[str, Any]:
    """As CloudEvents say; thin: whoever wants to know more asks for the case."""
    data = {name: row[name] for name in ("tracking_code", "reference", "occurred_at", "sandbox")}
    return {
        "id": row["event_id"],
        "type": row["type"],
        "subject": row["tracking_code"],
        "time": row["occurred_at"],
        "data": {**data, "state": row["standing"]},
    }
