"""Record what became of messages out: forward only, final is final, an orphan waits for its message."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from case_store import metrics
from case_store.deliveries import Delivery, advance
from case_store.repository import changes, deliveries
from case_store.repository.database import Database, Transaction
from envelope.models import DeliveryReport, DeliveryState

_ORPHANS_WAIT: Final = timedelta(days=2)
_log = structlog.get_logger()


class Deliveries:
    """Design promise 4, the way back."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def record(self, reports: Sequence[DeliveryReport]) -> None:
        """Keep a batch of reports and move their messages on."""
        async with self._database.transaction() as tx:
            kept = await deliveries.keep(tx, reports, datetime.now(UTC))
            ids = {report.provider_message_id for report in reports if report.provider_message_id}
            matched = await deliveries.match(tx, ids) if ids else []
            moved = await self._move(tx, {*kept.ids, *matched})
        metrics.REPORTS_ORPHANED.inc(max(kept.orphans - len(matched), 0))
        self._count(moved)

    async def match_orphans(self) -> None:
        """Match what two transactions at the same moment could not see of each other."""
        async with self._database.transaction() as tx:
            matched = await deliveries.match_recent(tx, datetime.now(UTC) - _ORPHANS_WAIT)
            moved = await self._move(tx, matched) if matched else []
        self._count(moved)

    async def _move(self, tx: Transaction, report_ids: Collection[UUID]) -> list[tuple[Delivery, Delivery]]:
        """Fold these reports into their messages; what each was and has become."""
        news = await deliveries.reports(tx, report_ids)
        before = await deliveries.lock(tx, {outbound_id for outbound_id, _ in news})
        after = dict(before)
        for outbound_id, report in news:
            if outbound_id in after:
                after[outbound_id] = advance(after[outbound_id], report)
        changed = [(before[key], after[key]) for key in after if after[key] != before[key]]
        await deliveries.write(tx, [delivery for _, delivery in changed])
        moved = [new.outbound_id for old, new in changed if new.state is not old.state]
        if moved:
            await changes.tell_of_deliveries(tx, moved)
        return changed

    def _count(self, moved: Sequence[tuple[Delivery, Delivery]]) -> None:
        for before, after in moved:
            if after.state is before.state:
                continue
            metrics.DELIVERIES.labels(after.state).inc()
            _log.info("delivery_moved", outbound_id=str(after.outbound_id), state=after.state)
            if after.state is DeliveryState.DELIVERED:
                metrics.SEND_TO_DELIVERED.observe(max((after.state_at - after.created_at).total_seconds(), 0))
