"""Rows of a seeded store: the fields are the columns, in the order in which they are copied.

Ids are strings of 32 hexadecimal digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final, NamedTuple


class ContactRow(NamedTuple):
    """A person."""

    id: str
    created_at: datetime
    name: str | None
    national_id: str | None


class AddressRow(NamedTuple):
    """Where they are reached."""

    kind: str
    value: str
    contact_id: str
    created_at: datetime


class CaseRow(NamedTuple):
    """A case."""

    id: str
    contact_id: str
    tracking_code: str
    state: str
    channel: str
    line: str
    topic: str
    section: str
    kind: str
    audience: str
    province: str | None
    desk: str
    language: str
    opened_at: datetime
    last_activity_at: datetime
    closed_at: datetime | None
    previous_case_id: str | None
    priority: int
    assignee_id: str | None
    assigned_at: datetime | None
    due_at: datetime | None


class CodeRow(NamedTuple):
    """A code that leads to a case."""

    code: str
    case_id: str


class MessageRow(NamedTuple):
    """A message from a person."""

    message_id: str
    case_id: str
    contact_id: str
    channel: str
    provider: str
    provider_message_id: str
    line: str
    sender_kind: str
    sender: str
    intent: str
    text: str
    normalized_text: str
    tracking_code: str | None
    topic: str
    kind: str
    audience: str
    confidence: float
    decided_by: str
    classifier: str
    reasons: tuple[str, ...]
    occurred_at: datetime
    received_at: datetime
    stored_at: datetime
    correlation_id: str


class OutboundRow(NamedTuple):
    """A message to a person, with how far it came."""

    id: str
    case_id: str
    contact_id: str
    purpose: str
    lane: str
    channel: str
    line: str
    to_kind: str
    to_value: str
    text: str
    correlation_id: str
    author: str | None
    state: str
    provider: str
    provider_message_id: str
    provider_status: str
    parts: int
    cost_rial: int
    created_at: datetime
    state_at: datetime


class ReportRow(NamedTuple):
    """One step of a message to a person."""

    id: str
    outbound_id: str
    provider: str
    provider_message_id: str
    state: str
    provider_status: str
    parts: int
    cost_rial: int
    reported_at: datetime
    stored_at: datetime


class EventRow(NamedTuple):
    """Something that happened to a case."""

    id: str
    case_id: str
    type: str
    message_id: str | None
    actor: str
    channel: str
    topic: str
    kind: str
    desk: str
    note: str | None
    occurred_at: datetime


class ClockRow(NamedTuple):
    """A deadline, running or stopped."""

    id: str
    case_id: str
    referral_id: str | None
    tier: str
    desk: str
    province: str
    allowance: int
    unit: str
    warn_share: float
    opened_at: datetime
    started_at: datetime
    warn_at: datetime
    due_at: datetime
    reckoned: int
    warned_at: datetime | None
    breached_at: datetime | None
    stopped_at: datetime | None


class ReferralRow(NamedTuple):
    """A question to an expert or a liaison."""

    id: str
    case_id: str
    tier: str
    unit_id: str
    assignee_id: str | None
    state: str
    question: str
    asked_by: str
    asked_by_id: str
    asked_at: datetime
    due_at: datetime | None
    answer: str | None
    settled_by: str | None
    settled_at: datetime | None


class NoteRow(NamedTuple):
    """What staff write down for each other."""

    id: str
    case_id: str
    author: str
    author_id: str
    text: str
    created_at: datetime


class StaffRow(NamedTuple):
    """An invented member of the staff: without a password nobody can sign in as them."""

    id: str
    username: str
    name: str
    roles: tuple[str, ...]
    created_at: datetime


class MembershipRow(NamedTuple):
    """Of which unit they are."""

    staff_id: str
    unit_id: str


@dataclass(slots=True)
class Rows:
    """What a batch comes to; the tables stand in the order in which they may be filled."""

    staff: list[StaffRow] = field(default_factory=list)
    staff_unit: list[MembershipRow] = field(default_factory=list)
    contact: list[ContactRow] = field(default_factory=list)
    contact_address: list[AddressRow] = field(default_factory=list)
    cases: list[CaseRow] = field(default_factory=list)
    tracking_code: list[CodeRow] = field(default_factory=list)
    message: list[MessageRow] = field(default_factory=list)
    outbound_message: list[OutboundRow] = field(default_factory=list)
    delivery_report: list[ReportRow] = field(default_factory=list)
    referral: list[ReferralRow] = field(default_factory=list)
    note: list[NoteRow] = field(default_factory=list)
    clock: list[ClockRow] = field(default_factory=list)
    case_event: list[EventRow] = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)
    """Case → tokens, as a search finds it: no table yet."""

    def by_table(self) -> dict[str, Sequence[Any]]:
        """Table → rows."""
        return {table: getattr(self, table) for table in TABLES}


TABLES: Final = tuple(table.name for table in fields(Rows) if table.name != "documents")
"""Every table that is filled by copying."""
