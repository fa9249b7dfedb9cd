"""Publish what transactions left in the outbox, in order, and send again what nothing was heard of."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from bus.dead_letters import DeadLetter
from bus.port import Publisher, Record
from case_store import metrics
from case_store.model import Rules
from case_store.repository import dead_letters, outbox, redrive
from case_store.repository.database import Database, Transaction
from envelope.errors import PayamError

_LATE: Final = timedelta(seconds=30)
_REDRIVE_BATCH: Final = 500
_log = structlog.get_logger()


class Outbox:
    """The way out: written in the transaction of its cause, then to the bus, once as seen by people."""

    def __init__(self, database: Database, publisher: Publisher, rules: Rules, *, batch: int = 1_000) -> None:
        """`batch` is how many rows are published in one go at most."""
        self._database = database
        self._publisher = publisher
        self._rules = rules
        self._batch = batch
        self._forgotten = False

    def broker_forgot(self) -> None:
        """What was published and not yet sent is lost with the broker: the next sweep sends it again."""
        self._forgotten = True

    async def publish_next(self) -> int:
        """Publish the oldest rows and take them off; how many there were.

        The rows are gone only if the bus has them: a failure or a crash in between leaves them where they
        were, and at worst they are published twice, which every reader bears.

        Raises:
            BusUnavailableError: the bus is away; the rows wait.
        """
        async with self._database.transaction() as tx:
            taken = await outbox.take(tx, self._batch)
            if taken is None:
                return 0
            records, outbound, oldest = taken
            if not records:
                return 0
            await self._publish(tx, records)
            now = datetime.now(UTC)
            if outbound and oldest is not None and now - oldest > _LATE:
                await outbox.postpone_redrive(tx, outbound, now + self._rules.redrive_after)
        for topic, count in Counter(record.topic for record in records).items():
            metrics.PUBLISHED.labels(topic).inc(count)
        return len(records)

    async def _publish(self, tx: Transaction, records: Sequence[Record]) -> None:
        """All at once; if one of them can never be taken, apart, and that one becomes a dead letter."""
        try:
            await self._publisher.publish(records)
        except PayamError as error:
            if error.retriable:
                raise
            for record in records:
                await self._publish_one(tx, record)

    async def _publish_one(self, tx: Transaction, record: Record) -> None:
        try:
            await self._publisher.publish([record])
        except PayamError as error:
            if error.retriable:
                raise
            now = datetime.now(UTC)
            buried = DeadLetter(
                topic=record.topic,
                partition=0,
                offset=0,
                key=record.key,
                value=record.value,
                reason=f"{type(error).__name__}, on its way out",
                failed_at=now,
            )
            await dead_letters.keep(tx, [buried], now)
            metrics.DEAD_LETTERS.labels(record.topic).inc()
            _log.error("outbox_record_laid_aside", topic=record.topic, error=type(error).__name__)

    async def redrive(self) -> None:
        """Send messages again of which nothing was heard; give up the ones sent often enough."""
        if self._forgotten:
            async with self._database.transaction() as tx:
                await redrive.hasten(tx, datetime.now(UTC))
            self._forgotten = False
        while await self._redrive_some() == _REDRIVE_BATCH:
            pass

    async def _redrive_some(self) -> int:
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            due = await redrive.due(tx, now, _REDRIVE_BATCH)
            again = [(message, count) for message, count in due if count < self._rules.redrives]
            given_up = [message for message, count in due if count >= self._rules.redrives]
            await outbox.put(tx, now, outbound=[message for message, _ in again])
            await redrive.set_next(
                tx,
                [
                    *(
                        (message.id, now + self._rules.redrive_after * 2 ** (count + 1))
                        for message, count in again
                    ),
                    *((message.id, None) for message in given_up),
                ],
            )
            stuck = await redrive.stuck(tx)
        metrics.REDRIVEN.inc(len(again))
        metrics.STUCK.set(stuck)
        if due:
            _log.warning("outbound_redriven", again=len(again), given_up=len(given_up))
        return len(due)

    async def measure(self) -> None:
        """Say in the metrics how much waits."""
        async with self._database.transaction() as tx:
            depth, age = await outbox.backlog(tx, datetime.now(UTC))
        metrics.OUTBOX_DEPTH.set(depth)
        metrics.OUTBOX_AGE.set(age.total_seconds())
