"""Which case a message belongs to: cited, continued, reopened or new. Pure.

1. A cited tracking code that is the person's own: that case. Somebody else's is treated as not cited.
2. Else an open case of the person, recently active, that the message plausibly continues.
3. Else a case closed a short while ago that it plausibly continues: it is reopened.
4. Else a new case; a closed case that it would have continued is linked as the previous one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from case_store.model import Case, CaseState, Windows
from envelope.models import Intent, RoutedMessage
from envelope.taxonomy import Kind, Topic

TRIAGE_DESK: Final = "triage"


class Step(StrEnum):
    """What a message does to a case."""

    JOIN = "join"
    """Appended to an open case."""
    REOPEN = "reopen"
    """Appended to a closed case, which opens again."""
    OPEN = "open"
    """A new case."""
    NOTE = "note"
    """Kept beside a case (or none) and changes nothing: a command, a rating, thanks after the close."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a message, and with which case: for a new one, the closed case that it follows."""

    step: Step
    case: Case | None


def decide(
    message: RoutedMessage, contact_id: UUID, known: Sequence[Case], cited: Sequence[Case], windows: Windows
) -> Decision:
    """Thread one message.

    Args:
        message: the routed message.
        contact_id: whose message it is.
        known: the person's newest cases.
        cited: the cases that its valid codes name, whoever they belong to, in the order cited.
        windows: how long things hang together.
    """
    named = next((case for case in cited if case.contact_id == contact_id), None)
    if message.intent is not Intent.MESSAGE:
        return Decision(Step.NOTE, named or newest(known))
    if named is not None:
        return _to_named(message, named, windows)
    return _to_unnamed(message, known, windows)


def newest(cases: Iterable[Case]) -> Case | None:
    """The case with the latest activity."""
    return max(cases, key=lambda case: case.last_activity_at, default=None)


def _to_named(message: RoutedMessage, case: Case, windows: Windows) -> Decision:
    if case.state is not CaseState.CLOSED:
        return Decision(Step.JOIN, case)
    return _to_closed(message, case, windows)


def _to_unnamed(message: RoutedMessage, known: Sequence[Case], windows: Windows) -> Decision:
    continued = [case for case in known if _continues(message, case, windows)]
    if not continued:
        return Decision(Step.OPEN, None)
    case = max(continued, key=lambda case: (case.state is not CaseState.CLOSED, *_fit(message, case)))
    if case.state is not CaseState.CLOSED:
        return Decision(Step.JOIN, case)
    return _to_closed(message, case, windows)


def _to_closed(message: RoutedMessage, case: Case, windows: Windows) -> Decision:
    since = message.envelope.received_at - (case.closed_at or case.last_activity_at)
    if since > windows.reopening:
        return Decision(Step.OPEN, case)
    if message.classification.kind is Kind.APPRECIATION:
        return Decision(Step.NOTE, case)
    return Decision(Step.REOPEN, case)


def _fit(message: RoutedMessage, case: Case) -> tuple[bool, datetime]:
    return case.topic is message.classification.topic, case.last_activity_at


def _continues(message: RoutedMessage, case: Case, windows: Windows) -> bool:
    """Whether a message without a code plausibly goes on with this case."""
    pause = message.envelope.received_at - case.last_activity_at
    same_topic = message.classification.topic is case.topic and case.topic is not Topic.OTHER
    if case.state is CaseState.CLOSED and same_topic:
        return True
    if pause > windows.continuation:
        return False
    if same_topic:
        return True
    if _chosen(message):  # in a menu or form: a matter of its own, not a piece of the one before
        return False
    if says_too_little(message, windows):
        return True
    same_breath = pause <= windows.burst
    return same_breath and (case.desk == TRIAGE_DESK or case.section is message.classification.section)


def _chosen(message: RoutedMessage) -> bool:
    declared = message.envelope.declared
    return declared is not None and declared.topic is not None


def says_too_little(message: RoutedMessage, windows: Windows) -> bool:
    """The router abstained, or the text is too short to be a matter of its own."""
    return message.desk == TRIAGE_DESK or len(message.normalized_text) <= windows.short_text
