"""Calling people: tasks to call somebody back, every try, and the calls that the gateway makes for agents."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from case_store.calling import CallBackState, CallResult, CallState, TryResult
from case_store.repository.tables.base import MOMENT, metadata, one_of

call_back = sa.Table(
    "call_back",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.id"), nullable=False),
    sa.Column("number", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("asked_at", MOMENT, nullable=False),
    sa.Column("failures", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("next_at", MOMENT),
    sa.Column("settled_by", sa.Text),
    sa.Column("settled_at", MOMENT),
    sa.CheckConstraint(one_of("state", CallBackState), name="state"),
    sa.CheckConstraint("state <> 'waiting' OR number IS NOT NULL", name="number"),
    sa.CheckConstraint("(state IN ('waiting', 'needs_number')) = (settled_at IS NULL)", name="settled_at"),
    sa.Index("call_back_case", "case_id", "asked_at"),
    sa.Index(
        "call_back_live",
        "case_id",
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'needs_number')"),
        postgresql_include=["state", "next_at"],
    ),
)
"""A case has one that is live at most. Its deadline is the case's own clock: there is no second one."""

call_try = sa.Table(
    "call_try",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.id"), nullable=False),
    sa.Column("call_back_id", sa.Uuid),
    sa.Column("call_id", sa.Uuid),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_by_id", sa.Uuid),
    sa.Column("made_at", MOMENT, nullable=False),
    sa.Column("seconds", sa.Float),
    sa.Column("note", sa.Text),
    sa.CheckConstraint(one_of("result", TryResult), name="result"),
    sa.Index("call_try_case", "case_id", "made_at"),
)

call_out = sa.Table(
    "call_out",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.id"), nullable=False),
    sa.Column("staff_id", sa.Uuid, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("extension", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("line", sa.Text, nullable=False),
    sa.Column("record", sa.Boolean, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("result", sa.Text),
    sa.Column("seconds", sa.Float),
    sa.Column("asked_at", MOMENT, nullable=False),
    sa.Column("leased_until", MOMENT),
    sa.Column("heard_at", MOMENT, nullable=False),
    sa.Column("ended_at", MOMENT),
    sa.Column("recording", pg.JSONB),
    sa.CheckConstraint(one_of("state", CallState), name="state"),
    sa.CheckConstraint(one_of("result", CallResult), name="result"),
    sa.CheckConstraint("(state = 'ended') = (result IS NOT NULL)", name="ended"),
    sa.CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended_at"),
    sa.Index("call_out_case", "case_id", "asked_at"),
    sa.Index("call_out_live", "staff_id", unique=True, postgresql_where=sa.text("state <> 'ended'")),
)
"""`heard_at` is when the gateway last said anything of it; a lease is who claimed it and said nothing yet."""
