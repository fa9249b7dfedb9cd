"""What the portal tells everybody, from one moment to another."""

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    """Announcements, in Persian and perhaps in English."""
    op.create_table(
        "announcement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title_fa", sa.Text(), nullable=False),
        sa.Column("body_fa", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text()),
        sa.Column("body_en", sa.Text()),
        sa.Column("weight", sa.Text(), nullable=False),
        sa.Column("shown_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown_until", sa.DateTime(timezone=True)),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text()),
        sa.Column("changed_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("weight IN ('info', 'important')", name=op.f("announcement_weight_check")),
        sa.CheckConstraint("shown_until >= shown_from", name=op.f("announcement_span_check")),
        sa.CheckConstraint("(title_en IS NULL) = (body_en IS NULL)", name=op.f("announcement_english_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("announcement_pkey")),
    )
    op.create_index("announcement_newest", "announcement", ["shown_from", "id"])


def downgrade() -> None:
    """Nothing is told any more."""
    op.drop_table("announcement")
