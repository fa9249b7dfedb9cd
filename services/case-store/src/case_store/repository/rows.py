"""The case store's nouns as rows, in the order of their columns, and a row of `cases` as a case."""

import re
from datetime import datetime
from typing import Any, Final

from asyncpg import Record as Row

from case_store.model import Case, CaseState, storable
from case_store.plan.effects import Addressed, Filed
from envelope.models import CaseEvent, Channel, DeliveryState, Language
from envelope.taxonomy import Audience, Kind, Section, Topic

CASE_COLUMNS: Final = (
    "id", "contact_id", "tracking_code", "state", "channel", "line", "topic", "section", "kind",
    "audience", "province", "desk", "language", "opened_at", "last_activity_at", "closed_at",
    "previous_case_id", "version", "priority", "assignee_id", "assigned_at", "due_at",
)  # fmt: skip
MESSAGE_COLUMNS: Final = (
    "message_id", "case_id", "contact_id", "channel", "provider", "provider_message_id", "line",
    "sender_kind", "sender", "intent", "text", "normalized_text", "tracking_code", "topic", "kind",
    "audience", "confidence", "decided_by", "classifier", "reasons", "declared", "session", "attachments",
    "occurred_at", "received_at", "stored_at", "correlation_id", "causation_id",
)  # fmt: skip
OUTBOUND_COLUMNS: Final = (
    "id", "case_id", "contact_id", "purpose", "lane", "channel", "line", "to_kind", "to_value", "text",
    "not_before", "expires_at", "correlation_id", "causation_id", "author", "fingerprint", "state",
    "created_at", "state_at", "redrive_at",
)  # fmt: skip
EVENT_COLUMNS: Final = (
    "id", "case_id", "type", "message_id", "actor", "channel", "topic", "kind", "desk", "note",
    "occurred_at", "case_version",
)  # fmt: skip

_ESCAPED_NUL: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def case_of(row: Row) -> Case:
    """A row of `cases` as a case."""
    return Case(
        id=row["id"],
        contact_id=row["contact_id"],
        tracking_code=row["tracking_code"],
        state=CaseState(row["state"]),
        channel=Channel(row["channel"]),
        line=row["line"],
        topic=Topic(row["topic"]),
        section=Section(row["section"]),
        kind=Kind(row["kind"]),
        audience=Audience(row["audience"]),
        province=row["province"],
        desk=row["desk"],
        language=Language(row["language"]),
        opened_at=row["opened_at"],
        last_activity_at=row["last_activity_at"],
        closed_at=row["closed_at"],
        previous_case_id=row["previous_case_id"],
        version=row["version"],
        priority=row["priority"],
        assignee_id=row["assignee_id"],
        assigned_at=row["assigned_at"],
        due_at=row["due_at"],
    )


def case_row(case: Case) -> tuple[Any, ...]:
    """A new case."""
    return (
        case.id, case.contact_id, case.tracking_code, case.state, case.channel, case.line, case.topic,
        case.section, case.kind, case.audience, storable(case.province) if case.province else None, case.desk,
        case.language, case.opened_at, case.last_activity_at, case.closed_at,
        case.previous_case_id, case.version, case.priority, case.assignee_id, case.assigned_at, case.due_at,
    )  # fmt: skip


def message_row(filed: Filed, now: datetime) -> tuple[Any, ...]:
    """A message as it came and what was made of it."""
    message, envelope = filed.message, filed.message.envelope
    found, declared, session = message.classification, envelope.declared, envelope.session
    attachments = ",".join(item.to_json().decode() for item in envelope.attachments)
    return (
        envelope.message_id, filed.case_id, filed.contact_id, envelope.channel, envelope.provider,
        envelope.provider_message_id, envelope.line, envelope.sender.kind,
        envelope.sender.value, message.intent, envelope.text, message.normalized_text,
        envelope.tracking_code, found.topic, found.kind, found.audience,
        found.confidence, found.source, found.version, found.reasons,
        _json(declared.to_json()) if declared else None, _json(session.to_json()) if session else None,
        _json(f"[{attachments}]".encode()) if attachments else None,
        envelope.occurred_at, envelope.received_at, now, envelope.correlation_id, envelope.causation_id,
    )  # fmt: skip


def outbound_row(
    addressed: Addressed,
    redrive_at: datetime | None,
    author: str | None,
    fingerprint: bytes | None,
    state: DeliveryState = DeliveryState.PENDING,
) -> tuple[Any, ...]:
    """A message out: one that has not gone yet, or one that was said to the person's face."""
    m, contact_id = addressed
    return (
        m.id, m.case_id, contact_id, m.purpose, m.lane, m.channel, m.line, m.to.kind, m.to.value, m.text,
        m.not_before, m.expires_at, m.correlation_id, m.causation_id, author, fingerprint, state,
        m.created_at, m.created_at, redrive_at,
    )  # fmt: skip


def event_row(event: CaseEvent, note: str | None, version: int | None) -> tuple[Any, ...]:
    """Something that happened, and the version that the case has since."""
    return (
        event.id, event.case_id, event.type, event.message_id, event.actor, event.channel, event.topic,
        event.kind, event.desk, note, event.occurred_at, version,
    )  # fmt: skip


def _json(value: bytes) -> str:
    """`jsonb` refuses the NUL escape as `text` refuses NUL."""
    return _ESCAPED_NUL.sub(r"\1\\ufffd", value.decode())
