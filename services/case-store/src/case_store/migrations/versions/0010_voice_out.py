"""People who want our messages read out to them over the telephone."""

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"


def upgrade() -> None:
    """Since when each of them wants it; nobody does at first."""
    op.add_column("contact", sa.Column("read_aloud_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Everybody who can gets SMS."""
    op.drop_column("contact", "read_aloud_at")
