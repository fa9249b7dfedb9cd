"""Working time as data: weekly patterns, days that differ, allowances, and the clocks that run by them."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from case_store.model import AllowanceUnit, Tier
from case_store.repository.tables.base import MOMENT, metadata, one_of

working_week = sa.Table(
    "working_week",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("province", sa.Text, nullable=False, server_default=""),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("intervals", pg.JSONB, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("entered_by", sa.Text, nullable=False),
    sa.Column("entered_at", MOMENT, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.UniqueConstraint("province", "valid_from"),
)

calendar_day = sa.Table(
    "calendar_day",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("province", sa.Text, primary_key=True, server_default=""),
    sa.Column("intervals", pg.JSONB),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("entered_by", sa.Text, nullable=False),
    sa.Column("entered_at", MOMENT, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
)

ola = sa.Table(
    "ola",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("tier", sa.Text, nullable=False),
    sa.Column("section", sa.Text),
    sa.Column("topic", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("channel", sa.Text),
    sa.Column("allowance", sa.Integer, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("warn_share", sa.Float, nullable=False, server_default="0.75"),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.text("true")),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.CheckConstraint(one_of("tier", Tier), name="tier"),
    sa.CheckConstraint(one_of("unit", AllowanceUnit), name="unit"),
    sa.CheckConstraint("allowance > 0", name="allowance"),
)

clock = sa.Table(
    "clock",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, nullable=False),
    sa.Column("referral_id", sa.Uuid),
    sa.Column("tier", sa.Text, nullable=False),
    sa.Column("desk", sa.Text, nullable=False),
    sa.Column("province", sa.Text, nullable=False, server_default=""),
    sa.Column("allowance", sa.Integer, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("warn_share", sa.Float, nullable=False),
    sa.Column("opened_at", MOMENT, nullable=False),
    sa.Column("started_at", MOMENT, nullable=False),
    sa.Column("pauses", pg.JSONB),
    sa.Column("paused_at", MOMENT),
    sa.Column("warn_at", MOMENT, nullable=False),
    sa.Column("due_at", MOMENT, nullable=False),
    sa.Column("warned_at", MOMENT),
    sa.Column("breached_at", MOMENT),
    sa.Column("stopped_at", MOMENT),
    sa.Column("reckoned", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("clock_case", "case_id"),
    sa.Index("clock_due", "due_at", postgresql_where=sa.text("stopped_at IS NULL AND breached_at IS NULL")),
    sa.Index("clock_warn", "warn_at", postgresql_where=sa.text("stopped_at IS NULL AND warned_at IS NULL")),
    sa.Index(
        "clock_told", "due_at", postgresql_where=sa.text("stopped_at IS NULL AND warned_at IS NOT NULL")
    ),
    sa.Index("clock_reckoned", "reckoned", postgresql_where=sa.text("stopped_at IS NULL")),
)

worktime_version = sa.Table(
    "worktime_version",
    metadata,
    sa.Column("only", sa.Boolean, primary_key=True, server_default=sa.text("true")),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.CheckConstraint('"only"', name="only"),
)
