"""Webhooks: where partners want to be told, and each telling until it is delivered or dead."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision: str = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    """Endpoints with their sealed secrets, and the log of deliveries."""
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("types", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("sandbox", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("secret", pg.BYTEA(), nullable=False),
        sa.Column("old_secret", pg.BYTEA()),
        sa.Column("old_secret_until", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("state IN ('active', 'disabled', 'gone')", name=op.f("webhook_state_check")),
        sa.CheckConstraint(
            "(old_secret IS NULL) = (old_secret_until IS NULL)", name=op.f("webhook_old_secret_check")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("webhook_partner_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("webhook_pkey")),
    )
    op.create_index(op.f("webhook_partner_id"), "webhook", ["partner_id"])
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid()),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("tracking_code", sa.Text()),
        sa.Column("reference", sa.Text()),
        sa.Column("standing", sa.Text()),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True)),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("leased", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("failures", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("attempts", pg.JSONB(), server_default="[]", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "state IN ('pending', 'delivered', 'dead')", name=op.f("webhook_delivery_state_check")
        ),
        sa.CheckConstraint(
            "(state = 'pending') = (next_at IS NOT NULL)", name=op.f("webhook_delivery_next_at_check")
        ),
        sa.CheckConstraint(
            "(state = 'pending') = (settled_at IS NULL)", name=op.f("webhook_delivery_settled_at_check")
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["webhook.id"],
            name=op.f("webhook_delivery_webhook_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("webhook_delivery_pkey")),
    )
    op.create_index(
        "webhook_delivery_due",
        "webhook_delivery",
        ["webhook_id", "next_at", "id"],
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "webhook_delivery_leased",
        "webhook_delivery",
        ["webhook_id", "next_at"],
        postgresql_where=sa.text("leased"),
    )
    op.create_index("webhook_delivery_log", "webhook_delivery", ["webhook_id", "state", "created_at", "id"])
    op.create_index(
        "webhook_delivery_settled",
        "webhook_delivery",
        ["state", "settled_at"],
        postgresql_where=sa.text("settled_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Nobody is told any more."""
    for table in ("webhook_delivery", "webhook"):
        op.drop_table(table)
