"""What staff do to a case: reply and close, each once however often it is asked for."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import structlog

from case_store import metrics
from case_store.answers import Answer, Answers
from case_store.errors import KeyReusedError, NoAddressError, NotFoundError, VersionMismatchError
from case_store.handlers.cases import NO_CASE, code_of
from case_store.model import Case, CaseState, Rules, caused, named, storable
from case_store.plan.effects import Addressed
from case_store.repository import cases, outbox, writes
from case_store.repository.database import Database, Transaction
from envelope.addresses import Address, AddressKind
from envelope.models import CaseEvent, CaseEventType, Channel, Lane, OutboundMessage, Purpose

_log = structlog.get_logger()


class Staff:
    """The verbs behind the API."""

    def __init__(self, database: Database, answers: Answers, rules: Rules) -> None:
        """Take the collaborators."""
        self._database = database
        self._answers = answers
        self._rules = rules

    async def reply(
        self, code: str, text: str, author: str, *, key: str | None, version: int | None
    ) -> Mapping[str, Any]:
        """Write to the person of a case; the same key writes once.

        Raises:
            NotFoundError: no such case.
            NoAddressError: the person has no phone number.
            KeyReusedError: the key was used with another payload.
            VersionMismatchError: the case is not the one that the caller read.
        """
        now = datetime.now(UTC)
        outbound_id = named(f"reply|{key}") if key else uuid4()
        fingerprint = sha256("\x1f".join((code_of(code), author, text)).encode()).digest()
        async with self._database.transaction() as tx:
            case = await self._locked(tx, code, None)
            before = await cases.outbound(tx, outbound_id)
            if before is not None:
                if before["fingerprint"] != fingerprint:
                    message = "this idempotency key was used before with another payload"
                    raise KeyReusedError(message)
                return before
            _demand_version(case, version)
            await self._write(
                tx, case, outbound_id, text, Purpose.REPLY, now, author=author, fingerprint=fingerprint
            )
            if case.state is not CaseState.CLOSED:
                case.state = CaseState.ANSWERED
            case.activity(now)
            await self._happened(tx, case, CaseEventType.REPLIED, author, now, message_id=outbound_id)
            written = await cases.outbound(tx, outbound_id)
        _log.info("case_replied", case_id=str(case.id))
        return written or {}

    async def close(self, code: str, reason: str, author: str, *, notify: bool, version: int | None) -> None:
        """Close a case; closing a closed one changes nothing."""
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            case = await self._locked(tx, code, version)
            if case.state is not CaseState.CLOSED:
                case.state, case.closed_at = CaseState.CLOSED, now
                case.activity(now)
                await self._happened(tx, case, CaseEventType.CLOSED, author, now, note=storable(reason))
                if notify:
                    text = self._answers.write(Answer.CLOSED, case.language, case)
                    outbound_id = caused(case.id, f"closed at version {case.version}")
                    await self._write(tx, case, outbound_id, text, Purpose.CLOSED, now)
                _log.info("case_closed", case_id=str(case.id))

    async def _locked(self, tx: Transaction, code: str, version: int | None) -> Case:
        case = await cases.lock(tx, code_of(code))
        if case is None:
            raise NotFoundError(NO_CASE)
        _demand_version(case, version)
        return case

    async def _write(  # noqa: PLR0913  (what is written, to whom, why, and by whom)
        self,
        tx: Transaction,
        case: Case,
        outbound_id: UUID,
        text: str,
        purpose: Purpose,
        now: datetime,
        *,
        author: str | None = None,
        fingerprint: bytes | None = None,
    ) -> None:
        reached = await cases.reached(tx, case)
        if reached is None:
            message = "the person of this case has no phone number that we know"
            raise NoAddressError(message)
        outbound = OutboundMessage(
            id=outbound_id,
            case_id=case.id,
            to=Address(kind=AddressKind.MSISDN, value=reached.number),
            channel=Channel.SMS,
            line=reached.line or self._rules.sms_line,
            text=storable(text),
            purpose=purpose,
            lane=Lane.PRIORITY,
            created_at=now,
            correlation_id=reached.correlation_id or outbound_id,
            causation_id=reached.message_id,
        )
        await writes.write_outbound(
            tx,
            [Addressed(outbound, case.contact_id)],
            now + self._rules.redrive_after,
            author=author,
            fingerprint=fingerprint,
        )
        await outbox.put(tx, now, outbound=[outbound])

    async def _happened(  # noqa: PLR0913  (an event's own fields)
        self,
        tx: Transaction,
        case: Case,
        kind: CaseEventType,
        actor: str,
        now: datetime,
        *,
        message_id: UUID | None = None,
        note: str | None = None,
    ) -> None:
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
            actor=storable(actor),
            occurred_at=now,
        )
        await writes.change_cases(tx, [case])
        await writes.write_events(tx, [event], note)
        await outbox.put(tx, now, events=[event])
        metrics.CASES.labels(kind).inc()


def _demand_version(case: Case, version: int | None) -> None:
    if version is not None and version != case.version:
        message = f"the case is at version {case.version}; read it again"
        raise VersionMismatchError(message)
