"""Contacts, cases, messages, answers, deliveries, the outbox and the dead letters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None

_APPEND_ONLY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append only', TG_TABLE_NAME;
END
$$
"""


def upgrade() -> None:
    """Make the tables, the sequence of tracking codes, and what keeps the history append only."""
    op.create_table(
        "case_event",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("case_event_pkey")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bulk_refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("contact_pkey")),
    )
    op.create_table(
        "dead_letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("key", postgresql.BYTEA(), nullable=False),
        sa.Column("value", postgresql.BYTEA(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'replayed')", name=op.f("dead_letter_state_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("dead_letter_pkey")),
    )
    op.create_index("dead_letter_newest", "dead_letter", ["failed_at", "id"], unique=False)
    op.create_index(
        "dead_letter_waiting",
        "dead_letter",
        ["topic", "failed_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "delivery_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("outbound_id", sa.Uuid(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("provider_message_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("provider_status", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=True),
        sa.Column("cost_rial", sa.BigInteger(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("delivery_report_pkey")),
    )
    op.create_index(
        "delivery_report_orphan",
        "delivery_report",
        ["seq"],
        unique=False,
        postgresql_where=sa.text("outbound_id IS NULL"),
    )
    op.create_index(
        "delivery_report_outbound",
        "delivery_report",
        ["outbound_id"],
        unique=False,
        postgresql_where=sa.text("outbound_id IS NOT NULL"),
    )
    op.create_index(
        "delivery_report_provider_id", "delivery_report", ["provider_message_id", "provider"], unique=False
    )
    op.create_table(
        "outbound_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("to_kind", sa.Text(), nullable=False),
        sa.Column("to_value", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("correlation_id", sa.Uuid(), nullable=False),
        sa.Column("causation_id", sa.Uuid(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("fingerprint", postgresql.BYTEA(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("provider_message_id", sa.Text(), nullable=True),
        sa.Column("provider_status", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=True),
        sa.Column("cost_rial", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("redrive_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redrives", sa.SmallInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("outbound_message_pkey")),
    )
    op.create_index("outbound_message_case", "outbound_message", ["case_id", "created_at"], unique=False)
    op.create_index(
        "outbound_message_caseless",
        "outbound_message",
        ["contact_id"],
        unique=False,
        postgresql_where=sa.text("case_id IS NULL"),
    )
    op.create_index(
        "outbound_message_pending",
        "outbound_message",
        ["redrive_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending' AND redrive_at IS NOT NULL"),
    )
    op.create_index(
        "outbound_message_stuck",
        "outbound_message",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending' AND redrive_at IS NULL"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", postgresql.BYTEA(), nullable=False),
        sa.Column("value", postgresql.BYTEA(), nullable=False),
        sa.Column("outbound_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pkey")),
    )
    op.create_table(
        "tracking_code_lease",
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("leased_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("first", name=op.f("tracking_code_lease_pkey")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("tracking_code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("province", sa.Text(), nullable=True),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_activity_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("previous_case_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("cases_closed_at_check")
        ),
        sa.CheckConstraint(
            "state IN ('new', 'triage', 'open', 'answered', 'closed')", name=op.f("cases_state_check")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("cases_contact_id_fkey")),
        sa.ForeignKeyConstraint(["previous_case_id"], ["cases.id"], name=op.f("cases_previous_case_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("cases_pkey")),
    )
    op.create_index("cases_contact", "cases", ["contact_id", "opened_at"], unique=False)
    op.create_index("cases_newest", "cases", ["opened_at", "id"], unique=False)
    op.create_index("cases_queue", "cases", ["desk", "state", "opened_at", "id"], unique=False)
    op.create_table(
        "contact_address",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("contact_address_contact_id_fkey")),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("contact_address_pkey")),
    )
    op.create_index(op.f("contact_address_contact_id"), "contact_address", ["contact_id"], unique=False)
    op.create_table(
        "dead_letter_replay",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("dead_letter_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dead_letter_id"], ["dead_letter.id"], name=op.f("dead_letter_replay_dead_letter_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("dead_letter_replay_pkey")),
    )
    op.create_index(
        op.f("dead_letter_replay_dead_letter_id"), "dead_letter_replay", ["dead_letter_id"], unique=False
    )
    op.create_table(
        "message",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("provider_message_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("sender_kind", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("normalized_text", sa.Text(), nullable=False),
        sa.Column("tracking_code", sa.Text(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("classifier", sa.Text(), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("declared", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("session", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("attachments", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("correlation_id", sa.Uuid(), nullable=False),
        sa.Column("causation_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("message_case_id_fkey")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("message_pkey")),
    )
    op.create_index("message_case", "message", ["case_id", "received_at"], unique=False)
    op.create_index(
        "message_caseless",
        "message",
        ["contact_id", "received_at"],
        unique=False,
        postgresql_where=sa.text("case_id IS NULL"),
    )
    op.create_table(
        "tracking_code",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("tracking_code_case_id_fkey")),
        sa.PrimaryKeyConstraint("code", name=op.f("tracking_code_pkey")),
    )
    op.execute("CREATE SEQUENCE tracking_sequence MINVALUE 0 START 0")
    op.execute(_APPEND_ONLY)
    for table in ("case_event", "dead_letter_replay"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    # Rows that change in place leave room on their page; a queue is all churn and is cleaned early.
    op.execute("ALTER TABLE cases SET (fillfactor = 85)")
    op.execute("ALTER TABLE outbound_message SET (fillfactor = 85)")
    op.execute(
        "ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000)"
    )


def downgrade() -> None:
    """Drop everything."""
    for table in (
        "tracking_code_lease", "dead_letter_replay", "dead_letter", "outbox", "case_event", "delivery_report",
        "outbound_message", "message", "tracking_code", "cases", "contact_address", "contact",
    ):  # fmt: skip
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change")
    op.execute("DROP SEQUENCE tracking_sequence")
