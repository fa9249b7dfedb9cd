"""What people see of their own: how content they are with the answer to a case."""

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """One rating a case, the newest."""
    op.create_table(
        "rating",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("stars", sa.SmallInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("rating_stars_check")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("rating_case_id_fkey")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("rating_pkey")),
    )


def downgrade() -> None:
    """Ratings are forgotten; the messages that they came in stay."""
    op.drop_table("rating")
