"""Units, their desks, the staff with their roles and sessions, and the audit trail of what they did."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from case_store.model import UnitKind
from case_store.repository.tables.base import MOMENT, metadata, one_of

unit = sa.Table(
    "unit",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name_fa", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text, nullable=False),
    sa.Column("province", sa.Text),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.text("true")),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.CheckConstraint(one_of("kind", UnitKind), name="kind"),
)

desk = sa.Table(
    "desk",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("unit_id", sa.Text, sa.ForeignKey("unit.id"), nullable=False, index=True),
    sa.Column("name_fa", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text, nullable=False),
    sa.Column("position", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.text("true")),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
)

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("username", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("roles", pg.ARRAY(sa.Text), nullable=False),
    sa.Column("language", sa.Text, nullable=False, server_default="fa"),
    sa.Column("password_hash", sa.Text),
    sa.Column("must_change_password", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("totp_secret", pg.BYTEA),
    sa.Column("totp_confirmed_at", MOMENT),
    sa.Column("totp_last_step", sa.BigInteger),
    sa.Column("sso_subject", sa.Text, unique=True),
    sa.Column("failed_logins", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("locked_until", MOMENT),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.text("true")),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("extension", sa.Text),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
)

staff_unit = sa.Table(
    "staff_unit",
    metadata,
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id"), primary_key=True),
    sa.Column("unit_id", sa.Text, sa.ForeignKey("unit.id"), primary_key=True, index=True),
)

staff_session = sa.Table(
    "staff_session",
    metadata,
    sa.Column("token_hash", pg.BYTEA, primary_key=True),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False, index=True),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("seen_at", MOMENT, nullable=False),
    sa.Column("expires_at", MOMENT, nullable=False, index=True),
    sa.Column("ended_at", MOMENT),
)

sso_login = sa.Table(
    "sso_login",
    metadata,
    sa.Column("state_hash", pg.BYTEA, primary_key=True),
    sa.Column("nonce", sa.Text, nullable=False),
    sa.Column("verifier", sa.Text, nullable=False),
    sa.Column("redirect_uri", sa.Text, nullable=False),
    sa.Column("expires_at", MOMENT, nullable=False),
)

audit_entry = sa.Table(
    "audit_entry",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("actor_id", sa.Uuid),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detail", pg.JSON, nullable=False),
    sa.Column("previous", pg.BYTEA, nullable=False),
    sa.Column("hash", pg.BYTEA, nullable=False),
    sa.Index("audit_entry_actor", "actor", "seq"),
    sa.Index("audit_entry_actor_id", "actor_id", "seq"),
    sa.Index("audit_entry_action", "action", "seq"),
    sa.Index("audit_entry_subject", "subject", "seq"),
)

idempotency_key = sa.Table(
    "idempotency_key",
    metadata,
    sa.Column("actor", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("fingerprint", pg.BYTEA, nullable=False),
    sa.Column("status", sa.SmallInteger),
    sa.Column("media_type", sa.Text),
    sa.Column("body", pg.BYTEA),
    sa.Column("etag", sa.Text),
    sa.Column("begun_at", MOMENT, nullable=False),
    sa.Index("idempotency_key_oldest", "begun_at"),
)
