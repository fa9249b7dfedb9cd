"""Other organisations' services: who they are, the keys they hold, and what they handed in."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from case_store.repository.tables.base import MOMENT, metadata

PARTNER_STATES: Final = "state IN ('active', 'suspended')"

partner = sa.Table(
    "partner",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="active"),
    sa.Column("per_minute", sa.Integer, nullable=False),
    sa.Column("per_day", sa.Integer, nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.CheckConstraint(PARTNER_STATES, name="state"),
    sa.CheckConstraint("id ~ '^[a-z][a-z0-9-]{1,39}$'", name="id"),
)

partner_key = sa.Table(
    "partner_key",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("partner_id", sa.Text, sa.ForeignKey("partner.id"), nullable=False, index=True),
    sa.Column("hash", pg.BYTEA, nullable=False, unique=True),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("scopes", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("sandbox", sa.Boolean, nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("expires_at", MOMENT),
    sa.Column("revoked_at", MOMENT),
    sa.CheckConstraint("octet_length(hash) = 32", name="hash"),
)

submission = sa.Table(
    "submission",
    metadata,
    sa.Column("message_id", sa.Uuid, primary_key=True),
    sa.Column("partner_id", sa.Text, nullable=False),
    sa.Column("case_id", sa.Uuid, index=True),
    sa.Column("opened", sa.Boolean, nullable=False),
    sa.Column("tracking_code", sa.Text, nullable=False, index=True),
    sa.Column("reference", sa.Text),
    sa.Column("sandbox", pg.JSONB),
    sa.Column("submitted_at", MOMENT, nullable=False),
    sa.Column("withdrawn_at", MOMENT),
    sa.Column("due_at", MOMENT),
    sa.CheckConstraint("(sandbox IS NULL) <> (case_id IS NULL)", name="sandbox"),
    sa.Index(
        "submission_live",
        "partner_id",
        "submitted_at",
        "message_id",
        postgresql_where=sa.text("sandbox IS NULL"),
    ),
    sa.Index(
        "submission_sandbox",
        "partner_id",
        "submitted_at",
        "message_id",
        postgresql_where=sa.text("sandbox IS NOT NULL"),
    ),
    sa.Index(
        "submission_reference",
        "partner_id",
        "reference",
        "submitted_at",
        "message_id",
        postgresql_where=sa.text("reference IS NOT NULL"),
    ),
    sa.Index("submission_due", "due_at", postgresql_where=sa.text("due_at IS NOT NULL")),
)
"""`withdrawn_at` is the `closed_at` that its case got by it: once the case is opened again they differ, and
it counts as withdrawn no more. Of the sandbox `due_at` is when its next step is to be told."""
