"""Webhooks: where partners want to be told of their submissions, and each delivery to them."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from case_store.repository.tables.base import MOMENT, metadata

webhook = sa.Table(
    "webhook",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("partner_id", sa.Text, sa.ForeignKey("partner.id"), nullable=False, index=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("types", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("sandbox", sa.Boolean, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="active"),
    sa.Column("secret", pg.BYTEA, nullable=False),
    sa.Column("old_secret", pg.BYTEA),
    sa.Column("old_secret_until", MOMENT),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.CheckConstraint("state IN ('active', 'disabled', 'gone')", name="state"),
    sa.CheckConstraint("(old_secret IS NULL) = (old_secret_until IS NULL)", name="old_secret"),
)
"""No `types` are all of them. Secrets are sealed; an old one signs beside the new one until then."""

webhook_delivery = sa.Table(
    "webhook_delivery",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("webhook_id", sa.Uuid, sa.ForeignKey("webhook.id", ondelete="CASCADE"), nullable=False),
    sa.Column("event_id", sa.Uuid, nullable=False),
    sa.Column("message_id", sa.Uuid),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("tracking_code", sa.Text),
    sa.Column("reference", sa.Text),
    sa.Column("standing", sa.Text),
    sa.Column("occurred_at", MOMENT, nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="pending"),
    sa.Column("next_at", MOMENT),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("leased", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("failures", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("attempts", pg.JSONB, nullable=False, server_default="[]"),
    sa.Column("settled_at", MOMENT),
    sa.CheckConstraint("state IN ('pending', 'delivered', 'dead')", name="state"),
    sa.CheckConstraint("(state = 'pending') = (next_at IS NOT NULL)", name="next_at"),
    sa.CheckConstraint("(state = 'pending') = (settled_at IS NULL)", name="settled_at"),
    sa.Index(
        "webhook_delivery_due", "webhook_id", "next_at", "id", postgresql_where=sa.text("state = 'pending'")
    ),
    sa.Index("webhook_delivery_leased", "webhook_id", "next_at", postgresql_where=sa.text("leased")),
    sa.Index("webhook_delivery_log", "webhook_id", "state", "created_at", "id"),
    sa.Index(
        "webhook_delivery_settled", "state", "settled_at", postgresql_where=sa.text("settled_at IS NOT NULL")
    ),
)
"""One event for one endpoint. `standing` is the submission's state then. While it is `leased`, `next_at` is
when the lease runs out, so that it is due again by itself. `attempt` counts leases, `failures` what failed
since the last replay."""
