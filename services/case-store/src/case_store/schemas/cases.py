"""Cases, people, messages in both directions, history."""

from datetime import datetime
from typing import Any
from uuid import UUID

from case_store.model import CaseState
from case_store.schemas.given import Given
from envelope.models import CaseEventType, Channel, DeliveryState, Intent, Language, Purpose
from envelope.taxonomy import Audience, Kind, Section, Topic


class CaseSummary(Given):
    """A case in a list."""

    id: UUID
    """Ours; does not change."""
    tracking_code: str
    """The case's own code."""
    state: CaseState
    """Where it stands."""
    channel: Channel
    """The door it was opened by."""
    line: str
    """Our number that was used."""
    topic: Topic
    """What it is about."""
    section: Section
    """The section of the topic."""
    kind: Kind
    """What the person wants."""
    audience: Audience
    """Who the person is to the organisation."""
    province: str | None
    """By its Persian name, if told."""
    desk: str
    """Whose queue it is in."""
    language: Language
    """The language it is answered in."""
    contact_id: UUID
    """The person."""
    opened_at: datetime
    """When its first message was taken."""
    last_activity_at: datetime
    """The last word from either side."""
    closed_at: datetime | None
    """When it was closed."""
    previous_case_id: UUID | None
    """The closed case that this one follows."""
    version: int
    """Goes up with every change; the ETag."""


class CasePage(Given):
    """Cases, the newest first."""

    cases: list[CaseSummary]
    """At most `limit`."""
    next_cursor: str | None
    """Give it back to go on; none at the end."""


class AddressGiven(Given):
    """One address of a person."""

    kind: str
    """`msisdn` or `account`."""
    value: str
    """E.164 for an msisdn."""


class ContactGiven(Given):
    """A person as far as we know them."""

    id: UUID
    """Ours; says nothing of the address."""
    addresses: list[AddressGiven]
    """The oldest first."""
    bulk_refused_at: datetime | None
    """Since when they want no bulk messages."""
    created_at: datetime
    """When they first wrote."""


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
    """As the person reads it."""
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


class CaseGiven(CaseSummary):
    """A case whole."""

    aliases: list[str]
    """Other codes that lead to it."""
    person: ContactGiven
    """Whose it is."""
    messages: list[MessageGiven]
    """What the person said, the oldest first."""
    outbound_messages: list[OutboundGiven]
    """What we wrote, the oldest first."""
    events: list[EventGiven]
    """Its history, the oldest first."""
