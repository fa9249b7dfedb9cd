"""What is looked for, and what is found."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from case_store.schemas.cases import CaseSummary
from case_store.schemas.conversation import ContactGiven
from case_store.schemas.given import Given
from case_store.schemas.taken import Taken, Text
from case_store.snippets import Source


class SearchRequest(Taken):
    """A code, a phone number, a national id or words; in the body, because it may be a person's."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"q": "واریز مستمری"}]})

    q: Annotated[Text, StringConstraints(max_length=200)]
    """In any spelling; all words must be there, the last may be a beginning."""
    cursor: Annotated[str, StringConstraints(max_length=100)] | None = None
    """`next_cursor` of the page before."""
    limit: Annotated[int, Field(ge=1, le=50)] = 20
    """Cases a page."""


class SnippetGiven(Given):
    """Where the words are."""

    text: str
    """A piece of plain text, never markup."""
    marks: list[tuple[int, int]]
    """Where a word begins and ends in it, in characters."""
    source: Source
    """Whose words."""
    at: datetime
    """When they were said."""


class FoundCase(CaseSummary):
    """A case that was found."""

    snippet: SnippetGiven | None = None
    """For words, where they are; none where only the person's name has them."""


class Found(Given):
    """What was found, within reach."""

    kind: str
    """What the query was taken for: `code`, `number`, `national_id` or `words`."""
    cases: list[FoundCase]
    """The newest first."""
    people: list[ContactGiven]
    """Whom it leads to."""
    next_cursor: str | None
    """Give it back to go on, even after a short page; none at the end."""
