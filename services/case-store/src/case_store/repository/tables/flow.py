"""What is on its way: the outbox, and the dead letters with who sent them again."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from case_store.model import DeadLetterState
from case_store.repository.tables.base import MOMENT, metadata, one_of

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("key", pg.BYTEA, nullable=False),
    sa.Column("value", pg.BYTEA, nullable=False),
    sa.Column("outbound_id", sa.Uuid),
    sa.Column("created_at", MOMENT, nullable=False),
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
    sa.Column("failed_at", MOMENT, nullable=False),
    sa.Column("stored_at", MOMENT, nullable=False),
    sa.CheckConstraint(one_of("state", DeadLetterState), name="state"),
    sa.Index("dead_letter_newest", "failed_at", "id"),
    sa.Index("dead_letter_waiting", "topic", "failed_at", postgresql_where=sa.text("state = 'waiting'")),
)

dead_letter_replay = sa.Table(
    "dead_letter_replay",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("dead_letter_id", sa.Uuid, sa.ForeignKey("dead_letter.id"), nullable=False, index=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("replayed_at", MOMENT, nullable=False),
)
