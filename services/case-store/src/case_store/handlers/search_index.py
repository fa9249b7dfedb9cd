"""Keep the search up to date: take what waits, write its documents, a bounded piece of work at a time."""

from typing import Final
from uuid import UUID

import structlog

from case_store import metrics
from case_store.repository import search_index
from case_store.repository.database import Database, Transaction
from persian.search import search_key

_AT_ONCE: Final = 500
_MOST_TOKENS: Final = 2_000
"""Of a document: far more than a conversation has, far less than PostgreSQL takes."""
_REMEMBERED: Final = 200_000
_log = structlog.get_logger()


class SearchIndex:
    """The documents behind the search, made after the words so that a flood of messages does not wait."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database
        self._known_words: set[str] = set()

    async def keep_up(self) -> None:
        """One batch and no more: called twice a second this is a thousand cases a second at most."""
        await self._next()

    async def catch_up(self) -> int:
        """Everything that waits, without a pause; how many documents were written."""
        total = 0
        while True:
            taken, written = await self._next()
            total += written
            if not taken:
                _log.info("search_caught_up", documents=total)
                return total

    async def _next(self) -> tuple[int, int]:
        async with self._database.transaction() as tx:
            if not await search_index.alone(tx):
                return 0, 0
            taken, case_ids = await search_index.take(tx, _AT_ONCE)
            if not taken:
                metrics.SEARCH_WAITING.set(0)
                return 0, 0
            documents = await self._documents(tx, case_ids)
            fresh = await search_index.write(tx, documents, self._known_words)
            metrics.SEARCH_WAITING.set(await search_index.waiting(tx, 20 * _AT_ONCE))
        self._remember(fresh)
        return taken, len(documents)

    async def _documents(self, tx: Transaction, case_ids: list[UUID]) -> dict[UUID, str]:
        texts = await search_index.texts(tx, case_ids)
        return {case_id: document(*texts[case_id]) for case_id in case_ids}

    def _remember(self, words: list[str]) -> None:
        """Spare the database what it knows; only after the commit, for a rollback would leave it ignorant."""
        if len(self._known_words) > _REMEMBERED:
            self._known_words.clear()
        self._known_words.update(words)


def document(said: list[str], inside: list[str]) -> str:
    """The tokens of a case; those for the centre alone begin with `#`."""
    outer = search_key("\n".join(said)).split()
    inner = [f"#{token}" for token in search_key("\n".join(inside)).split()]
    return " ".join((inner + outer)[:_MOST_TOKENS])
