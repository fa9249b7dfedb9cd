"""What machines took recordings for, and what it seems to be about."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from case_store.repository.tables.base import MOMENT, metadata

# No foreign key: a transcript may be here before its message. It goes with the message.
transcript = sa.Table(
    "transcript",
    metadata,
    sa.Column("message_id", sa.Uuid, primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("confidence", sa.Float),
    sa.Column("language", sa.Text),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("transcribed_at", MOMENT, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("audience", sa.Text, nullable=False),
    sa.Column("topic_confidence", sa.Float, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("classifier", sa.Text, nullable=False),
    sa.Column("reasons", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("stored_at", MOMENT, nullable=False),
)
