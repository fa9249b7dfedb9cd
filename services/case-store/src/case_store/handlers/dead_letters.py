"""Keep what could not be handled, show it, and send it again when the cause is mended."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import structlog

from bus.dead_letters import DeadLetter
from case_store import metrics
from case_store.cursors import Position
from case_store.errors import NotFoundError
from case_store.model import DeadLetterState
from case_store.repository import audit, dead_letters, outbox
from case_store.repository.database import Database
from case_store.staffing import Actor, Right

_AT_ONCE: Final = 500
_NO_LETTER: Final = "no dead letter has this id"
_log = structlog.get_logger()


class DeadLetters:
    """A replay goes through the outbox: written down and published, or neither."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def keep(self, letters: Sequence[DeadLetter]) -> None:
        """Store a batch of them, each once."""
        async with self._database.transaction() as tx:
            new = await dead_letters.keep(tx, letters, datetime.now(UTC))
        for letter in new:
            metrics.DEAD_LETTERS.labels(letter.topic).inc()
            _log.warning("dead_letter_stored", topic=letter.topic, offset=letter.offset)

    async def page(
        self, *, topic: str | None, state: DeadLetterState | None, after: Position | None, limit: int
    ) -> list[dict[str, Any]]:
        """One page, the newest first."""
        async with self._database.transaction() as tx:
            return await dead_letters.page(tx, topic=topic, state=state, after=after, limit=limit)

    async def find(self, letter_id: UUID) -> Mapping[str, Any]:
        """One whole, with who sent it again."""
        async with self._database.transaction() as tx:
            found = await dead_letters.find(tx, letter_id)
        if found is None:
            raise NotFoundError(_NO_LETTER)
        return found

    async def replay(self, actor: Actor, letter_id: UUID, operator: str) -> Mapping[str, Any]:
        """Send one to its topic again, with its own key and value; a service may say who asked."""
        actor.demand(Right.OPERATE)
        now, by = datetime.now(UTC), actor.called(operator)
        async with self._database.transaction() as tx:
            record = await dead_letters.take_one(tx, letter_id)
            if record is None:
                raise NotFoundError(_NO_LETTER)
            await dead_letters.note_replay(tx, [letter_id], by, now)
            await outbox.put(tx, now, records=[record])
            detail = {"topic": record.topic, "by": by}
            await audit.record(tx, actor, "dead_letter_replayed", f"dead_letter:{letter_id}", now, detail)
        self._count({record.topic: 1}, by)
        return await self.find(letter_id)

    async def replay_waiting(self, actor: Actor, topic: str | None, operator: str) -> int:
        """Send all that wait, of one topic or of all; what fails again meanwhile waits for the next time."""
        actor.demand(Right.OPERATE)
        begun, total, by = datetime.now(UTC), 0, actor.called(operator)
        while True:
            now = datetime.now(UTC)
            async with self._database.transaction() as tx:
                taken = await dead_letters.take_waiting(tx, topic, begun, _AT_ONCE)
                if taken:
                    await dead_letters.note_replay(tx, [letter_id for letter_id, _ in taken], by, now)
                    await outbox.put(tx, now, records=[record for _, record in taken])
                    detail = {"topic": topic, "letters": len(taken), "by": by}
                    await audit.record(tx, actor, "dead_letters_replayed", "dead_letters", now, detail)
            if not taken:
                return total
            total += len(taken)
            for _, record in taken:
                self._count({record.topic: 1}, by)

    def _count(self, replayed: Mapping[str, int], actor: str) -> None:
        for topic, count in replayed.items():
            metrics.DEAD_LETTERS_REPLAYED.labels(topic).inc(count)
            _log.info("dead_letters_replayed", topic=topic, count=count, actor=actor)
