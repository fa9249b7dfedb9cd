"""File a batch of routed messages: each once, in its case, with its answer, all in one transaction."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog

from case_store import metrics
from case_store.answers import Answers
from case_store.errors import ConflictError
from case_store.handlers.clocks import Clocks
from case_store.handlers.codes import TrackingCodes
from case_store.model import Case, Contact, Rules, storable_message
from case_store.plan.effects import AddressKey, Known, Plan
from case_store.plan.planner import Planner
from case_store.repository import intake, outbox, people, submissions
from case_store.repository.database import Database, Transaction
from envelope.models import Channel, RoutedMessage

_ATTEMPTS: Final = 3
_SHOWN_AT_ONCE: Final = frozenset({Channel.USSD, Channel.VOICE, Channel.PORTAL, Channel.API})
"""Where a code is shown before the message has come here: each copy's leads to the case for good."""
_log = structlog.get_logger()


class Intake:
    """Design promises 2 and 3: a message counts once, and a person's messages are taken in order."""

    def __init__(
        self, database: Database, codes: TrackingCodes, answers: Answers, rules: Rules, clocks: Clocks
    ) -> None:
        """Take the collaborators; nothing is opened here."""
        self._database = database
        self._codes = codes
        self._answers = answers
        self._rules = rules
        self._clocks = clocks

    async def file_messages(self, messages: Sequence[RoutedMessage]) -> None:
        """File the messages that are new, drop the ones that are known.

        Raises:
            StoreUnavailableError: try the same batch later.
            ConflictError: another process was first too often; try the same batch later.
        """
        batch = list(
            {message.envelope.message_id: storable_message(message) for message in messages}.values()
        )
        shown = [
            (message.envelope.message_id, message.envelope.tracking_code)
            for message in messages
            if message.envelope.channel in _SHOWN_AT_ONCE and message.envelope.tracking_code is not None
        ]
        attempt = 1
        while True:
            try:
                plan = await self._file(batch, shown)
                break
            except ConflictError:
                if attempt == _ATTEMPTS:
                    raise
                attempt += 1
        self._count(plan, dropped=len(messages) - len(plan.filed))

    async def _file(self, batch: Sequence[RoutedMessage], shown: Sequence[tuple[UUID, str]]) -> Plan:
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            addresses = [(m.envelope.sender.kind.value, m.envelope.sender.value) for m in batch]
            contacts = await intake.lock_contacts(tx, addresses, now)
            # Only now: whoever held one of these people before us has committed, and what it stored is seen.
            stored = await intake.known_messages(tx, [message.envelope.message_id for message in batch])
            new = [message for message in batch if message.envelope.message_id not in stored]
            if not new:
                await submissions.resolve(tx, shown)
                return Plan()
            known = Known(
                contacts,
                *await self._cases(tx, new, [c.id for c in contacts.values() if not c.new]),
                read_aloud=frozenset(c.id for c in contacts.values() if c.read_aloud),
            )
            await _theirs_again(tx, contacts, new)
            planner = Planner(
                known,
                self._answers,
                self._rules,
                self._clocks.timekeeping,
                spare_codes=await self._codes.mint(_codes_wanted(new, known)),
                now=now,
            )
            for message in new:
                planner.take(message)
            plan = planner.plan
            await self._clocks.follow(tx, plan.changed.values())
            await intake.write(tx, plan, now, now + self._rules.redrive_after)
            await submissions.resolve(tx, _further(shown, new))
            await outbox.put(tx, now, events=plan.events, outbound=[out.message for out in plan.outbound])
        return plan

    async def _cases(
        self, tx: Transaction, new: Sequence[RoutedMessage], contact_ids: Sequence[UUID]
    ) -> tuple[dict[UUID, list[Case]], dict[str, Case]]:
        """The people's newest cases and the cases behind codes; one object a case wherever it is found."""
        codes = {code for m in new for code in (m.envelope.tracking_code, *m.cited_codes) if code is not None}
        by_contact: dict[UUID, list[Case]] = {}
        one: dict[UUID, Case] = {}
        for case in await intake.newest_cases(tx, contact_ids):
            by_contact.setdefault(case.contact_id, []).append(one.setdefault(case.id, case))
        by_code = {
            code: one.setdefault(case.id, case)
            for code, case in (await intake.cases_by_code(tx, codes)).items()
        }
        return by_contact, by_code

    def _count(self, plan: Plan, dropped: int) -> None:
        """Metrics after the commit, one log line a batch."""
        now = datetime.now(UTC)
        doors = {filed.message.envelope.channel for filed in plan.filed}
        waits = {door: metrics.ACCEPT_TO_CASE.labels(door) for door in doors}
        for filed in plan.filed:
            envelope = filed.message.envelope
            waits[envelope.channel].observe((now - envelope.received_at).total_seconds())
        kinds = Counter((filed.message.envelope.channel, filed.message.intent) for filed in plan.filed)
        for labels, count in kinds.items():
            metrics.MESSAGES_FILED.labels(*labels).inc(count)
        for event, count in Counter(event.type for event in plan.events).items():
            metrics.CASES.labels(event).inc(count)
        metrics.DUPLICATES_DROPPED.inc(dropped)
        _log.info("messages_filed", filed=len(plan.filed), opened=len(plan.opened), duplicates=dropped)


async def _theirs_again(
    tx: Transaction, contacts: Mapping[AddressKey, Contact], new: Sequence[RoutedMessage]
) -> None:
    """Where somebody else once answered they write from now."""
    for message in new:
        sender = message.envelope.sender
        contact = contacts[sender.kind.value, sender.value]
        if contact.wrong_at and contact.wrong_at < message.envelope.received_at:
            await people.set_wrong(tx, contact.id, sender.value, None)


def _further(shown: Sequence[tuple[UUID, str]], new: Sequence[RoutedMessage]) -> list[tuple[UUID, str]]:
    """What copies brought beside what was filed just now: nothing, but for a copy of a message."""
    filed = {(message.envelope.message_id, message.envelope.tracking_code) for message in new}
    return [one for one in shown if one not in filed]


def _codes_wanted(new: Sequence[RoutedMessage], known: Known) -> int:
    """How many codes of our own the batch may need: for messages that bring none, or one that is taken."""
    brought: set[str] = set()
    wanted = 0
    for message in new:
        code = message.envelope.tracking_code
        if code is None or code in known.codes or code in brought:
            wanted += 1
            if code is not None:
                metrics.CODES_REPLACED.inc()
                _log.warning("tracking_code_taken", message_id=str(message.envelope.message_id))
        else:
            brought.add(code)
    return wanted
