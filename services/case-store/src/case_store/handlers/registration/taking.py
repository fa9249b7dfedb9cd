"""Take down a telephone call or a visit: a message like any other, planned and written as intake does."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import structlog

from case_store import metrics
from case_store.answers import Answers
from case_store.errors import ConflictError, KeyReusedError, NoAddressError, NotFoundError, StateError
from case_store.handlers.cases import NO_CASE, code_of
from case_store.handlers.clocks import Clocks
from case_store.handlers.codes import TrackingCodes
from case_store.handlers.registration.spoken import speak
from case_store.handlers.registration.whose import whose
from case_store.handlers.staff import CountsUses
from case_store.model import Case, CaseState, Rules, storable
from case_store.plan.effects import Known
from case_store.plan.planner import Planner
from case_store.plan.taken_down import TakenDown, as_message, message_id
from case_store.repository import audit, cases, corrections, intake, links, outbox, reach, registered, tallies
from case_store.repository.database import Database, Transaction
from case_store.staffing import Actor, Right
from envelope.addresses import AddressKind
from envelope.models import CaseEvent, Intent, RoutedMessage
from envelope.taxonomy import SECTION_OF

_ATTEMPTS: Final = 3
_log = structlog.get_logger()


class Registration:
    """One transaction a contact, by the planner that files every message."""

    def __init__(
        self,
        database: Database,
        codes: TrackingCodes,
        answers: Answers,
        rules: Rules,
        clocks: Clocks,
        uses: CountsUses,
    ) -> None:
        """Take the collaborators."""
        self._database = database
        self._codes = codes
        self._answers = answers
        self._rules = rules
        self._clocks = clocks
        self._uses = uses

    async def register(self, actor: Actor, taken: TakenDown, author: str | None, key: str | None) -> str:
        """Make a case of it, or add it to the one that was named; the same key does it once.

        Returns:
            The tracking code of the case.

        Raises:
            NotFoundError: the case that was named is not within reach.
            StateError: it is closed, or there is no such desk.
            NoAddressError: the code is to be sent, and no number is known.
            KeyReusedError: the key was used for other words.
        """
        actor.demand(Right.ANSWER)
        name = f"{actor.staff_id or actor.name}:{key}" if key else uuid4().hex
        attempt = 1
        while True:
            try:
                return await self._register(actor, taken, storable(actor.called(author)), storable(name))
            except ConflictError:
                if attempt == _ATTEMPTS:
                    raise
                attempt += 1

    async def similar(self, actor: Actor, code: str) -> list[dict[str, Any]]:
        """The person's other cases within reach that are not closed, the same topic first."""
        async with self._database.transaction() as tx:
            case = (await intake.cases_by_code(tx, [code]))[code]
            rows = await links.still_open(tx, actor, case.contact_id, case.id)
        return sorted(rows, key=lambda row: row["topic"] != case.topic)

    async def _register(self, actor: Actor, taken: TakenDown, by: str, name: str) -> str:
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            chosen = await _chosen(tx, actor, taken)
            person, sender = await whose(tx, taken, chosen, name, now)
            # Only now: whoever held this person before us has committed, and what it stored is seen.
            before = await registered.taken(tx, message_id(taken, name))
            if before is not None:
                return _as_before(before, taken)
            if chosen is not None and chosen.state is CaseState.CLOSED:
                message = "this case is closed; reopen it first"
                raise StateError(message)
            if taken.notify and sender.kind is not AddressKind.MSISDN:
                message = "the code is to be sent, and we know no phone number of this person"
                raise NoAddressError(message)
            heard = as_message(taken, sender, await _desk(tx, taken), name, now)
            planner = Planner(
                Known({}, {}, {}, frozenset({person.id} if person.read_aloud_at else ())),
                self._answers,
                self._rules,
                self._clocks.timekeeping,
                spare_codes=await self._codes.mint(0 if chosen else 1),
                now=now,
            )
            case = planner.register(heard, person.id, chosen, by, notify=taken.notify)
            events = await self._write(tx, planner, heard, case, taken, by)
            if taken.answer_id and taken.answer_number:
                await self._uses.used(tx, taken.answer_id, taken.answer_number, case, by, now)
            await _note_down(tx, actor, case, events, now)
        _count(heard, events)
        _log.info("contact_registered", case_id=str(case.id), joined=chosen is not None)
        return case.tracking_code

    async def _write(
        self, tx: Transaction, planner: Planner, heard: RoutedMessage, case: Case, taken: TakenDown, by: str
    ) -> list[CaseEvent]:
        """Everything but the audit; what happened."""
        plan, now = planner.plan, heard.envelope.received_at
        await self._clocks.follow(tx, plan.changed.values())
        await intake.write(tx, plan, now, now + self._rules.redrive_after)
        case.version += len(plan.changed)
        events = [*plan.events]
        if taken.answer is not None:
            events += await speak(
                tx, self._clocks, case, heard.envelope, taken.answer, by, now, close=taken.close
            )
        await outbox.put(tx, now, events=events, outbound=[out.message for out in plan.outbound])
        return events


async def _chosen(tx: Transaction, actor: Actor, taken: TakenDown) -> Case | None:
    """The case that this is more of, its person held."""
    if taken.case is None:
        return None
    case = await cases.lock(tx, code_of(taken.case))
    if case is None or not await reach.reaches(tx, actor, case.id, case.desk):
        raise NotFoundError(NO_CASE)
    return case


async def _desk(tx: Transaction, taken: TakenDown) -> str:
    if taken.desk is None:
        return SECTION_OF[taken.topic]
    if not await corrections.desk_exists(tx, taken.desk):
        message = "there is no such desk"
        raise StateError(message)
    return taken.desk


def _as_before(before: dict[str, Any], taken: TakenDown) -> str:
    if before["text"] != storable(taken.text):
        message = "this idempotency key was used before with another payload"
        raise KeyReusedError(message)
    return str(before["tracking_code"])


async def _note_down(
    tx: Transaction, actor: Actor, case: Case, events: Sequence[CaseEvent], now: datetime
) -> None:
    """The staff member's day, and the audit: last, for its chain is held until the end."""
    if actor.staff_id is not None:
        await tallies.count(tx, actor.staff_id, [event.type for event in events], now)
    for event in events:
        detail = {"channel": event.channel, "desk": case.desk}
        await audit.record(tx, actor, event.type, case.tracking_code, now, detail)


def _count(heard: RoutedMessage, events: Sequence[CaseEvent]) -> None:
    metrics.MESSAGES_FILED.labels(heard.envelope.channel, Intent.MESSAGE).inc()
    for event in events:
        metrics.CASES.labels(event.type).inc()
