"""What is known and found: standard answers, search, official replies, exports; put together once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from case_store.handlers.exports import Exports
from case_store.handlers.official import OfficialReplies
from case_store.handlers.search import Search
from case_store.handlers.search_index import SearchIndex
from case_store.handlers.standard_answers import StandardAnswers
from case_store.handlers.suggestions import Suggestions
from case_store.handlers.witness import Witness
from case_store.repository.database import Database
from chassis.parts import Part, Periodic

_FOUND_SECONDS: Final = 60.0
"""How often an empty table is looked for: the migration may come after the start."""
_INDEX_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The pieces; `parts` live as long as the service."""

    answers: StandardAnswers
    suggestions: Suggestions
    search: Search
    index: SearchIndex
    official: OfficialReplies
    exports: Exports
    parts: Sequence[Part]


def build_knowledge(database: Database, witness: Witness) -> Knowledge:
    """On one database."""
    answers, index = StandardAnswers(database), SearchIndex(database)
    return Knowledge(
        answers=answers,
        suggestions=Suggestions(database),
        search=Search(database, witness),
        index=index,
        official=OfficialReplies(database, answers),
        exports=Exports(database),
        parts=(
            Periodic("standard-answers", _FOUND_SECONDS, answers.load_defaults),
            Periodic("search-index", _INDEX_SECONDS, index.keep_up),
        ),
    )
