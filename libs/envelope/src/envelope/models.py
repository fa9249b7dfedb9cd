"""What travels: the message in, the message understood, the message out, its delivery, the case's events."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID, uuid5

from pydantic import AwareDatetime, Field

from envelope.addresses import Address
from envelope.base import WireModel
from envelope.taxonomy import Audience, Kind, Section, Topic

_MESSAGE_NAMESPACE: Final = UUID("6f1c7d0e-1420-5a7a-8000-70617961616d")

Utc = AwareDatetime
TrackingCode = Annotated[str, Field(pattern=r"^[1-9][0-9]{9}$")]
Ratio = Annotated[float, Field(ge=0, le=1)]


class Channel(StrEnum):
    """The door a message came in by."""

    SMS = "sms"
    USSD = "ussd"
    VOICE = "voice"
    PORTAL = "portal"
    API = "api"
    PHONE = "phone"
    IN_PERSON = "in_person"


class SessionPhase(StrEnum):
    """Where a USSD or IVR conversation stood."""

    BEGIN = "begin"
    CONTINUE = "continue"
    END = "end"


class Language(StrEnum):
    """The language a person is answered in."""

    FA = "fa"
    EN = "en"


class Playable(WireModel):
    """A small copy of a recording that every browser plays; its bytes are in the object store, too."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of the copy's bytes."""
    media_type: str
    """`audio/ogg`: Opus."""
    size: Annotated[int, Field(ge=0)]
    """In bytes."""


class Sound(WireModel):
    """What listening to a recording told."""

    playable: Playable | None = None
    """The copy to play; None where it could not be made."""
    peaks: Annotated[tuple[Annotated[int, Field(ge=0, le=100)], ...], Field(max_length=240)] = ()
    """The loudest of each stretch of it, in order, 100 the loudest of all: enough to draw it."""
    loudness: float | None = None
    """Integrated, in LUFS (EBU R 128); None where there is nothing to hear."""
    silent: bool = False
    """Silence or steady noise throughout: probably nobody spoke."""


class SoundFault(StrEnum):
    """Why a recording cannot be played."""

    EMPTY = "empty"
    """No bytes, or no sound in them."""
    UNKNOWN = "unknown"
    """No kind of sound that we know."""
    BROKEN = "broken"
    """It says that it is sound, and cannot be read."""
    TOO_LONG = "too_long"
    """Longer than any call."""
    TOO_COSTLY = "too_costly"
    """Reading it took more time or memory than a recording may."""


class Attachment(WireModel):
    """A recording or a file that came with the message; its bytes are in the object store."""

    uri: str
    """Where the bytes are, in the object store."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of the bytes as they came."""
    media_type: str
    """As sniffed, not as claimed."""
    size: Annotated[int, Field(ge=0)]
    """In bytes."""
    seconds: float | None = None
    """Length of a recording."""
    sound: Sound | None = None
    """Of a recording that can be played."""
    fault: SoundFault | None = None
    """Of a recording that cannot: it is kept as it came, for a person to look at."""


class Declared(WireModel):
    """What the person chose in a menu or form; the router trusts it over anything it reads."""

    topic: Topic | None = None
    """Chosen subject."""
    section: Section | None = None
    """Chosen section, where no subject was to be chosen: it decides the desk."""
    kind: Kind | None = None
    """Chosen kind."""
    audience: Audience | None = None
    """Chosen audience."""
    province: str | None = None
    """Chosen province, by its Persian name."""
    language: Language | None = None
    """Chosen to be spoken to in: they are answered in it, whatever their words are in."""
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    """How content the person is with an answer, 5 the most; the text beside it is no matter of its own."""


class Session(WireModel):
    """The conversation a message was made in (USSD, IVR)."""

    id: str
    """The operator's or PBX's session id."""
    phase: SessionPhase
    """Where the conversation stood."""
    steps: tuple[str, ...] = ()
    """What the person pressed, in order."""


class Envelope(WireModel):
    """One message from one person, whichever door it came in by."""

    schema_version: Literal[1] = 1
    """Raised only by a change that an old reader cannot ignore."""
    message_id: UUID
    """`message_id_of(...)`: a redelivery has the same id by construction."""
    channel: Channel
    """The door."""
    provider: str
    """The company that carried it (`kavenegar`)."""
    provider_message_id: str
    """The provider's own id, unique within channel, line and provider."""
    line: str
    """Our number that was used (`10001420`)."""
    sender: Address
    """Who wrote."""
    text: str = ""
    """As said, never altered."""
    attachments: tuple[Attachment, ...] = ()
    """Recordings and files."""
    declared: Declared | None = None
    """What the person chose, if there was anything to choose."""
    tracking_code: TrackingCode | None = None
    """Of the case that this message would open; an alias if it joins another."""
    refers_to: TrackingCode | None = None
    """A tracking code given in a field of its own."""
    session: Session | None = None
    """The conversation it was made in."""
    reference: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """What the service that handed it in calls it; never shown to the person."""
    occurred_at: Utc
    """When the person sent it, as the provider says; else `received_at`."""
    received_at: Utc
    """When we took it."""
    correlation_id: UUID
    """The same along the whole path of this message and its answers."""
    causation_id: UUID | None = None
    """The message that this one follows from."""


