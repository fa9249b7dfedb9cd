"""Other organisations' services: who they are, the keys they hold, and what they handed in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision: str = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Partners, keys by their hash, submissions."""
    op.create_table(
        "partner",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("state IN ('active', 'suspended')", name=op.f("partner_state_check")),
        sa.CheckConstraint("id ~ '^[a-z][a-z0-9-]{1,39}$'", name=op.f("partner_id_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("partner_pkey")),
    )
    op.create_table(
        "partner_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("hash", pg.BYTEA(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("scopes", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("sandbox", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("partner_key_hash_check")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("partner_key_partner_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("partner_key_pkey")),
        sa.UniqueConstraint("hash", name=op.f("partner_key_hash_key")),
    )
    op.create_index(op.f("partner_key_partner_id"), "partner_key", ["partner_id"])
    op.create_table(
        "submission",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid()),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("tracking_code", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text()),
        sa.Column("sandbox", pg.JSONB()),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("(sandbox IS NULL) <> (case_id IS NULL)", name=op.f("submission_sandbox_check")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("submission_pkey")),
    )
    op.create_index(op.f("submission_case_id"), "submission", ["case_id"])
    op.create_index(op.f("submission_tracking_code"), "submission", ["tracking_code"])
    newest = ["partner_id", "submitted_at", "message_id"]
    op.create_index("submission_live", "submission", newest, postgresql_where=sa.text("sandbox IS NULL"))
    op.create_index(
        "submission_sandbox", "submission", newest, postgresql_where=sa.text("sandbox IS NOT NULL")
    )
    op.create_index(
        "submission_reference",
        "submission",
        ["partner_id", "reference", "submitted_at", "message_id"],
        postgresql_where=sa.text("reference IS NOT NULL"),
    )
    op.create_index(
        "submission_due", "submission", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL")
    )


def downgrade() -> None:
    """Partners and their keys are forgotten; the messages that they handed in stay."""
    for table in ("submission", "partner_key", "partner"):
        op.drop_table(table)
