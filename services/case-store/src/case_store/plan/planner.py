"""What a batch of messages comes to: cases, codes, events and answers, before anything is written.

Pure. Messages are taken in order and see what the ones before them did, so that a burst from one person
makes one case whether it comes in one batch or in five.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from case_store.answers import Answer, Answers
from case_store.model import Case, CaseState, Rules, caused, dated, way_to
from case_store.plan.consequences import answer_to, begun_at, call_back_of, event_of, rating_of
from case_store.plan.effects import Addressed, Filed, Known, Plan
from case_store.threads import TRIAGE_DESK, Decision, Step, decide, newest
from case_store.worktime.timekeeping import Timekeeping
from envelope.addresses import AddressKind
from envelope.models import CaseEventType, Channel, Envelope, Intent, RoutedMessage

_EVENT_OF: Final[Mapping[Step, CaseEventType]] = {
    Step.OPEN: CaseEventType.OPENED,
    Step.REOPEN: CaseEventType.REOPENED,
    Step.JOIN: CaseEventType.MESSAGE_RECEIVED,
    Step.NOTE: CaseEventType.MESSAGE_RECEIVED,
}
_FLEETING: Final = frozenset({Channel.USSD, Channel.VOICE})
"""Where a code is shown or read out once and is gone: it is sent as well, whatever comes of it."""


class Planner:
    """Takes the messages of one batch in order."""

    def __init__(
        self,
        known: Known,
        answers: Answers,
        rules: Rules,
        timekeeping: Timekeeping,
        *,
        spare_codes: Iterable[str],
        now: datetime,
    ) -> None:
        """Begin an empty plan."""
        self.plan = Plan()
        self._opened: set[UUID] = set()
        self._known = known
        self._spare_codes = iter(spare_codes)
        self._answers = answers
        self._rules = rules
        self._timekeeping = timekeeping
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
        if case is not None and decision.step is not Step.NOTE and message.envelope.channel is Channel.VOICE:
            self._call_back(message, case)
        if decision.step is Step.OPEN:
            self._answer(Answer.ACKNOWLEDGEMENT, message, contact_id, case)
        elif case is not None and _showed_a_code(message):
            self._answer(Answer.JOINED, message, contact_id, case)
        self._command(message, contact_id, case or newest(known))

    def register(
        self, message: RoutedMessage, contact_id: UUID, case: Case | None, by: str, *, notify: bool
    ) -> Case:
        """What staff took down: a new case, or more on the open one that they chose; they decide, not we.

        Only if `notify` is the person sent the code.
        """
        step = Step.JOIN if case else Step.OPEN
        self._known.cases.setdefault(contact_id, [])
        taken = self._apply(message, contact_id, Decision(step, case))
        if taken is None:  # neither of these steps leads nowhere
            raise AssertionError
        self.plan.filed.append(Filed(message, contact_id, taken.id))
        self._event(_EVENT_OF[step], taken, message, actor=by)
        if notify:
            self._answer(Answer.ACKNOWLEDGEMENT, message, contact_id, taken)
        return taken

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
        case.activity(begun_at(message.envelope))
        if case.id not in self._opened:
            self.plan.changed[case.id] = case
        return case

    def _open(self, message: RoutedMessage, contact_id: UUID, previous: Case | None) -> Case:
        envelope, found = message.envelope, message.classification
        case = Case(
            id=caused(dated(envelope.message_id, envelope.received_at), "case"),
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
        self.plan.clocks[case.id] = self._timekeeping.open(case, begun_at(envelope))
        self._opened.add(case.id)
        self._known.cases[contact_id].append(case)
        self._known.codes[case.tracking_code] = case
        self.plan.codes.append((case.tracking_code, case.id))
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
        if case.id in self._opened:
            begun = self.plan.clocks[case.id].started_at
            self.plan.clocks[case.id] = self._timekeeping.open(case, begun)
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
            case Intent.RATING:
                self._rate(message, case)
            case Intent.MESSAGE:
                pass

    def _rate(self, message: RoutedMessage, case: Case | None) -> None:
        """The last word counts; a form that named a case which is not theirs rates none in its place."""
        named = message.envelope.refers_to
        if case is None or (named is not None and self._known.codes.get(named) is not case):
            return
        rating, before = rating_of(message, case), self.plan.ratings.get(case.id)
        if rating is not None and (before is None or rating.rated_at >= before.rated_at):
            self.plan.ratings[case.id] = rating

    def _answer(self, answer: Answer, message: RoutedMessage, contact_id: UUID, case: Case | None) -> None:
        if message.envelope.sender.kind is not AddressKind.MSISDN:
            return
        shown = message.envelope.tracking_code
        if answer is not Answer.JOINED or shown is None or self._known.codes.get(shown) is not case:
            shown = None  # another case had it already: the case's own code is the one that leads there
        channel = way_to(message.envelope.sender.value, read_aloud=contact_id in self._known.read_aloud)
        word = self._answers.say if channel is Channel.VOICE else self._answers.write
        text = word(answer, message.language, case, shown=shown)
        outbound = answer_to(
            message, answer, text, case=case, channel=channel, rules=self._rules, now=self._now
        )
        self.plan.outbound.append(Addressed(outbound, contact_id))

    def _call_back(self, message: RoutedMessage, case: Case) -> None:
        wanted = call_back_of(message, case)
        if wanted.number is not None or case.id not in self.plan.call_backs:
            self.plan.call_backs[case.id] = wanted

    def _event(self, kind: CaseEventType, case: Case, message: RoutedMessage, actor: str = "citizen") -> None:
        self.plan.events.append(event_of(message, kind, case, actor, self._now))


def _showed_a_code(message: RoutedMessage) -> bool:
    """A command or a rating brings nothing that its writer would have to be told again."""
    envelope = message.envelope
    return (
        envelope.channel in _FLEETING
        and envelope.tracking_code is not None
        and message.intent is Intent.MESSAGE
    )
