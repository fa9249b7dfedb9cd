"""What the portal tells everybody."""

import sqlalchemy as sa

from case_store.model import Weight
from case_store.repository.tables.base import MOMENT, metadata, one_of

announcement = sa.Table(
    "announcement",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("title_fa", sa.Text, nullable=False),
    sa.Column("body_fa", sa.Text, nullable=False),
    sa.Column("title_en", sa.Text),
    sa.Column("body_en", sa.Text),
    sa.Column("weight", sa.Text, nullable=False),
    sa.Column("shown_from", MOMENT, nullable=False),
    sa.Column("shown_until", MOMENT),
    sa.Column("written_by", sa.Text, nullable=False),
    sa.Column("written_at", MOMENT, nullable=False),
    sa.Column("changed_by", sa.Text),
    sa.Column("changed_at", MOMENT),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.CheckConstraint(one_of("weight", Weight), name="weight"),
    sa.CheckConstraint("shown_until >= shown_from", name="span"),
    sa.CheckConstraint("(title_en IS NULL) = (body_en IS NULL)", name="english"),
    sa.Index("announcement_newest", "shown_from", "id"),
)
