"""What machines took recordings for: a hint beside the message, which may come before it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision: str = "0009"
down_revision: str | None = "0008"


def upgrade() -> None:
    """One transcript a recording, the newest, with what it seems to be about."""
    op.create_table(
        "transcript",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float()),
        sa.Column("language", sa.Text()),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("transcribed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("topic_confidence", sa.Float(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("classifier", sa.Text(), nullable=False),
        sa.Column("reasons", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "sha256", name=op.f("transcript_pkey")),
    )


def downgrade() -> None:
    """The recordings stay; what was understood of them is forgotten."""
    op.drop_table("transcript")
