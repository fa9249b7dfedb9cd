"""Cases by their words, the newest first, with bounded work however common or ill-matched the words are.

First the newest documents are walked, which fills a page when the words are common. Then the inverted index
is asked, backwards, for the days of a week or two, then for weeks, until the page is full or patience ends: a
page may end early with the position to go on from. Nothing ever sorts all matches.
"""

import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from case_store.cursors import Position
from case_store.repository.database import Transaction
from case_store.repository.lookups import summaries
from case_store.repository.reach import QUEUES, UNITS, limited
from case_store.repository.search_index import DAY, DAYS, WEEK, is_word
from case_store.repository.tables import cases, search_entry
from case_store.repository.tables.base import MOMENT
from case_store.snippets import Source, Text
from case_store.staffing import Actor, Right
from persian.search import Term

WALKED: Final = 1_000
"""Documents that are looked at one by one."""
ENDINGS: Final = 20
"""Words that a beginning stands for, the shortest first."""
PATIENCE: Final = 0.1
"""No further stretch of weeks is begun after so many seconds."""
_STRETCH: Final = 4
_LONGEST_STRETCH: Final = 16
"""Weeks asked at a time: of the first stretch, then twice as many, at most so many."""
_TEXTS: Final = """
    SELECT wanted.id, one.source, one.text, one.at FROM unnest($1::uuid[]) AS wanted (id)
    CROSS JOIN LATERAL (
        (SELECT 'message' AS source, text, received_at AS at FROM message
         WHERE case_id = wanted.id ORDER BY received_at DESC LIMIT 20)
        UNION ALL
        (SELECT 'reply', text, created_at FROM outbound_message
         WHERE case_id = wanted.id AND purpose = 'reply' ORDER BY created_at DESC LIMIT 20)
        UNION ALL
        (SELECT 'note', text, created_at FROM note
         WHERE case_id = wanted.id ORDER BY created_at DESC LIMIT 20)
    ) AS one
"""
_KNOWN: Final = "SELECT word FROM search_word WHERE word = ANY($1)"
_COMPLETED: Final = """
    SELECT known.word FROM unnest($1::text[], $2::text[]) AS wanted (beginning, beyond)
    CROSS JOIN LATERAL (
        SELECT word FROM search_word
        WHERE word > wanted.beginning COLLATE "C" AND word < wanted.beyond COLLATE "C"
        ORDER BY length(word), word LIMIT $3
    ) AS known
"""
_OLDEST: Final = "SELECT opened_at FROM search_entry ORDER BY opened_at LIMIT 1"
_EDGE: Final = """
    SELECT opened_at, case_id FROM search_entry {where}
    ORDER BY opened_at DESC, case_id DESC OFFSET $1 LIMIT 1
"""
_OLDER: Final = "WHERE (opened_at, case_id) < ($2, $3)"
_entry, _case = search_entry.c, cases.c
_MOST, _WALKED = (sa.bindparam(name, type_=sa.Integer) for name in ("most", "walked"))
_IS_OLDER: Final = sa.tuple_(_entry.opened_at, _entry.case_id) < sa.tuple_(
    sa.bindparam("behind_at", type_=MOMENT), sa.bindparam("behind_id", type_=sa.Uuid)
)


class Lexemes(NamedTuple):
    """What documents hold of each term, two ways."""

    outer: list[list[str]]
    """In the conversation."""
    inner: list[list[str]]
    """In the conversation, in notes and in the person's name."""


async def resolve(tx: Transaction, terms: Sequence[Term]) -> Lexemes:
    """The terms as documents hold them: without words that nobody ever wrote, the last one completed."""
    tokens = [token for term in terms for token in term]
    known = {row["word"] for row in await tx.raw.fetch(_KNOWN, [*tokens, *(f"#{one}" for one in tokens)])}
    last = terms[-1]
    more = await _completed(tx, [*last, *(f"#{token}" for token in last)])
    outer, inner = [], []
    for term in terms:
        plain = [token for token in term if token in known or not is_word(token)]
        inside = [f"#{token}" for token in term if f"#{token}" in known or not is_word(token)]
        if term is last:
            plain += [word for word in more if not word.startswith("#")]
            inside += [word for word in more if word.startswith("#")]
        outer.append(plain)
        inner.append(plain + inside)
    return Lexemes(outer, inner)


