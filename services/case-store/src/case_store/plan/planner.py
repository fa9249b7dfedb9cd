"""What a batch of messages comes to: cases, codes, events and answers, before anything is written.

Pure. Messages are taken in order and see what the ones before them did, so that a burst from one person
makes one case whether it comes in one batch or in five.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from case_store.answers import Answer, Answers
from case_store.model import Case, CaseState, Rules, caused
from case_store.plan.effects import Addressed, Filed, Known, Plan
from case_store.threads import TRIAGE_DESK, Decision, Step, decide, newest
from envelope.addresses import AddressKind
from envelope.models import (
    CaseEvent,
    CaseEventType,
    Channel,
    Envelope,
    Intent,
    Lane,
    OutboundMessage,
    Purpose,
    RoutedMessage,
)

_EVENT_OF: Final[Mapping[Step, CaseEventType]] = {
    Step.OPEN: CaseEventType.OPENED,
    Step.REOPEN: CaseEventType.REOPENED,
    Step.JOIN: CaseEventType.MESSAGE_RECEIVED,
    Step.NOTE: CaseEventType.MESSAGE_RECEIVED,
}
_PURPOSE_OF: Final[Mapping[Answer, Purpose]] = {
    Answer.ACKNOWLEDGEMENT: Purpose.ACKNOWLEDGEMENT,
    Answer.STATUS: Purpose.STATUS,
    Answer.NO_CASE: Purpose.STATUS,
    Answer.HELP: Purpose.HELP,
    Answer.OPT_OUT: Purpose.OPT_OUT,
    Answer.OPT_IN: Purpose.OPT_OUT,
    Answer.CLOSED: Purpose.CLOSED,
}


class Planner:
    """Takes the messages of one batch in order."""

    def __init__(
        self, known: Known, answers: Answers, rules: Rules, *, spare_codes: Iterable[str], now: datetime
    ) -> None:
        """Begin an empty plan."""
        self.plan = Plan()
        self._opened: set[UUID] = set()
        self._known = known
        self._spare_codes = iter(spare_codes)
        self._answers = answers
        self._rules = rules
        self._now = now

    def take(self, message: RoutedMessage) -> None:
        """Thread one message and add what follows from it."""
        sender = message.envelope.sender
        contact_id = self._known.contacts[sender.kind, sender.value].id
        known = self._known.cases.setdefault(contact_id, [])
        cited = [self._known.codes[code] for code in message.cited_codes if code in self._known.codes]
        decision = decide(message, contact_id, known, cited, self._rules.windows)
        case = self._apply(message, contact_id, decision)
        self.plan.filed.append(Filed(message, contact_id, case.id if case else None))
        if case is not None:
            self._event(_EVENT_OF[decision.step], case, message)
        self._command(message, contact_id, case or newest(known))

    def _apply(self, message: RoutedMessage, contact_id: UUID, decision: Decision) -> Case | None:
        case = decision.case
        if decision.step is Step.OPEN:
            return self._open(message, contact_id, previous=case)
        if case is None:
            return None
        self._alias(message.envelope.tracking_code, case)
        if decision.step is Step.NOTE:
            return case
        if decision.step is Step.REOPEN or case.state is CaseState.ANSWERED:
            case.state, case.closed_at = CaseState.OPEN, None
        elif case.state is CaseState.TRIAGE and message.desk != TRIAGE_DESK:
            self._reclassify(case, message)
        case.activity(message.envelope.received_at)
        if case.id not in self._opened:
            self.plan.changed[case.id] = case
        return case

    def _open(self, message: RoutedMessage, contact_id: UUID, previous: Case | None) -> Case:
        envelope, found = message.envelope, message.classification
        case = Case(
            id=caused(envelope.message_id, "case"),
            contact_id=contact_id,
            tracking_code=self._fresh_code(envelope),
            state=CaseState.TRIAGE if message.desk == TRIAGE_DESK else CaseState.NEW,
            channel=envelope.channel,
            line=envelope.line,
            topic=found.topic,
            section=found.section,
            kind=found.kind,
            audience=found.audience,
            province=envelope.declared.province if envelope.declared else None,
            desk=message.desk,
            language=message.language,
            opened_at=envelope.received_at,
            last_activity_at=envelope.received_at,
            previous_case_id=previous.id if previous else None,
        )
        self.plan.opened.append(case)
        self._opened.add(case.id)
        self._known.cases[contact_id].append(case)
        self._known.codes[case.tracking_code] = case
        self.plan.codes.append((case.tracking_code, case.id))
        self._answer(Answer.ACKNOWLEDGEMENT, message, contact_id, case)
        return case

    def _reclassify(self, case: Case, message: RoutedMessage) -> None:
        """A greeting went to triage; now the person has said what it is about."""
        found = message.classification
        case.topic, case.section, case.kind, case.audience = (
            found.topic,
            found.section,
            found.kind,
            found.audience,
        )
        case.desk, case.state = message.desk, CaseState.NEW
        self._event(CaseEventType.RECLASSIFIED, case, message, actor="system")

    def _fresh_code(self, envelope: Envelope) -> str:
        code = envelope.tracking_code
        return next(self._spare_codes) if code is None or code in self._known.codes else code

    def _alias(self, code: str | None, case: Case) -> None:
        """A code once shown always resolves, unless it is another case's already."""
        if code is not None and code not in self._known.codes:
            self._known.codes[code] = case
            self.plan.codes.append((code, case.id))

    def _command(self, message: RoutedMessage, contact_id: UUID, case: Case | None) -> None:
        match message.intent:
            case Intent.STATUS:
                self._answer(Answer.STATUS if case else Answer.NO_CASE, message, contact_id, case)
            case Intent.HELP:
                self._answer(Answer.HELP, message, contact_id, None)
            case Intent.OPT_OUT:
                self.plan.bulk_refusals[contact_id] = message.envelope.received_at
                self._answer(Answer.OPT_OUT, message, contact_id, None)
            case Intent.OPT_IN:
                self.plan.bulk_refusals[contact_id] = None
                self._answer(Answer.OPT_IN, message, contact_id, None)
            case Intent.MESSAGE | Intent.RATING:
                pass

    def _answer(self, answer: Answer, message: RoutedMessage, contact_id: UUID, case: Case | None) -> None:
        envelope = message.envelope
        if envelope.sender.kind is not AddressKind.MSISDN:
            return
        purpose = _PURPOSE_OF[answer]
        outbound = OutboundMessage(
            id=caused(envelope.message_id, purpose),
            case_id=case.id if case else None,
            to=envelope.sender,
            channel=Channel.SMS,
            line=envelope.line if envelope.channel is Channel.SMS else self._rules.sms_line,
            text=self._answers.write(answer, message.language, case),
            purpose=purpose,
            lane=Lane.PRIORITY,
            created_at=self._now,
            correlation_id=envelope.correlation_id,
            causation_id=envelope.message_id,
        )
        self.plan.outbound.append(Addressed(outbound, contact_id))

    def _event(self, kind: CaseEventType, case: Case, message: RoutedMessage, actor: str = "citizen") -> None:
        self.plan.events.append(
            CaseEvent(
                id=caused(message.envelope.message_id, kind),
                type=kind,
                case_id=case.id,
                tracking_code=case.tracking_code,
                channel=message.envelope.channel,
                topic=case.topic,
                kind=case.kind,
                desk=case.desk,
                message_id=message.envelope.message_id,
                actor=actor,
                occurred_at=self._now,
            )
        )
