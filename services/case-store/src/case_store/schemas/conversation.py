"""Who talks with us and what was said: a person, messages in both directions, history."""

from datetime import datetime
from typing import Any
from uuid import UUID

from case_store.schemas.given import Given
from envelope.models import CaseEventType, Channel, DeliveryState, Intent, Purpose
from envelope.taxonomy import Audience, Kind, Topic


class AddressGiven(Given):
    """One address of a person."""

    kind: str
    """`msisdn` or `account`."""
    value: str
    """E.164 for an msisdn."""
    wrong_at: datetime | None = None
    """Since when it is known to be somebody else's: nothing is sent there."""


class ContactGiven(Given):
    """A person as far as we know them."""

    id: UUID
    """Ours; says nothing of the address."""
    name: str | None
    """As staff entered it."""
    national_id: str | None
    """Ten digits; all but the last three are dots for who may not read identities."""
    addresses: list[AddressGiven]
    """The oldest first; masked for who may not read identities."""
    bulk_refused_at: datetime | None
    """Since when they want no bulk messages."""
    read_aloud_at: datetime | None
    """Since when our messages are read out to them over the telephone; none if they come by SMS."""
    created_at: datetime
    """When they first wrote."""
    merged_into: UUID | None
    """The person who they turned out to be; that one has everything of theirs."""
    version: int
    """Goes up with every change; the ETag."""


class TranscriptGiven(Given):
    """What a machine took a recording for: a hint, and no word of the person's."""

    sha256: str
    """Of the recording, as among the message's attachments."""
    text: str
    """As the machine understood it; it may be wrong throughout."""
    confidence: float | None
    """How sure the machine was, 0 to 1; none where it did not say."""
    language: str | None
    """Which it took it for."""
    model: str
    """Which machine."""
    transcribed_at: datetime
    """When."""
    topic: Topic
    """What it seems to be about; whoever has the case may accept that by reclassifying it."""
    kind: Kind
    """What seems to be wanted."""
    audience: Audience
    """Who seems to speak."""
    topic_confidence: float
    """Of the topic; 0 where nothing was found."""
    reasons: list[str]
    """The rules that spoke."""
    classifier: str
    """The version that decided."""


class MessageGiven(Given):
    """A message from the person."""

    message_id: UUID
    """The same for every copy of it."""
    channel: Channel
    """The door."""
    provider: str
    """The company that carried it."""
    line: str
    """Our number that was used."""
    intent: Intent
    """What was to be done."""
    text: str
    """As said."""
    topic: Topic
    """As classified when it came."""
    kind: Kind
    """As classified when it came."""
    confidence: float
    """Of the topic."""
    reasons: list[str]
    """The rules that spoke."""
    classifier: str
    """The version that decided."""
    tracking_code: str | None
    """The code that it brought."""
    declared: dict[str, Any] | None
    """What the person chose in a menu."""
    session: dict[str, Any] | None
    """The USSD or IVR conversation."""
    attachments: list[dict[str, Any]] | None
    """Recordings and files."""
    transcripts: list[TranscriptGiven]
    """Of recordings, where a machine has listened to them."""
    occurred_at: datetime
    """When it was sent."""
    received_at: datetime
    """When a gateway took it."""
    stored_at: datetime
    """When it was stored here."""


class OutboundGiven(Given):
    """A message to the person, and how far it has come."""

    id: UUID
    """Ours."""
    purpose: Purpose
    """Why."""
    channel: Channel
    """The door it leaves by."""
    line: str
    """Our number it is sent from."""
    text: str
    """As the person reads it, or hears it."""
    not_before: datetime | None
    """Nobody is rung before then."""
    author: str | None
    """Who wrote it; none for the ones that write themselves."""
    state: DeliveryState
    """How far it has come."""
    state_at: datetime
    """Since when."""
    provider: str | None
    """Who carries it."""
    provider_message_id: str | None
    """Their id of it."""
    provider_status: str | None
    """In their words."""
    reason: str | None
    """Why it failed."""
    parts: int | None
    """SMS parts."""
    cost_rial: int | None
    """What it cost."""
    redrives: int
    """How often it was sent again because nothing was heard."""
    stuck: bool
    """Given up: nothing was heard after the last time."""
    created_at: datetime
    """When it was written."""


class EventGiven(Given):
    """One thing that happened to the case."""

    id: UUID
    """Of the event."""
    type: CaseEventType
    """What."""
    actor: str
    """Who."""
    message_id: UUID | None
    """The message or reply that caused it."""
    topic: Topic
    """The topic then."""
    kind: Kind
    """The kind then."""
    desk: str
    """The desk then."""
    note: str | None
    """A reason, where one was given."""
    occurred_at: datetime
    """When."""