class Intent(StrEnum):
    """What is to be done with a message."""

    MESSAGE = "message"
    """A matter: it opens a case or joins one."""
    STATUS = "status"
    """«پیگیری»: answer how the case stands."""
    HELP = "help"
    """«راهنما»: answer how to use the line."""
    OPT_OUT = "opt_out"
    """«لغو»: no more bulk messages."""
    OPT_IN = "opt_in"
    """«عضویت»: bulk messages again."""
    RATING = "rating"
    """A rating chosen in a form, or a lone digit 1 to 5: of a case, never a case."""


class DecisionSource(StrEnum):
    """What a classification rests on."""

    DECLARED = "declared"
    RULES = "rules"
    NONE = "none"


class Classification(WireModel):
    """What a message is about, how sure we are and why."""

    topic: Topic
    """`other` where nothing was found."""
    section: Section
    """The section of the topic."""
    kind: Kind
    """`question` where nothing was found."""
    audience: Audience
    """`unknown` where nothing was found."""
    confidence: Ratio
    """Of the topic: 1 is declared, 0 is nothing found."""
    reasons: tuple[str, ...] = ()
    """The rules that spoke, by name; never the person's words."""
    source: DecisionSource
    """Declared, by rule, or nothing."""
    version: str
    """Of the classifier, so that a replay can be compared."""


class RoutedMessage(WireModel):
    """An envelope and what the router made of it."""

    schema_version: Literal[1] = 1
    """Raised only by a change that an old reader cannot ignore."""
    envelope: Envelope
    """The message as it came."""
    classification: Classification
    """What it is about."""
    intent: Intent
    """What is to be done."""
    cited_codes: tuple[TrackingCode, ...] = ()
    """Valid tracking codes in `refers_to` and in the text, in order, without repeats."""
    desk: str
    """The desk that gets it: a section's name, or `triage` where confidence is below the threshold."""
    language: Language
    """The language to answer in."""
    normalized_text: str
    """The normalised copy, for search and comparison; never shown."""
    routed_at: Utc
    """When."""


class Transcript(WireModel):
    """What a machine took a recording for: a hint for staff, never the person's own words."""

    schema_version: Literal[1] = 1
    """Raised only by a change that an old reader cannot ignore."""
    message_id: UUID
    """The message that the recording came with."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of the recording as it came: which of the message's attachments."""
    text: Annotated[str, Field(min_length=1, max_length=20_000)]
    """As the machine understood it."""
    confidence: Ratio | None = None
    """How sure the machine was, 1 the most; None where it did not say."""
    language: Annotated[str, Field(max_length=20)] | None = None
    """Which it took it for (`fa`)."""
    model: Annotated[str, Field(max_length=100)]
    """Which machine."""
    transcribed_at: Utc
    """When; of two transcripts of one recording the later holds."""


class Suggestion(WireModel):
    """A transcript and what it seems to be about: for a person to accept, never acted upon by itself."""

    schema_version: Literal[1] = 1
    """Raised only by a change that an old reader cannot ignore."""
    transcript: Transcript
    """As it came."""
    classification: Classification
    """Of its text; source `none` where nothing was found."""


class Purpose(StrEnum):
    """Why we write to a person."""

    ACKNOWLEDGEMENT = "acknowledgement"
    STATUS = "status"
    HELP = "help"
    OPT_OUT = "opt_out"
    REPLY = "reply"
    CLOSED = "closed"
    ONE_TIME_CODE = "one_time_code"
    SURVEY = "survey"
    ANNOUNCEMENT = "announcement"


class Lane(StrEnum):
    """Which queue a message out waits in."""

    PRIORITY = "priority"
    """Replies and one-time codes."""
    BULK = "bulk"
    """Surveys and announcements: goes when nothing else waits."""


class OutboundMessage(WireModel):
    """One message to one person."""

    schema_version: Literal[1] = 1
    """Raised only by a change that an old reader cannot ignore."""
    id: UUID
    """Ours; the provider's `localid` derives from it."""
    case_id: UUID | None = None
    """The case it belongs to."""
    to: Address
    """Who gets it."""
    channel: Channel
    """The door it leaves by."""
    line: str
    """Our number it is sent from."""
    text: str
    """As the person will read it, or hear it."""
    purpose: Purpose
    """Why."""
    lane: Lane
    """Which queue."""
    not_before: Utc | None = None
    """Hold it until then."""
    expires_at: Utc | None = None
    """Of no use after that: report `expired`, do not send."""
    created_at: Utc
    """When the case store wrote it."""
    correlation_id: UUID
    """Of the message it answers."""
    causation_id: UUID | None = None
    """What it follows from."""


