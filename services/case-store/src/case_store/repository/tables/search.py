"""What cases are found by: a document a case, the words that there are, and the cases that wait for theirs.

Triggers on messages, replies, notes and names fill `search_pending`, so that nobody who writes need think of
it; `docs/decisions/0016-search.md` says why the documents are made afterwards.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from case_store.repository.tables.base import MOMENT, metadata

search_entry = sa.Table(
    "search_entry",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("opened_at", MOMENT, nullable=False),
    sa.Column("words", pg.TSVECTOR, nullable=False),
    sa.Index("search_entry_newest", "opened_at", "case_id"),
    # Every search reads the list of what is not yet in the tree: four megabytes of it, by default.
    sa.Index(
        "search_entry_words",
        "words",
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    ),
)

search_word = sa.Table(
    "search_word",
    metadata,
    sa.Column("word", sa.Text(collation="C"), primary_key=True),
)

search_pending = sa.Table(
    "search_pending",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("case_id", sa.Uuid, nullable=False),
)
