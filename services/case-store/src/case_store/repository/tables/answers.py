"""Standard answers with their versions and uses, and the official replies that people can have confirmed."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from case_store.model import AnswerState
from case_store.repository.tables.base import MOMENT, metadata, one_of

_WORDS: Final = "array_to_tsvector(string_to_array(normalized_text, ' '::text))"
"""`normalized_text` holds `persian.search.search_key` of title and text; each of its tokens is a lexeme."""

standard_answer = sa.Table(
    "standard_answer",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("kind", sa.Text),
    sa.Column("shortcut", sa.Text, unique=True),
    sa.Column("uses", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("retired_at", MOMENT),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Index("standard_answer_topic", "topic", "uses", postgresql_where=sa.text("retired_at IS NULL")),
    sa.Index("standard_answer_newest", "created_at", "id"),
)

answer_version = sa.Table(
    "answer_version",
    metadata,
    sa.Column("answer_id", sa.Uuid, sa.ForeignKey("standard_answer.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("language", sa.Text, nullable=False, server_default="fa"),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("normalized_text", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_to", sa.Date),
    sa.Column("written_by", sa.Text, nullable=False),
    sa.Column("written_by_id", sa.Uuid),
    sa.Column("written_at", MOMENT, nullable=False),
    sa.Column("decided_by", sa.Text),
    sa.Column("decided_at", MOMENT),
    sa.Column("decision_reason", sa.Text),
    sa.Column("words", pg.TSVECTOR, sa.Computed(_WORDS, persisted=True)),
    sa.CheckConstraint(one_of("state", AnswerState), name="state"),
    sa.Index("answer_version_state", "state", "written_at", "answer_id"),
    sa.Index("answer_version_words", "words", postgresql_using="gin"),
    sa.Index(
        "answer_version_like",
        "normalized_text",
        postgresql_using="gin",
        postgresql_ops={"normalized_text": "gin_trgm_ops"},
    ),
)

answer_use = sa.Table(
    "answer_use",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("answer_id", sa.Uuid, sa.ForeignKey("standard_answer.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("case_id", sa.Uuid, nullable=False),
    sa.Column("staff_name", sa.Text, nullable=False),
    sa.Column("used_at", MOMENT, nullable=False),
    sa.Index("answer_use_answer", "answer_id", "used_at"),
)

official_reply = sa.Table(
    "official_reply",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.id"), nullable=False, index=True),
    sa.Column("verification_code", sa.Text, nullable=False, unique=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("answer_id", sa.Uuid),
    sa.Column("answer_number", sa.Integer),
    sa.Column("issued_by", sa.Text, nullable=False),
    sa.Column("issued_at", MOMENT, nullable=False),
    sa.Column("revoked_by", sa.Text),
    sa.Column("revoked_at", MOMENT),
    sa.Column("revoked_reason", sa.Text),
)
