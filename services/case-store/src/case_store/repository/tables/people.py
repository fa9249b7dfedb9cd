"""People, their addresses, and who was taken for the same person."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from case_store.repository.tables.base import MOMENT, metadata

contact = sa.Table(
    "contact",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("bulk_refused_at", MOMENT),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("name", sa.Text),
    sa.Column("national_id", sa.Text),
    sa.Column("read_aloud_at", MOMENT),
    sa.Column("merged_into", sa.Uuid, sa.ForeignKey("contact.id")),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Index("contact_national_id", "national_id", postgresql_where=sa.text("national_id IS NOT NULL")),
)

contact_address = sa.Table(
    "contact_address",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Column("contact_id", sa.Uuid, sa.ForeignKey("contact.id"), nullable=False, index=True),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("wrong_at", MOMENT),
)
"""`wrong_at`: an agent who called there was told that it is not theirs. Nothing goes there, and nobody is
shown their cases by it, until they write from it or are spoken with there."""

contact_merge = sa.Table(
    "contact_merge",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kept_id", sa.Uuid, sa.ForeignKey("contact.id"), nullable=False, index=True),
    sa.Column("merged_id", sa.Uuid, sa.ForeignKey("contact.id"), nullable=False, index=True),
    sa.Column("moved", pg.JSONB, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_at", MOMENT, nullable=False),
    sa.Column("undone_by", sa.Text),
    sa.Column("undone_at", MOMENT),
    sa.CheckConstraint("kept_id <> merged_id", name="merged"),
)
