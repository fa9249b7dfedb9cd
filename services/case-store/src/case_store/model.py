"""The case store's own nouns: a contact, a case, what a case can be, and the ids that follow from a cause."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Final
from uuid import UUID, uuid5

from envelope.addresses import takes_sms
from envelope.models import Channel, Language, RoutedMessage
from envelope.taxonomy import Audience, Kind, Section, Topic
from persian.hours import DAYTIME, CallHours

_BEHIND_THE_DATE: Final = (1 << 76) - 1
_NAMESPACE: Final = UUID("c45e5702-1420-5a7a-8000-70617961616d")
_TEXTS: Final = ("text", "line", "provider", "provider_message_id", "reference")


@dataclass(frozen=True, slots=True)
class Windows:
    """How long things hang together."""

    burst: timedelta = timedelta(hours=1)
    """After this pause a message of the same section is no longer taken as the same breath."""
    continuation: timedelta = timedelta(hours=72)
    """An open case with no activity for longer is not continued without its code."""
    reopening: timedelta = timedelta(days=14)
    """A closed case is reopened for so long; later a new case is linked to it."""
    short_text: int = 20
    """A message of at most so many letters says too little to be a matter of its own."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a deployment may set of how cases are threaded and messages sent."""

    windows: Windows = Windows()
    """How long things hang together."""
    sms_line: str = "10001420"
    """The number that SMS leave from to people who did not come by SMS."""
    voice_line: str = "1420"
    """The number that people are called from who did not call us."""
    record_calls: bool = False
    """Calls that agents have made for them are recorded."""
    redrive_after: timedelta = timedelta(minutes=5)
    """A message out of which nothing was heard for so long is sent again; doubled each time."""
    redrives: int = 5
    """How often, before it is given up."""
    call_hours: CallHours = DAYTIME
    """When people may be rung to have something read out to them."""


class CaseState(StrEnum):
    """Where a case stands."""

    NEW = "new"
    """In its desk's queue; nobody has taken it."""
    TRIAGE = "triage"
    """Waits for a person to say which desk it is for."""
    OPEN = "open"
    """Somebody works on it, or it came back after an answer."""
    REFERRED = "referred"
    """An expert or a unit's liaison has been asked."""
    ANSWERED = "answered"
    """The last word was ours."""
    CLOSED = "closed"
    """Done; a reply within the reopen window opens it again."""


UNDECIDED: Final = frozenset({CaseState.NEW, CaseState.TRIAGE, CaseState.OPEN, CaseState.REFERRED})
"""States in which somebody of ours still has to do something."""


class Tier(StrEnum):
    """Who is asked: the first line, an expert of the same unit, a specialised unit's liaison."""

    AGENT = "agent"
    EXPERT = "expert"
    LIAISON = "liaison"


class ReferralState(StrEnum):
    """How a referral ended, or that it has not."""

    OPEN = "open"
    ANSWERED = "answered"
    RETURNED = "returned"
    """Sent back without an answer: not theirs, or more is needed."""
    FORWARDED = "forwarded"
    """Its own question went on, as a referral below this one."""
    RECALLED = "recalled"
    """Taken back by who asked."""


class UnitKind(StrEnum):
    """What a unit is."""

    SECTION = "section"
    """Of the centre: agents and experts, with desks."""
    SPECIALISED = "specialised"
    """A deputy or head office, reached by its liaisons."""


class LinkRelation(StrEnum):
    """How a case stands to another one."""

    RELATED = "related"
    DUPLICATE = "duplicate"
    """The same matter of the same person."""
    FOLLOWS = "follows"


class AllowanceUnit(StrEnum):
    """What an allowance counts."""

    WORKING_DAYS = "working_days"
    """Whole working days; the day of receipt does not count."""
    WORKING_MINUTES = "working_minutes"


