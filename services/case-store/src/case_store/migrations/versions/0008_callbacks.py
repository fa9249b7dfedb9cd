"""Calling people back: tasks, tries, the calls that the gateway makes for agents, and agents' extensions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision: str = "0008"
down_revision: str | None = "0007"
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Three tables, and whose telephone rings."""
    op.add_column("staff", sa.Column("extension", sa.Text()))
    op.create_table(
        "call_back",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("failures", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("next_at", _MOMENT),
        sa.Column("settled_by", sa.Text()),
        sa.Column("settled_at", _MOMENT),
        sa.CheckConstraint(
            "state IN ('waiting', 'needs_number', 'done', 'given_up', 'answered')",
            name=op.f("call_back_state_check"),
        ),
        sa.CheckConstraint("state <> 'waiting' OR number IS NOT NULL", name=op.f("call_back_number_check")),
        sa.CheckConstraint(
            "(state IN ('waiting', 'needs_number')) = (settled_at IS NULL)",
            name=op.f("call_back_settled_at_check"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("call_back_case_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("call_back_pkey")),
    )
    op.create_index("call_back_case", "call_back", ["case_id", "asked_at"])
    op.create_index(
        "call_back_live",
        "call_back",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'needs_number')"),
        postgresql_include=["state", "next_at"],
    )
    op.create_table(
        "call_try",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("call_back_id", sa.Uuid()),
        sa.Column("call_id", sa.Uuid()),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.Uuid()),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("seconds", sa.Float()),
        sa.Column("note", sa.Text()),
        sa.CheckConstraint(
            "result IN ('answered', 'no_answer', 'busy', 'wrong_number', 'left_off')",
            name=op.f("call_try_result_check"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("call_try_case_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("call_try_pkey")),
    )
    op.create_index("call_try_case", "call_try", ["case_id", "made_at"])
    _calls()


def downgrade() -> None:
    """Nobody is called back any more."""
    for table in ("call_out", "call_try", "call_back"):
        op.drop_table(table)
    op.drop_column("staff", "extension")


def _calls() -> None:
    op.create_table(
        "call_out",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("extension", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("record", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("result", sa.Text()),
        sa.Column("seconds", sa.Float()),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("leased_until", _MOMENT),
        sa.Column("heard_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("recording", pg.JSONB()),
        sa.CheckConstraint(
            "state IN ('asked', 'ringing_agent', 'ringing_person', 'talking', 'ended')",
            name=op.f("call_out_state_check"),
        ),
        sa.CheckConstraint(
            "result IN ('answered', 'no_answer', 'busy', 'wrong_number', 'agent_away', 'failed', 'lapsed')",
            name=op.f("call_out_result_check"),
        ),
        sa.CheckConstraint("(state = 'ended') = (result IS NOT NULL)", name=op.f("call_out_ended_check")),
        sa.CheckConstraint(
            "(state = 'ended') = (ended_at IS NOT NULL)", name=op.f("call_out_ended_at_check")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("call_out_case_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("call_out_pkey")),
    )
    op.create_index("call_out_case", "call_out", ["case_id", "asked_at"])
    op.create_index(
        "call_out_live",
        "call_out",
        ["staff_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'ended'"),
    )
