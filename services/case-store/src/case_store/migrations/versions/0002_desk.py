"""What staff work with: accounts and audit, referrals, working time, standard answers, merged people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"

_UNDECIDED = "state IN ('new', 'triage', 'open', 'referred')"
_STATES = "state IN ('new', 'triage', 'open', {}'answered', 'closed')"


_WORDS = "array_to_tsvector(string_to_array(normalized_text, ' '::text))"
_SEARCH_WANTED = (
    """
    CREATE FUNCTION search_wanted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO search_pending (case_id) SELECT DISTINCT case_id FROM fresh WHERE case_id IS NOT NULL;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION search_wanted_replies() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO search_pending (case_id)
        SELECT DISTINCT case_id FROM fresh WHERE case_id IS NOT NULL AND purpose = 'reply';
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION search_wanted_person() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO search_pending (case_id)
        SELECT id FROM cases WHERE contact_id IN (NEW.id, NEW.merged_into, OLD.merged_into);
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER search_wanted AFTER INSERT ON message REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION search_wanted()
    """,
    """
    CREATE TRIGGER search_wanted AFTER INSERT ON note REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION search_wanted()
    """,
    """
    CREATE TRIGGER search_wanted AFTER INSERT ON outbound_message REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION search_wanted_replies()
    """,
    """
    CREATE TRIGGER search_wanted AFTER UPDATE OF name, merged_into ON contact FOR EACH ROW
    WHEN (OLD.name IS DISTINCT FROM NEW.name OR OLD.merged_into IS DISTINCT FROM NEW.merged_into)
    EXECUTE FUNCTION search_wanted_person()
    """,
    "INSERT INTO search_pending (case_id) SELECT id FROM cases",
)
"""Whatever is said in a case makes its document wait to be written; cases of before wait too."""
_CLOCK_INDEXES = (
    ("clock_due", "due_at", " AND breached_at IS NULL"),
    ("clock_warn", "warn_at", " AND warned_at IS NULL"),
    ("clock_told", "due_at", " AND warned_at IS NOT NULL"),
    ("clock_reckoned", "reckoned", ""),
)


def upgrade() -> None:  # noqa: PLR0915  (a table is a statement)
    """Make the tables and columns; the audit trail is append only as the history is."""
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.drop_constraint(op.f("cases_state_check"), "cases")
    op.create_check_constraint(op.f("cases_state_check"), "cases", _STATES.format("'referred', "))
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSON(), nullable=False),
        sa.Column("previous", postgresql.BYTEA(), nullable=False),
        sa.Column("hash", postgresql.BYTEA(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("audit_entry_pkey")),
    )
    op.create_index("audit_entry_action", "audit_entry", ["action", "seq"], unique=False)
    op.create_index("audit_entry_actor", "audit_entry", ["actor", "seq"], unique=False)
    op.create_index("audit_entry_actor_id", "audit_entry", ["actor_id", "seq"], unique=False)
    op.create_index("audit_entry_subject", "audit_entry", ["subject", "seq"], unique=False)
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("province", sa.Text(), server_default="", nullable=False),
        sa.Column("intervals", postgresql.JSONB(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("day", "province", name=op.f("calendar_day_pkey")),
    )
    op.create_table(
        "clock",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("province", sa.Text(), server_default="", nullable=False),
        sa.Column("allowance", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("warn_share", sa.Float(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pauses", postgresql.JSONB(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reckoned", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("clock_pkey")),
    )
    op.create_index("clock_case", "clock", ["case_id"], unique=False)
    for name, column, which in _CLOCK_INDEXES:
        op.create_index(
            name, "clock", [column], unique=False, postgresql_where=sa.text(f"stopped_at IS NULL{which}")
        )
    op.create_table(
        "worktime_version",
        sa.Column("only", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint('"only"', name=op.f("worktime_version_only_check")),
        sa.PrimaryKeyConstraint("only", name=op.f("worktime_version_pkey")),
    )
    op.execute("INSERT INTO worktime_version (version) VALUES (0)")
    op.create_table(
        "idempotency_key",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", postgresql.BYTEA(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("body", postgresql.BYTEA(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("idempotency_key_pkey")),
    )
    op.create_index("idempotency_key_oldest", "idempotency_key", ["begun_at"], unique=False)
    op.create_table(
        "ola",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("allowance", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("warn_share", sa.Float(), server_default="0.75", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("tier IN ('agent', 'expert', 'liaison')", name=op.f("ola_tier_check")),
        sa.CheckConstraint("unit IN ('working_days', 'working_minutes')", name=op.f("ola_unit_check")),
        sa.CheckConstraint("allowance > 0", name=op.f("ola_allowance_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("ola_pkey")),
    )
    op.create_table(
        "search_entry",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("search_entry_pkey")),
    )
    op.create_index("search_entry_newest", "search_entry", ["opened_at", "case_id"], unique=False)
    op.create_index("search_entry_words", "search_entry", ["words"], unique=False, postgresql_using="gin")
    op.create_table(
        "search_pending",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("search_pending_pkey")),
    )
    op.create_table(
        "search_word",
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("search_word_pkey")),
    )
    op.create_table(
        "sso_login",
        sa.Column("state_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("sso_login_pkey")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("language", sa.Text(), server_default="fa", nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("totp_secret", postgresql.BYTEA(), nullable=True),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("sso_subject", sa.Text(), nullable=True),
        sa.Column("failed_logins", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("staff_pkey")),
        sa.UniqueConstraint("sso_subject", name=op.f("staff_sso_subject_key")),
        sa.UniqueConstraint("username", name=op.f("staff_username_key")),
    )
    op.create_table(
        "standard_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("shortcut", sa.Text(), nullable=True),
        sa.Column("uses", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("standard_answer_pkey")),
        sa.UniqueConstraint("shortcut", name=op.f("standard_answer_shortcut_key")),
    )
    op.create_index(
        "standard_answer_topic",
        "standard_answer",
        ["topic", "uses"],
        unique=False,
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_index("standard_answer_newest", "standard_answer", ["created_at", "id"], unique=False)
    op.create_table(
        "unit",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name_fa", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("province", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind IN ('section', 'specialised')", name=op.f("unit_kind_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("unit_pkey")),
    )
    op.create_table(
        "working_week",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("province", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("intervals", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("working_week_pkey")),
        sa.UniqueConstraint("province", "valid_from", name=op.f("working_week_province_valid_from_key")),
    )
    op.create_table(
        "answer_use",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("staff_name", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["standard_answer.id"], name=op.f("answer_use_answer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("answer_use_pkey")),
    )
    op.create_index("answer_use_answer", "answer_use", ["answer_id", "used_at"], unique=False)
    op.create_table(
        "answer_version",
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), server_default="fa", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("normalized_text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_by_id", sa.Uuid(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("words", postgresql.TSVECTOR(), sa.Computed(_WORDS, persisted=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'refused', 'withdrawn')",
            name=op.f("answer_version_state_check"),
        ),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["standard_answer.id"], name=op.f("answer_version_answer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("answer_id", "number", name=op.f("answer_version_pkey")),
    )
    op.create_index(
        "answer_version_like",
        "answer_version",
        ["normalized_text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"normalized_text": "gin_trgm_ops"},
    )
    op.create_index("answer_version_words", "answer_version", ["words"], unique=False, postgresql_using="gin")
    op.create_index(
        "answer_version_state", "answer_version", ["state", "written_at", "answer_id"], unique=False
    )
    op.create_table(
        "contact_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("moved", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kept_id <> merged_id", name=op.f("contact_merge_merged_check")),
        sa.ForeignKeyConstraint(["kept_id"], ["contact.id"], name=op.f("contact_merge_kept_id_fkey")),
        sa.ForeignKeyConstraint(["merged_id"], ["contact.id"], name=op.f("contact_merge_merged_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("contact_merge_pkey")),
    )
    op.create_index(op.f("contact_merge_kept_id"), "contact_merge", ["kept_id"], unique=False)
    op.create_index(op.f("contact_merge_merged_id"), "contact_merge", ["merged_id"], unique=False)
    op.create_table(
        "desk",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("name_fa", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("desk_unit_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("desk_pkey")),
    )
    op.create_index(op.f("desk_unit_id"), "desk", ["unit_id"], unique=False)
    op.create_table(
        "staff_session",
        sa.Column("token_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("staff_session_staff_id_fkey")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("staff_session_pkey")),
    )
    op.create_index(op.f("staff_session_expires_at"), "staff_session", ["expires_at"], unique=False)
    op.create_index(op.f("staff_session_staff_id"), "staff_session", ["staff_id"], unique=False)
    op.create_table(
        "staff_unit",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("staff_unit_staff_id_fkey")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("staff_unit_unit_id_fkey")),
        sa.PrimaryKeyConstraint("staff_id", "unit_id", name=op.f("staff_unit_pkey")),
    )
    op.create_index(op.f("staff_unit_unit_id"), "staff_unit", ["unit_id"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("attachment_case_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("attachment_pkey")),
    )
    op.create_index(op.f("attachment_case_id"), "attachment", ["case_id"], unique=False)
    op.create_table(
        "case_link",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "relation IN ('related', 'duplicate', 'follows')", name=op.f("case_link_relation_check")
        ),
        sa.CheckConstraint("case_id <> other_id", name=op.f("case_link_other_check")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("case_link_case_id_fkey")),
        sa.ForeignKeyConstraint(["other_id"], ["cases.id"], name=op.f("case_link_other_id_fkey")),
        sa.PrimaryKeyConstraint("case_id", "other_id", name=op.f("case_link_pkey")),
    )
    op.create_index(op.f("case_link_other_id"), "case_link", ["other_id"], unique=False)
    op.create_table(
        "correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("topic_before", sa.Text(), nullable=False),
        sa.Column("kind_before", sa.Text(), nullable=False),
        sa.Column("audience_before", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("classifier", sa.Text(), nullable=True),
        sa.Column("corrected_by", sa.Text(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("correction_case_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("correction_pkey")),
    )
    op.create_index(op.f("correction_case_id"), "correction", ["case_id"], unique=False)
    op.create_index("correction_newest", "correction", ["corrected_at", "id"], unique=False)
    op.create_table(
        "draft",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("draft_case_id_fkey")),
        sa.PrimaryKeyConstraint("case_id", "staff_id", name=op.f("draft_pkey")),
    )
    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("note_case_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("note_pkey")),
    )
    op.create_index("note_case", "note", ["case_id", "created_at"], unique=False)
    op.create_table(
        "official_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("verification_code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("answer_number", sa.Integer(), nullable=True),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("official_reply_case_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("official_reply_pkey")),
        sa.UniqueConstraint("verification_code", name=op.f("official_reply_verification_code_key")),
    )
    op.create_index(op.f("official_reply_case_id"), "official_reply", ["case_id"], unique=False)
    op.create_table(
        "referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'answered', 'returned', 'forwarded', 'recalled')",
            name=op.f("referral_state_check"),
        ),
        sa.CheckConstraint("tier IN ('agent', 'expert', 'liaison')", name=op.f("referral_tier_check")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("referral_case_id_fkey")),
        sa.ForeignKeyConstraint(["parent_id"], ["referral.id"], name=op.f("referral_parent_id_fkey")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("referral_unit_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("referral_pkey")),
    )
    op.create_index(op.f("referral_case_id"), "referral", ["case_id"], unique=False)
    op.create_index("referral_watch", "referral", ["unit_id", "state", "due_at", "id"], unique=False)
    op.create_index(
        "referral_due", "referral", ["due_at", "id"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.add_column("cases", sa.Column("priority", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("cases", sa.Column("assignee_id", sa.Uuid(), nullable=True))
    op.add_column("cases", sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "cases_assignee",
        "cases",
        ["assignee_id", "opened_at", "id"],
        unique=False,
        postgresql_where=sa.text("assignee_id IS NOT NULL"),
    )
    op.create_index(
        "cases_due",
        "cases",
        ["desk", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text(_UNDECIDED),
        postgresql_include=["state", "assignee_id"],
    )
    op.create_index(
        "cases_mine",
        "cases",
        ["assignee_id", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text(f"assignee_id IS NOT NULL AND {_UNDECIDED}"),
        postgresql_include=["desk"],
    )
    op.add_column("case_event", sa.Column("case_version", sa.Integer(), nullable=True))
    op.create_index("message_received", "message", ["received_at", "channel"], unique=False)
    op.create_table(
        "staff_tally",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "staff_id", "type", name=op.f("staff_tally_pkey")),
    )
    op.add_column("contact", sa.Column("name", sa.Text(), nullable=True))
    op.add_column("contact", sa.Column("national_id", sa.Text(), nullable=True))
    op.add_column("contact", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.add_column("contact", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_index(
        "contact_national_id",
        "contact",
        ["national_id"],
        unique=False,
        postgresql_where=sa.text("national_id IS NOT NULL"),
    )
    op.create_foreign_key(op.f("contact_merged_into_fkey"), "contact", "contact", ["merged_into"], ["id"])
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute("ALTER TABLE clock SET (fillfactor = 85)")
    for statement in _SEARCH_WANTED:
        op.execute(statement)
    # Queues are counted from an index alone, which holds only while the pages are known to be clean.
    op.execute(
        "ALTER TABLE cases SET (autovacuum_vacuum_scale_factor = 0.01, "
        "autovacuum_vacuum_insert_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.02)"
    )


def downgrade() -> None:  # noqa: PLR0915  (a table is a statement)
    """Back to what messages alone need."""
    op.drop_constraint(op.f("contact_merged_into_fkey"), "contact", type_="foreignkey")
    op.drop_index(
        "contact_national_id", table_name="contact", postgresql_where=sa.text("national_id IS NOT NULL")
    )
    op.drop_column("contact", "version")
    op.drop_column("contact", "merged_into")
    op.drop_column("contact", "national_id")
    op.drop_column("contact", "name")
    op.execute(
        "ALTER TABLE cases RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor, "
        "autovacuum_analyze_scale_factor)"
    )
    op.drop_table("staff_tally")
    op.drop_index("message_received", table_name="message")
    op.drop_column("case_event", "case_version")
    op.drop_index("cases_mine", table_name="cases")
    op.drop_index("cases_due", table_name="cases", postgresql_where=sa.text(_UNDECIDED))
    op.drop_index("cases_assignee", table_name="cases", postgresql_where=sa.text("assignee_id IS NOT NULL"))
    op.drop_column("cases", "due_at")
    op.drop_column("cases", "assigned_at")
    op.drop_column("cases", "assignee_id")
    op.drop_column("cases", "priority")
    op.drop_index("referral_due", table_name="referral", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("referral_watch", table_name="referral")
    op.drop_index(op.f("referral_case_id"), table_name="referral")
    op.drop_table("referral")
    op.drop_index(op.f("official_reply_case_id"), table_name="official_reply")
    op.drop_table("official_reply")
    op.drop_index("note_case", table_name="note")
    op.drop_table("note")
    op.drop_table("draft")
    op.drop_index("correction_newest", table_name="correction")
    op.drop_index(op.f("correction_case_id"), table_name="correction")
    op.drop_table("correction")
    op.drop_index(op.f("case_link_other_id"), table_name="case_link")
    op.drop_table("case_link")
    op.drop_index(op.f("attachment_case_id"), table_name="attachment")
    op.drop_table("attachment")
    op.drop_index(op.f("staff_unit_unit_id"), table_name="staff_unit")
    op.drop_table("staff_unit")
    op.drop_index(op.f("staff_session_staff_id"), table_name="staff_session")
    op.drop_index(op.f("staff_session_expires_at"), table_name="staff_session")
    op.drop_table("staff_session")
    op.drop_index(op.f("desk_unit_id"), table_name="desk")
    op.drop_table("desk")
    op.drop_index(op.f("contact_merge_merged_id"), table_name="contact_merge")
    op.drop_index(op.f("contact_merge_kept_id"), table_name="contact_merge")
    op.drop_table("contact_merge")
    op.drop_table("answer_version")
    op.drop_index("answer_use_answer", table_name="answer_use")
    op.drop_table("answer_use")
    op.drop_table("working_week")
    op.drop_table("unit")
    op.drop_table("standard_answer")
    op.drop_table("staff")
    op.drop_table("sso_login")
    for function in ("search_wanted", "search_wanted_replies", "search_wanted_person"):
        op.execute(f"DROP FUNCTION {function}() CASCADE")
    op.drop_table("search_word")
    op.drop_table("search_pending")
    op.drop_table("search_entry")
    op.drop_table("ola")
    op.drop_index("idempotency_key_oldest", table_name="idempotency_key")
    op.drop_table("idempotency_key")
    op.drop_table("worktime_version")
    for name, _, which in _CLOCK_INDEXES:
        op.drop_index(name, table_name="clock", postgresql_where=sa.text(f"stopped_at IS NULL{which}"))
    op.drop_index("clock_case", table_name="clock")
    op.drop_table("clock")
    op.drop_table("calendar_day")
    op.drop_index("audit_entry_subject", table_name="audit_entry")
    op.drop_index("audit_entry_actor_id", table_name="audit_entry")
    op.drop_index("audit_entry_actor", table_name="audit_entry")
    op.drop_index("audit_entry_action", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_constraint(op.f("cases_state_check"), "cases")
    op.create_check_constraint(op.f("cases_state_check"), "cases", _STATES.format(""))