class DeliveryState(StrEnum):
    """How far a message out has come. See `envelope.delivery` for order and finality."""

    PENDING = "pending"
    """Written, not yet with the provider."""
    QUEUED = "queued"
    """The provider has it."""
    SENT = "sent"
    """The operator has it."""
    DELIVERED = "delivered"
    """The person has it."""
    UNDELIVERED = "undelivered"
    """Off or out of reach until it lapsed."""
    FAILED = "failed"
    """The operator failed."""
    CANCELLED = "cancelled"
    """Cancelled, refunded."""
    BLOCKED = "blocked"
    """The receiver blocks messages of this kind."""
    REJECTED = "rejected"
    """The provider refuses it for good (number, text, sender)."""
    EXPIRED = "expired"
    """Too late to be of use; not sent."""
    UNKNOWN = "unknown"
    """The provider does not know any more."""


class DeliveryReport(WireModel):
    """A step of a message out."""

    schema_version: Literal[1] = 1
    """Raised only by a change that an old reader cannot ignore."""
    provider: str
    """Who says so."""
    provider_message_id: str | None = None
    """The provider's id; the only id in a DLR."""
    outbound_id: UUID | None = None
    """Ours, where the reporter knows it."""
    state: DeliveryState
    """In our words."""
    provider_status: str | None = None
    """In theirs."""
    reason: str | None = None
    """Why it failed, for staff to read; no address, no text."""
    parts: Annotated[int, Field(ge=1)] | None = None
    """SMS parts sent."""
    cost_rial: Annotated[int, Field(ge=0)] | None = None
    """As the provider charged it, in Rial."""
    reported_at: Utc
    """When it was reported to us."""

    @property
    def key(self) -> bytes:
        """The partition key: reports of one message stay in order as far as they can be told."""
        return (self.provider_message_id or str(self.outbound_id)).encode()


class CaseEventType(StrEnum):
    """What happened to a case; past tense, append only."""

    OPENED = "case_opened"
    MESSAGE_RECEIVED = "message_received"
    REPLIED = "case_replied"
    CLOSED = "case_closed"
    REOPENED = "case_reopened"
    RECLASSIFIED = "case_reclassified"
    CLAIMED = "case_claimed"
    RELEASED = "case_released"
    ASSIGNED = "case_assigned"
    NOTED = "case_noted"
    LINKED = "case_linked"
    UNLINKED = "case_unlinked"
    REFERRED = "case_referred"
    REFERRAL_ANSWERED = "referral_answered"
    REFERRAL_RETURNED = "referral_returned"
    REFERRAL_FORWARDED = "referral_forwarded"
    REFERRAL_RECALLED = "referral_recalled"
    WAITING = "case_waiting"
    """For the citizen: its clock is paused."""
    RESUMED = "case_resumed"
    DEADLINE_NEAR = "deadline_near"
    DEADLINE_BREACHED = "deadline_breached"
    PERSON_MERGED = "person_merged"
    PERSON_PARTED = "person_parted"
    FILE_ADDED = "file_added"
    OFFICIAL_REPLY_ISSUED = "official_reply_issued"
    OFFICIAL_REPLY_REVOKED = "official_reply_revoked"
    CALL_BACK_ASKED = "call_back_asked"
    """Somebody is to be called about it; for a voice message that goes without saying."""
    PERSON_CALLED = "person_called"
    """Or it was tried."""
    CALL_BACK_DONE = "call_back_done"
    CALL_BACK_GIVEN_UP = "call_back_given_up"


class CaseEvent(WireModel):
    """One thing that happened to one case, for webhooks, reports and the warehouse."""

    schema_version: Literal[1] = 1
    """Raised only by a change that an old reader cannot ignore."""
    id: UUID
    """Of the event."""
    type: CaseEventType
    """What happened."""
    case_id: UUID
    """To which case."""
    tracking_code: TrackingCode
    """The case's own code."""
    channel: Channel | None = None
    """By which door, where a message was the cause."""
    topic: Topic
    """The case's topic then."""
    kind: Kind
    """The case's kind then."""
    desk: str
    """The case's desk then."""
    message_id: UUID | None = None
    """The message or reply that caused it."""
    actor: str
    """`citizen`, `system`, or a staff member's or service's name."""
    occurred_at: Utc
    """When."""

    @property
    def key(self) -> bytes:
        """The partition key: a case's events stay in order."""
        return self.case_id.bytes


def message_id_of(channel: Channel, line: str, provider: str, provider_message_id: str) -> UUID:
    """The id that every copy of one message shares: uuid5 of what the provider calls it."""
    return uuid5(_MESSAGE_NAMESPACE, f"{channel}|{line}|{provider}|{provider_message_id}")


def earliest(occurred_at: datetime | None, received_at: datetime) -> datetime:
    """The provider's time where it gave one that is not in the future, else ours."""
    return received_at if occurred_at is None else min(occurred_at, received_at)