class AnswerState(StrEnum):
    """How far a version of a standard answer has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Reach(StrEnum):
    """How an answer gets to the person of a case."""

    SMS = "sms"
    VOICE = "voice"
    """It is read out to them over the telephone: a landline, or they want it so."""
    PARTNER = "partner"
    """The service that handed in for them reads it; we know no number."""
    NONE = "none"
    """Not at all: no number that is proved to be theirs."""


class Weight(StrEnum):
    """How much an announcement matters."""

    INFO = "info"
    IMPORTANT = "important"


class Showing(StrEnum):
    """Where an announcement stands in its time."""

    COMING = "coming"
    SHOWN = "shown"
    ENDED = "ended"


class DeadLetterState(StrEnum):
    """Whether a dead letter has been sent again."""

    WAITING = "waiting"
    REPLAYED = "replayed"


@dataclass(frozen=True, slots=True)
class Contact:
    """A person as far as we know them."""

    id: UUID
    new: bool
    """Made by the batch in hand: it has no cases yet."""
    read_aloud: bool = False
    """They want our messages read out to them."""
    wrong_at: datetime | None = None
    """Since when the address they were found by is known to be somebody else's."""


@dataclass(slots=True)
class Case:
    """A case while a batch or a staff action works on it."""

    id: UUID
    contact_id: UUID
    tracking_code: str
    state: CaseState
    channel: Channel
    line: str
    topic: Topic
    section: Section
    kind: Kind
    audience: Audience
    province: str | None
    desk: str
    language: Language
    opened_at: datetime
    last_activity_at: datetime
    closed_at: datetime | None = None
    previous_case_id: UUID | None = None
    version: int = 1
    priority: int = 0
    assignee_id: UUID | None = None
    assigned_at: datetime | None = None
    due_at: datetime | None = None
    """The nearest deadline that runs; none when nobody of ours has to act."""

    def activity(self, at: datetime) -> None:
        """Something happened; a message that comes late does not turn the clock back."""
        self.last_activity_at = max(self.last_activity_at, at)


@dataclass(frozen=True, slots=True)
class Rating:
    """What a person thinks of how a case was answered."""

    case_id: UUID
    stars: int
    """1 to 5, 5 the best."""
    words: str
    """What they wrote beside it; often nothing."""
    message_id: UUID
    rated_at: datetime


def way_to(number: str, *, read_aloud: bool) -> Channel:
    """How a message gets to a telephone number: by SMS, or by voice where none can come or none is wanted."""
    return Channel.VOICE if read_aloud or not takes_sms(number) else Channel.SMS


def storable(text: str) -> str:
    """PostgreSQL's text cannot hold NUL: U+FFFD stands where one was."""
    return text.replace("\0", "\ufffd")


def storable_message(message: RoutedMessage) -> RoutedMessage:
    """The same message without NUL anywhere; nearly always the very same object."""
    envelope = message.envelope
    texts = {name: getattr(envelope, name) or "" for name in _TEXTS}
    told = (*texts.values(), envelope.sender.value, message.normalized_text)
    if not any("\0" in text for text in told):
        return message
    changes: dict[str, object] = {name: storable(text) for name, text in texts.items() if text}
    changes["sender"] = envelope.sender.model_copy(update={"value": storable(envelope.sender.value)})
    clean = {
        "envelope": envelope.model_copy(update=changes),
        "normalized_text": storable(message.normalized_text),
    }
    return message.model_copy(update=clean)


def named(name: str) -> UUID:
    """The id of what a caller gave a name to: the same name, the same id."""
    return uuid5(_NAMESPACE, name)


def dated(drawn: UUID, at: datetime) -> UUID:
    """A random id with the milliseconds of a moment in front (RFC 9562, version 8).

    What came together then lies together in every index that holds the id: in a store of millions a new row
    touches the page that the last one touched, not one of a hundred thousand.
    """
    milliseconds = int(at.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 8 << 76 | drawn.int & _BEHIND_THE_DATE)


def caused(cause: UUID, purpose: str) -> UUID:
    """The id of what follows from a cause: the same however often it is worked out, so a retry cannot double.

    One exclusive-or with a pattern of the purpose: as unlikely to clash as the cause's own id, at a tenth of
    the price of `uuid5`, and this is worked out three times a message. Of a dated cause it has the date.
    """
    return UUID(int=cause.int ^ _pattern(purpose))


@cache
def _pattern(purpose: str) -> int:
    """Random bits of the purpose's name, none where a UUID keeps its date, its version and its variant."""
    return uuid5(_NAMESPACE, purpose).int & _BEHIND_THE_DATE & ~(0x3 << 62)
