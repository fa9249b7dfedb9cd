"""One staff action on one case: right and reach checked, its person held, all written at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

from case_store import metrics
from case_store.errors import NotFoundError, VersionMismatchError
from case_store.handlers.cases import NO_CASE, code_of
from case_store.model import Case, storable
from case_store.repository import audit, cases, history, outbox, reach, tallies, writes
from case_store.repository.database import Database, Transaction
from case_store.staffing import Actor, Right
from envelope.models import CaseEvent, CaseEventType


@dataclass(slots=True)
class Action:
    """What an action works with, and what it leaves behind."""

    tx: Transaction
    case: Case
    actor: Actor
    by: str
    """The name in the history."""
    now: datetime
    left_desk: str | None = None
    """The desk that the case has left, if it has: whoever looks at that queue is told as well."""
    _happened: list[tuple[CaseEvent, str | None, dict[str, object]]] = field(default_factory=list)

    def happened(
        self,
        kind: CaseEventType,
        *,
        note: str | None = None,
        message_id: UUID | None = None,
        **detail: object,
    ) -> None:
        """Say what happened; written when the action ends.

        `note` is for the history and may hold words; `detail` is for the audit and must not: ids, states and
        names of ours alone.
        """
        case = self.case
        event = CaseEvent(
            id=uuid4(),
            type=kind,
            case_id=case.id,
            tracking_code=case.tracking_code,
            channel=case.channel,
            topic=case.topic,
            kind=case.kind,
            desk=case.desk,
            message_id=message_id,
            actor=storable(self.by),
            occurred_at=self.now,
        )
        self._happened.append((event, storable(note) if note else None, detail))

    async def demand_version(self, wanted: int | None) -> None:
        """Go on only with what the caller read.

        Raises:
            VersionMismatchError: it changed since; its `since` tells who did what when, the oldest first.
        """
        try:
            demand_version(self.case.version, wanted)
        except VersionMismatchError as error:
            since = await history.since(self.tx, self.case.id, wanted or 0)
            raise error.telling(version=self.case.version, since=since) from None

    async def finish(self) -> None:
        """Write the case, its history, the events and the audit; nothing if nothing happened."""
        if not self._happened:
            return
        await writes.change_cases(self.tx, [self.case])
        self.case.version += 1
        for event, note, _ in self._happened:
            await writes.write_events(self.tx, [event], note, versions={self.case.id: self.case.version})
        events = [event for event, _, _ in self._happened]
        await outbox.put(self.tx, self.now, events=events, left_desk=self.left_desk)
        if self.actor.staff_id is not None:
            await tallies.count(self.tx, self.actor.staff_id, [event.type for event in events], self.now)
        for event, _, detail in self._happened:
            metrics.CASES.labels(event.type).inc()
            await audit.record(self.tx, self.actor, event.type, event.tracking_code, self.now, detail)


@asynccontextmanager
async def acting(
    database: Database,
    actor: Actor,
    code: str,
    right: Right,
    *,
    author: str | None = None,
    version: int | None = None,
) -> AsyncIterator[Action]:
    """Hold a case for one action; what the block did is written at its end, or not at all.

    Raises:
        ForbiddenError: the right is not theirs.
        NotFoundError: no such case, or one out of their reach: to them it is not there.
        VersionMismatchError: the case is not the one that the caller read.
    """
    actor.demand(right)
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        case = await cases.lock(tx, code_of(code))
        if case is None or not await reach.reaches(tx, actor, case.id, case.desk):
            raise NotFoundError(NO_CASE)
        action = Action(tx, case, actor, actor.called(author), now)
        await action.demand_version(version)
        yield action
        await action.finish()


def demand_version(current: int, wanted: int | None) -> None:
    """Go on only with what the caller read.

    Raises:
        VersionMismatchError: it changed since.
    """
    if wanted is not None and wanted != current:
        message = f"it is at version {current} by now; read it again"
        raise VersionMismatchError(message)
