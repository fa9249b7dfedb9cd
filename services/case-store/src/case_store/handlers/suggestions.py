"""Which standard answers fit a case: by its topic, and by the words of its person's latest message."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from case_store.errors import NotFoundError
from case_store.handlers.cases import NO_CASE, code_of
from case_store.repository import answer_lists, lookups, search
from case_store.repository.answer_lists import Fit
from case_store.repository.database import Database
from case_store.snippets import Source, Text
from case_store.staffing import Actor, Right
from envelope.models import Language
from persian.dates import tehran_date
from persian.search import Term, search_key

_SHOWN: Final = 8
_WORDS: Final = 12
"""The longest words of a message say what it is about; its short ones are everybody's."""
_SHORTEST: Final = 3


class Suggestions:
    """What an agent may insert with one key."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def of_case(self, actor: Actor, typed_code: str) -> list[dict[str, Any]]:
        """Answers that are offered today, the best fit first; in the case's language, else in Persian.

        Raises:
            NotFoundError: no such case within reach.
        """
        actor.demand(Right.READ)
        today = tehran_date(datetime.now(UTC))
        async with self._database.transaction() as tx:
            found = await lookups.by_code(tx, actor, code_of(typed_code))
            if not found:
                raise NotFoundError(NO_CASE)
            [case] = found
            texts = (await search.texts(tx, [case["id"]])).get(case["id"], [])
            terms = _telling(texts)
            fitting: list[dict[str, Any]] = []
            for language in dict.fromkeys((case["language"], Language.FA)):
                fit = Fit(case["topic"], case["kind"], language, terms, today)
                for look in (answer_lists.of_topic, answer_lists.of_words):
                    if len(fitting) < _SHOWN:
                        fitting += await look(tx, fit, _SHOWN)
        return fitting[:_SHOWN]


def _telling(texts: Sequence[Text]) -> list[Term]:
    """The words of the person's latest message that say the most."""
    said = max((one for one in texts if one.source is Source.MESSAGE), key=lambda one: one.at, default=None)
    words = [word for word in search_key(said.text).split() if _tells(word)] if said else []
    return [(word,) for word in sorted(words, key=len, reverse=True)[:_WORDS]]


def _tells(word: str) -> bool:
    return len(word) >= _SHORTEST and not any(letter.isdigit() for letter in word)