class _Shape(NamedTuple):
    """What a statement depends on beside its values: composing one costs more than running it."""

    limited: bool
    """The actor does not reach everything."""
    outer: bool
    """The conversation alone may match, without what is kept inside."""
    goes_on: bool
    """Behind a page before it."""


async def by_words(
    tx: Transaction, actor: Actor, lexemes: Lexemes, after: Position | None, limit: int
) -> tuple[list[dict[str, Any]], Position | None]:
    """Cases with a lexeme of every term, the newest first; and where to go on if patience ended."""
    widest = _widest(actor, lexemes)
    if not all(widest):
        return [], None
    began = time.monotonic()
    shape = _Shape(not actor.may(Right.READ_ALL), all(lexemes.outer), after is not None)
    told = {"inner": _query_text(lexemes.inner)} | _reach(actor, lexemes, shape)
    edge = await _edge(tx, after)
    rows = await tx.rows(_walked(shape), told | _behind(after) | {"walked": WALKED, "most": limit})
    if len(rows) >= limit or edge is None:
        return rows, None
    told |= _behind(edge) | {"widest": _query_text(widest)}
    oldest, week = _week(await tx.raw.fetchval(_OLDEST)), _week(edge.at) - 1
    days = told | {"mark": "@d", "first": int(edge.at.timestamp() // DAY), "last": week * DAYS}
    rows += await tx.rows(_by_span(shape), days | {"most": limit - len(rows)})
    week, stretch = week - 1, _STRETCH
    while week >= oldest and len(rows) < limit:
        if time.monotonic() - began > PATIENCE:
            return rows, Position(datetime.fromtimestamp((week + 1) * WEEK, UTC), UUID(int=0))
        last = max(oldest, week - stretch + 1)
        weeks = told | {"mark": "@", "first": week, "last": last}
        rows += await tx.rows(_by_span(shape), weeks | {"most": limit - len(rows)})
        week, stretch = last - 1, min(stretch * 2, _LONGEST_STRETCH)
    return rows, None


async def texts(tx: Transaction, case_ids: Collection[UUID]) -> dict[UUID, list[Text]]:
    """What was said and noted in these cases, the newest of each kind first."""
    found: dict[UUID, list[Text]] = {}
    for row in await tx.raw.fetch(_TEXTS, case_ids):
        found.setdefault(row["id"], []).append(Text(Source(row["source"]), row["text"], row["at"]))
    return found


async def _completed(tx: Transaction, beginnings: Sequence[str]) -> list[str]:
    beyond = [beginning + chr(0x10FFFF) for beginning in beginnings]
    return [row["word"] for row in await tx.raw.fetch(_COMPLETED, beginnings, beyond, ENDINGS)]


async def _edge(tx: Transaction, after: Position | None) -> Position | None:
    """The last of the documents that are walked; None if they are all there are."""
    place = () if after is None else (after.at, after.id)
    row = await tx.raw.fetchrow(_EDGE.format(where=_OLDER if place else ""), WALKED - 1, *place)
    return None if row is None else Position(row["opened_at"], row["case_id"])


def _behind(position: Position | None) -> dict[str, Any]:
    return {} if position is None else {"behind_at": position.at, "behind_id": position.id}


def _reach(actor: Actor, lexemes: Lexemes, shape: _Shape) -> dict[str, Any]:
    if not shape.limited:
        return {}
    outer = {"outer": _query_text(lexemes.outer)} if shape.outer else {}
    return {"queues": [*actor.queues], "units": [*actor.units], **outer}


@lru_cache(maxsize=16)
def _walked(shape: _Shape) -> sa.Select[Any]:
    newest = sa.select(_entry.case_id, _entry.opened_at, *_matched(shape, _entry.words))
    if shape.goes_on:
        newest = newest.where(_IS_OLDER)
    newest = newest.order_by(_entry.opened_at.desc(), _entry.case_id.desc()).limit(_WALKED)
    walk = newest.cte("walk").prefix_with("MATERIALIZED")
    query = _shown(shape).join(walk, walk.c.case_id == _case.id).where(_is_seen(shape, walk))
    return query.order_by(walk.c.opened_at.desc(), walk.c.case_id.desc()).limit(_MOST)


@lru_cache(maxsize=16)
def _by_span(shape: _Shape) -> sa.Select[Any]:
    """Days or weeks, as `mark` says; the outer limit ends the loop: one is asked only while there is room."""
    first, last = (sa.bindparam(name, type_=sa.Integer) for name in ("first", "last"))
    span = sa.func.generate_series(first, last, -1).table_valued("number").render_derived("span")
    widest, mark = (sa.bindparam(name, type_=sa.Text) for name in ("widest", "mark"))
    wanted = sa.func.concat(widest, " & '", mark, span.c.number, "'")
    # OFFSET 0 keeps the planner from walking the newest first in the hope of an early match.
    # Of what the index finds for whoever reaches everything, nothing is left to look at in the documents.
    looked_at = _matched(shape, _entry.words) if shape.limited else []
    hits = sa.select(_entry.case_id, _entry.opened_at, *looked_at)
    hit = hits.where(_entry.words.bool_op("@@")(sa.cast(wanted, pg.TSQUERY)), _IS_OLDER).offset(0)
    every = hit.correlate(span).subquery("every")
    # Put in order before their cases are looked up: of thousands only those that the page has room for are.
    ordered = sa.select(every).order_by(every.c.opened_at.desc(), every.c.case_id.desc()).offset(0)
    found = ordered.correlate(span).lateral("hit")
    one = (
        _shown(shape)
        .join(found, found.c.case_id == _case.id)
        .where(_is_seen(shape, found) if shape.limited else sa.true())
    )
    newest = one.order_by(found.c.opened_at.desc(), found.c.case_id.desc()).limit(_MOST)
    page = newest.correlate(span).lateral("page")
    return sa.select(page).select_from(span.join(page, sa.true())).limit(_MOST)


def _shown(shape: _Shape) -> sa.Select[Any]:
    return summaries().where(limited(QUEUES, UNITS)) if shape.limited else summaries()


def _matched(shape: _Shape, words: sa.ColumnElement[Any]) -> list[sa.Label[bool]]:
    """What a document matches: `inner` with what is kept inside, `outer` by the conversation alone."""
    wanted = ("inner", *(("outer",) if shape.limited and shape.outer else ()))
    return [
        words.bool_op("@@")(sa.cast(sa.bindparam(name, type_=sa.Text), pg.TSQUERY)).label(f"by_{name}")
        for name in wanted
    ]


def _is_seen(shape: _Shape, hit: sa.FromClause) -> sa.ColumnElement[bool]:
    """Within what this actor may see of a case: what is kept inside counts only where the case is theirs."""
    by_inner: sa.ColumnElement[bool] = hit.c.by_inner
    if not shape.limited:
        return by_inner
    theirs = sa.and_(_case.desk.in_(QUEUES), by_inner)
    return sa.or_(hit.c.by_outer, theirs) if shape.outer else theirs


def _widest(actor: Actor, lexemes: Lexemes) -> list[list[str]]:
    """What the index is asked for: somebody without a desk is spared what they could not see anyway."""
    return lexemes.inner if actor.may(Right.READ_ALL) or actor.queues else lexemes.outer


def _query_text(terms: Sequence[Sequence[str]]) -> str:
    """`('حقوق'|'#حقوق')&…`; lexemes hold letters, digits and our marks alone, so nothing needs escaping."""
    return "&".join("(" + "|".join(f"'{lexeme}'" for lexeme in term) + ")" for term in terms)


def _week(moment: datetime) -> int:
    return int(moment.timestamp() // WEEK)
