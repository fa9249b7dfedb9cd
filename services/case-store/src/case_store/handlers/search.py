"""Find cases by a code, a number, a national id or words: whatever was typed is taken for what it is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, Final
from uuid import UUID

import structlog

from case_store.cursors import Position
from case_store.handlers.cases import holder, seen_person
from case_store.handlers.covering import seen_words
from case_store.handlers.witness import Witness
from case_store.identity import parse_national_id
from case_store.repository import cases, lookups, search
from case_store.repository.database import Database, Transaction
from case_store.snippets import Source, Text, snippet
from case_store.staffing import Actor, Right
from envelope.addresses import latin_digits, parse_msisdn
from envelope.tracking import parse
from persian.search import found_in, search_terms

_NUMERIC: Final = re.compile(r"[+\d\s\-().\u200c\u200e\u200f]+")
_MOST_PEOPLE: Final = 10
_Page = tuple[Position | None, int]
_log = structlog.get_logger()


class SearchKind(StrEnum):
    """What a query was taken for."""

    CODE = "code"
    NUMBER = "number"
    NATIONAL_ID = "national_id"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Found:
    """What a query found; `cases` may hold one more than the page."""

    kind: SearchKind
    cases: list[dict[str, Any]] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    resume: Position | None = None
    """Where to go on when the page ended before it was full."""


class Search:
    """Reading alone: neither the log nor the audit tells what was looked for, or whom it led to."""

    def __init__(self, database: Database, witness: Witness) -> None:
        """`witness` writes down who of the staff searched."""
        self._database = database
        self._witness = witness

    async def find(self, actor: Actor, query: str, after: Position | None, limit: int) -> Found:
        """The newest cases that fit, within reach, and the people they lead to.

        Ten digits may be a code, a national id and a phone number at once: the first that leads to something
        is meant. Where none does, the digits are looked for as words.
        """
        actor.demand(Right.READ)
        async with self._database.reading() as tx:
            found = await self._named(tx, actor, query, (after, limit))
            if not (found and (found.cases or found.people)):
                words = await self._words(tx, actor, query, (after, limit))
                found = words if words.cases or not found else found
        for row in found.cases:
            row["assignee"] = holder(row)
        self._witness.searched(actor, found.kind, len(found.cases))
        _log.info("searched", kind=found.kind, cases=len(found.cases))
        return found

    async def _named(self, tx: Transaction, actor: Actor, query: str, page: _Page) -> Found | None:
        """What digits name exactly: the first reading that leads somewhere; None for words."""
        typed = latin_digits(query)
        if not _NUMERIC.fullmatch(typed):
            return None
        read = []
        if code := parse(typed):
            read.append(Found(SearchKind.CODE, await lookups.by_code(tx, actor, code)))
        if number := parse_msisdn(typed):
            ids = await lookups.at_number(tx, number)
            read.append(await self._of_people(tx, actor, SearchKind.NUMBER, ids, page))
        if national_id := parse_national_id(typed):
            ids = await lookups.of_national_id(tx, national_id)
            read.append(await self._of_people(tx, actor, SearchKind.NATIONAL_ID, ids, page))
        return next((found for found in read if found.cases), read[0] if read else None)

    async def _of_people(
        self, tx: Transaction, actor: Actor, kind: SearchKind, ids: Sequence[UUID], page: _Page
    ) -> Found:
        rows = await lookups.of_people(tx, actor, ids, *page) if ids else []
        return Found(kind, rows, await _people(tx, actor, {row["contact_id"] for row in rows}))

    async def _words(self, tx: Transaction, actor: Actor, query: str, page: _Page) -> Found:
        terms = search_terms(query)
        if not terms:
            return Found(SearchKind.WORDS)
        rows, resume = await search.by_words(tx, actor, await search.resolve(tx, terms), *page)
        texts = await search.texts(tx, [row["id"] for row in rows])
        for row in rows:
            readable = partial(_readable, actor, row["tracking_code"])
            row["snippet"] = snippet(_visible(actor, row, texts.get(row["id"], [])), terms, readable)
        theirs = {row["contact_id"] for row in rows if _inside(actor, row)}
        names = await lookups.names(tx, theirs) if theirs else {}
        meant = {contact_id for contact_id, name in names.items() if found_in(name, terms)}
        return Found(SearchKind.WORDS, rows, await _people(tx, actor, meant), resume)


def _inside(actor: Actor, row: dict[str, Any]) -> bool:
    return actor.may(Right.READ_ALL) or row["desk"] in actor.queues


def _readable(actor: Actor, code: str, text: str) -> str:
    return seen_words(actor, {"tracking_code": code, "text": text})["text"]


def _visible(actor: Actor, row: dict[str, Any], texts: Sequence[Text]) -> list[Text]:
    return [text for text in texts if text.source is not Source.NOTE or _inside(actor, row)]


async def _people(tx: Transaction, actor: Actor, ids: set[UUID]) -> list[dict[str, Any]]:
    found = [await cases.find_contact(tx, contact_id) for contact_id in sorted(ids)[:_MOST_PEOPLE]]
    return [seen_person(actor, person) for person in found if person]
