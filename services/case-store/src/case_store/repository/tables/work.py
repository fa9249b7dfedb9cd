"""What staff do around a case: referrals, notes, drafts, corrections of the router, files."""

import sqlalchemy as sa

from case_store.model import ReferralState, Tier
from case_store.repository.tables.base import MOMENT, metadata, one_of

referral = sa.Table(
    "referral",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.id"), nullable=False, index=True),
    sa.Column("parent_id", sa.Uuid, sa.ForeignKey("referral.id")),
    sa.Column("tier", sa.Text, nullable=False),
    sa.Column("unit_id", sa.Text, sa.ForeignKey("unit.id"), nullable=False),
    sa.Column("assignee_id", sa.Uuid),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("asked_by_id", sa.Uuid),
    sa.Column("asked_at", MOMENT, nullable=False),
    sa.Column("due_at", MOMENT, nullable=False),
    sa.Column("answer", sa.Text),
    sa.Column("settled_by", sa.Text),
    sa.Column("settled_at", MOMENT),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.CheckConstraint(one_of("tier", Tier), name="tier"),
    sa.CheckConstraint(one_of("state", ReferralState), name="state"),
    sa.Index("referral_watch", "unit_id", "state", "due_at", "id"),
    sa.Index("referral_due", "due_at", "id", postgresql_where=sa.text("state = 'open'")),
)

note = sa.Table(
    "note",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.id"), nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("author_id", sa.Uuid),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Index("note_case", "case_id", "created_at"),
)

draft = sa.Table(
    "draft",
    metadata,
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.id"), primary_key=True),
    sa.Column("staff_id", sa.Uuid, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("saved_at", MOMENT, nullable=False),
)

correction = sa.Table(
    "correction",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.id"), nullable=False, index=True),
    sa.Column("message_id", sa.Uuid),
    sa.Column("topic_before", sa.Text, nullable=False),
    sa.Column("kind_before", sa.Text, nullable=False),
    sa.Column("audience_before", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("audience", sa.Text, nullable=False),
    sa.Column("classifier", sa.Text),
    sa.Column("corrected_by", sa.Text, nullable=False),
    sa.Column("corrected_at", MOMENT, nullable=False),
    sa.Index("correction_newest", "corrected_at", "id"),
)

attachment = sa.Table(
    "attachment",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.id"), nullable=False, index=True),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("uri", sa.Text, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("added_by", sa.Text, nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
)

staff_tally = sa.Table(
    "staff_tally",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("staff_id", sa.Uuid, primary_key=True),
    sa.Column("type", sa.Text, primary_key=True),
    sa.Column("total", sa.Integer, nullable=False),
)
