"""Which standard answers there are, and which fit: lists, words, suggestions; all bounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from case_store.cursors import Position
from case_store.model import AnswerState
from case_store.repository.database import Transaction
from case_store.repository.tables import answer_version, standard_answer
from persian.search import Term

_answer, _version = standard_answer.c, answer_version.c
_SHOWN: Final = (
    *(_answer.id, _answer.topic, _answer.kind, _answer.shortcut, _answer.uses, _answer.created_at),
    *(_answer.retired_at, _answer.version, _version.number, _version.language, _version.title),
    *(_version.text, _version.state, _version.valid_from, _version.valid_to, _version.written_by),
    *(_version.written_at, _version.decided_by, _version.decided_at, _version.decision_reason),
)
_CONSIDERED: Final = 300
"""Answers of a topic, the most used, or with the words, that a suggestion is chosen from."""
_NEARLY: Final = "SET LOCAL pg_trgm.word_similarity_threshold = 0.45"
"""One wrong letter in a word of five."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of answers may be narrowed by; None is no limit."""

    topic: str | None = None
    state: AnswerState | None = None
    language: str | None = None
    shortcut: str | None = None
    terms: Sequence[Term] = ()
    key: str = ""
    """The same words as one key, for what is spelled nearly so."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What of a case an answer should fit."""

    topic: str
    kind: str
    language: str
    terms: Sequence[Term]
    today: date

    @property
    def words(self) -> sa.Cast[Any]:
        """Any of the terms."""
        return sa.cast(tsquery(self.terms), pg.TSQUERY)


async def page(
    tx: Transaction, wanted: Wanted, today: date | None, after: Position | None, limit: int
) -> list[dict[str, Any]]:
    """Answers, each by its newest version that fits; with a day only what is offered then.

    The newest first; where words are asked for, the best fit first and no further page.
    """
    fits = [] if wanted.language is None else [_version.language == wanted.language]
    if wanted.state is not None:
        fits.append(_version.state == wanted.state)
    if today is not None:
        fits += offered(answer_version, today)
    if wanted.terms:
        await tx.raw.execute(_NEARLY)
        fits.append(_version.answer_id.in_(_like(wanted)))
    newest = sa.select(answer_version).where(*fits).ext(pg.distinct_on(_version.answer_id))
    version = newest.order_by(_version.answer_id, _version.number.desc()).subquery("newest")
    query = _of(version).where(*_narrowed(wanted, today, after)).limit(limit)
    if not wanted.terms:
        return await tx.rows(query.order_by(_answer.created_at.desc(), _answer.id.desc()))
    whole = version.c.words.bool_op("@@")(_whole(wanted))
    near = sa.func.word_similarity(wanted.key, version.c.normalized_text)
    return await tx.rows(query.order_by(whole.desc(), near.desc(), _answer.uses.desc(), _answer.id))


async def of_topic(tx: Transaction, fit: Fit, limit: int) -> list[dict[str, Any]]:
    """What is offered today on the case's topic: the likest words first, then the most used."""
    most_used = sa.select(standard_answer).where(_answer.topic == fit.topic, _answer.retired_at.is_(None))
    some = most_used.order_by(_answer.uses.desc()).limit(_CONSIDERED).subquery("some")
    fitting = sa.or_(some.c.kind.is_(None), some.c.kind == fit.kind)
    return await tx.rows(_fitting(some, fit).where(fitting).limit(limit))


async def of_words(tx: Transaction, fit: Fit, limit: int) -> list[dict[str, Any]]:
    """What is offered today on other topics and has some of the words."""
    if not fit.terms:
        return []
    like = sa.select(_version.answer_id).where(_version.words.bool_op("@@")(fit.words))
    like = like.where(*offered(answer_version, fit.today)).limit(_CONSIDERED)
    other = sa.select(standard_answer).where(_answer.id.in_(like), _answer.topic != fit.topic)
    some = other.where(_answer.retired_at.is_(None)).subquery("some")
    has_some = _version.words.bool_op("@@")(fit.words)
    return await tx.rows(_fitting(some, fit).where(has_some).limit(limit))


def _fitting(some: sa.Subquery, fit: Fit) -> sa.Select[Any]:
    """Of some answers the newest version that is offered, the best fit first."""
    later = answer_version.alias("later")
    superseded = sa.exists().where(
        later.c.answer_id == _version.answer_id,
        later.c.number > _version.number,
        later.c.language == _version.language,
        *offered(later, fit.today),
    )
    columns = (some.c[column.name] if column.table is standard_answer else column for column in _SHOWN)
    query = sa.select(*columns).join(answer_version, _version.answer_id == some.c.id)
    query = query.where(_version.language == fit.language, *offered(answer_version, fit.today), ~superseded)
    return query.order_by(sa.func.ts_rank(_version.words, fit.words).desc(), some.c.uses.desc(), some.c.id)


def offered(version: sa.FromClause, today: date) -> list[sa.ColumnElement[bool]]:
    """Approved, and valid on this day; both dates count. `approval.is_offered` says the same of one row."""
    columns = version.c
    return [
        columns.state == AnswerState.APPROVED,
        sa.or_(columns.valid_from.is_(None), columns.valid_from <= today),
        sa.or_(columns.valid_to.is_(None), columns.valid_to >= today),
    ]


def tsquery(terms: Sequence[Term], *, open_end: bool = False) -> str:
    """With an open end every term, the last by its beginning; else any of them. Tokens need no escaping."""
    parts = ["|".join(f"'{token}'" for token in term) for term in terms]
    if not open_end:
        return "|".join(parts)
    parts[-1] = "|".join(f"'{token}':*" for token in terms[-1])
    return "&".join(f"({part})" for part in parts)


def _like(wanted: Wanted) -> sa.Select[Any]:
    """Answers of which some version has the words, or has them spelled nearly so; both off an index."""
    near = _version.normalized_text.bool_op("%>")(wanted.key)
    return sa.select(_version.answer_id).where(_version.words.bool_op("@@")(_whole(wanted)) | near)


def _whole(wanted: Wanted) -> sa.Cast[Any]:
    return sa.cast(tsquery(wanted.terms, open_end=True), pg.TSQUERY)


def _of(version: sa.Subquery) -> sa.Select[Any]:
    columns = (version.c[column.name] if column.table is answer_version else column for column in _SHOWN)
    return sa.select(*columns).join(version, version.c.answer_id == _answer.id)


def _narrowed(wanted: Wanted, today: date | None, after: Position | None) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.topic is not None:
        found.append(_answer.topic == wanted.topic)
    if wanted.shortcut is not None:
        found.append(_answer.shortcut == wanted.shortcut)
    if today is not None:
        found.append(_answer.retired_at.is_(None))
    if after is not None:
        found.append(sa.tuple_(_answer.created_at, _answer.id) < sa.tuple_(after.at, after.id))
    return found
