"""Cases, the codes that lead to them, their history, and what their people think of the answers."""

from typing import Final

import sqlalchemy as sa

from case_store.model import CaseState, LinkRelation
from case_store.repository.tables.base import MOMENT, metadata, one_of

UNDECIDED: Final = "state IN ('new', 'triage', 'open', 'referred')"
"""Cases that somebody still has to answer: the only ones in a queue."""

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("contact_id", sa.Uuid, sa.ForeignKey("contact.id"), nullable=False),
    sa.Column("tracking_code", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("line", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("section", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("audience", sa.Text, nullable=False),
    sa.Column("province", sa.Text),
    sa.Column("desk", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("opened_at", MOMENT, nullable=False),
    sa.Column("last_activity_at", MOMENT, nullable=False),
    sa.Column("closed_at", MOMENT),
    sa.Column("previous_case_id", sa.Uuid, sa.ForeignKey("cases.id")),
    sa.Column("priority", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("assignee_id", sa.Uuid),
    sa.Column("assigned_at", MOMENT),
    sa.Column("due_at", MOMENT),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.CheckConstraint(one_of("state", CaseState), name="state"),
    sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
    sa.Index("cases_contact", "contact_id", "opened_at"),
    sa.Index("cases_queue", "desk", "state", "opened_at", "id"),
    sa.Index(
        "cases_due",
        "desk",
        "due_at",
        "id",
        postgresql_where=sa.text(UNDECIDED),
        postgresql_include=["state", "assignee_id"],
    ),
    sa.Index(
        "cases_assignee",
        "assignee_id",
        "opened_at",
        "id",
        postgresql_where=sa.text("assignee_id IS NOT NULL"),
    ),
    sa.Index(
        "cases_mine",
        "assignee_id",
        "due_at",
        "id",
        postgresql_where=sa.text(f"assignee_id IS NOT NULL AND {UNDECIDED}"),
        postgresql_include=["desk"],
    ),
    sa.Index("cases_newest", "opened_at", "id"),
)


tracking_code = sa.Table(
    "tracking_code",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.id"), nullable=False),
)


tracking_code_lease = sa.Table(
    "tracking_code_lease",
    metadata,
    sa.Column("first", sa.BigInteger, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("leased_at", MOMENT, nullable=False),
)


case_event = sa.Table(
    "case_event",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("seq", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("message_id", sa.Uuid),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("channel", sa.Text),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("desk", sa.Text, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("occurred_at", MOMENT, nullable=False),
    sa.Column("case_version", sa.Integer),
)

case_link = sa.Table(
    "case_link",
    metadata,
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.id"), primary_key=True),
    sa.Column("other_id", sa.Uuid, sa.ForeignKey("cases.id"), primary_key=True, index=True),
    sa.Column("relation", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_at", MOMENT, nullable=False),
    sa.CheckConstraint(one_of("relation", LinkRelation), name="relation"),
    sa.CheckConstraint("case_id <> other_id", name="other"),
)

rating = sa.Table(
    "rating",
    metadata,
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.id"), primary_key=True),
    sa.Column("stars", sa.SmallInteger, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("message_id", sa.Uuid, nullable=False),
    sa.Column("rated_at", MOMENT, nullable=False),
    sa.CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
)
