"""Numbers at which somebody else answered."""

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"


def upgrade() -> None:
    """Since when each of them is known to be somebody else's; none is at first."""
    op.add_column("contact_address", sa.Column("wrong_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Whoever answers there is written to again."""
    op.drop_column("contact_address", "wrong_at")
