"""The tables as SQLAlchemy Core sees them; the migrations make them, and a test holds the two together.

The indexes follow the queries: a person's newest cases (threading), a desk's queue, the newest cases of
all (both keyset lists), what a case holds, a provider's message id, and small partial ones for the rest.
A foreign key is checked row by row: it stands where a wrong id would lose something (a code or a message
without its case, a case without its person), not where rows only report (events, messages out).
"""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from case_store.model import CaseState, DeadLetterState

metadata: Final = sa.MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

_MOMENT: Final = sa.DateTime(timezone=True)
_STATES: Final = ", ".join(f"'{state}'" for state in CaseState)
_DEAD_STATES: Final = ", ".join(f"'{state}'" for state in DeadLetterState)

contact = sa.Table(
    "contact",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("bulk_refused_at", _MOMENT),
    sa.Column("created_at", _MOMENT, nullable=False),
)

contact_address = sa.Table(
    "contact_address",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Column("contact_id", sa.Uuid, sa.ForeignKey("contact.id"), nullable=False, index=True),
    sa.Column("created_at", _MOMENT, nullable=False),
)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("contact_id", sa.Uuid, sa.ForeignKey("contact.id"), nullable=False),
    sa.Column("tracking_code", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("line", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("section", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("audience", sa.Text, nullable=False),
    sa.Column("province", sa.Text),
    sa.Column("desk", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("opened_at", _MOMENT, nullable=False),
    sa.Column("last_activity_at", _MOMENT, nullable=False),
    sa.Column("closed_at", _MOMENT),
    sa.Column("previous_case_id", sa.Uuid, sa.ForeignKey("cases.id")),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.CheckConstraint(f"state IN ({_STATES})", name="state"),
    sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
    sa.Index("cases_contact", "contact_id", "opened_at"),
    sa.Index("cases_queue", "desk", "state", "opened_at", "id"),
    sa.Index("cases_newest", "opened_at", "id"),
)

tracking_code = sa.Table(
    "tracking_code",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.id"), nullable=False),
)

message = sa.Table(
    "message",
    metadata,
    sa.Column("message_id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.id")),
    sa.Column("contact_id", sa.Uuid, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("provider_message_id", sa.Text, nullable=False),
    sa.Column("line", sa.Text, nullable=False),
    sa.Column("sender_kind", sa.Text, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("intent", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("normalized_text", sa.Text, nullable=False),
    sa.Column("tracking_code", sa.Text),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("audience", sa.Text, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("classifier", sa.Text, nullable=False),
    sa.Column("reasons", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("declared", pg.JSONB),
    sa.Column("session", pg.JSONB),
    sa.Column("attachments", pg.JSONB),
    sa.Column("occurred_at", _MOMENT, nullable=False),
    sa.Column("received_at", _MOMENT, nullable=False),
    sa.Column("stored_at", _MOMENT, nullable=False),
    sa.Column("correlation_id", sa.Uuid, nullable=False),
    sa.Column("causation_id", sa.Uuid),
    sa.Index("message_case", "case_id", "received_at"),
    sa.Index("message_caseless", "contact_id", "received_at", postgresql_where=sa.text("case_id IS NULL")),
)

outbound_message = sa.Table(
    "outbound_message",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid),
    sa.Column("contact_id", sa.Uuid, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("line", sa.Text, nullable=False),
    sa.Column("to_kind", sa.Text, nullable=False),
    sa.Column("to_value", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("not_before", _MOMENT),
    sa.Column("expires_at", _MOMENT),
    sa.Column("correlation_id", sa.Uuid, nullable=False),
    sa.Column("causation_id", sa.Uuid),
    sa.Column("author", sa.Text),
    sa.Column("fingerprint", pg.BYTEA),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("provider", sa.Text),
    sa.Column("provider_message_id", sa.Text),
    sa.Column("provider_status", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("parts", sa.Integer),
    sa.Column("cost_rial", sa.BigInteger),
    sa.Column("created_at", _MOMENT, nullable=False),
    sa.Column("state_at", _MOMENT, nullable=False),
    sa.Column("redrive_at", _MOMENT),
    sa.Column("redrives", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Index("outbound_message_case", "case_id", "created_at"),
    sa.Index("outbound_message_caseless", "contact_id", postgresql_where=sa.text("case_id IS NULL")),
    sa.Index(
        "outbound_message_pending",
        "redrive_at",
        postgresql_where=sa.text("state = 'pending' AND redrive_at IS NOT NULL"),
    ),
    sa.Index(
        "outbound_message_stuck",
        "created_at",
        postgresql_where=sa.text("state = 'pending' AND redrive_at IS NULL"),
    ),
)

delivery_report = sa.Table(
    "delivery_report",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("seq", sa.BigInteger, sa.Identity(), nullable=False),
    sa.Column("outbound_id", sa.Uuid),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("provider_message_id", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("provider_status", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("parts", sa.Integer),
    sa.Column("cost_rial", sa.BigInteger),
    sa.Column("reported_at", _MOMENT, nullable=False),
    sa.Column("stored_at", _MOMENT, nullable=False),
    sa.Index("delivery_report_outbound", "outbound_id", postgresql_where=sa.text("outbound_id IS NOT NULL")),
    sa.Index("delivery_report_provider_id", "provider_message_id", "provider"),
    sa.Index("delivery_report_orphan", "seq", postgresql_where=sa.text("outbound_id IS NULL")),
)

case_event = sa.Table(
    "case_event",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("seq", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("message_id", sa.Uuid),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("channel", sa.Text),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("desk", sa.Text, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("occurred_at", _MOMENT, nullable=False),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("key", pg.BYTEA, nullable=False),
    sa.Column("value", pg.BYTEA, nullable=False),
    sa.Column("outbound_id", sa.Uuid),
    sa.Column("created_at", _MOMENT, nullable=False),
)

dead_letter = sa.Table(
    "dead_letter",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("offset", sa.BigInteger, nullable=False),
    sa.Column("key", pg.BYTEA, nullable=False),
    sa.Column("value", pg.BYTEA, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("failed_at", _MOMENT, nullable=False),
    sa.Column("stored_at", _MOMENT, nullable=False),
    sa.CheckConstraint(f"state IN ({_DEAD_STATES})", name="state"),
    sa.Index("dead_letter_newest", "failed_at", "id"),
    sa.Index("dead_letter_waiting", "topic", "failed_at", postgresql_where=sa.text("state = 'waiting'")),
)

dead_letter_replay = sa.Table(
    "dead_letter_replay",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("dead_letter_id", sa.Uuid, sa.ForeignKey("dead_letter.id"), nullable=False, index=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("replayed_at", _MOMENT, nullable=False),
)

tracking_code_lease = sa.Table(
    "tracking_code_lease",
    metadata,
    sa.Column("first", sa.BigInteger, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("leased_at", _MOMENT, nullable=False),
)
