"""Standard answers: what is written, decided, listed and suggested."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, StringConstraints, model_validator

from case_store.model import AnswerState
from case_store.schemas.given import Given
from case_store.schemas.requests import LONGEST_REPLY
from case_store.schemas.taken import Taken, Text
from envelope.models import Language
from envelope.taxonomy import Kind, Topic


def _small(shortcut: str) -> str:
    return shortcut.lower()


Shortcut = Annotated[
    Text, StringConstraints(pattern=r"^/[^\W_][\w-]{0,29}$", max_length=31), AfterValidator(_small)
]


class VersionRequest(Taken):
    """A version as it is to be read."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"title": "فیش مستمری", "text": "فیش مستمری در my.tamin.ir است."}]}
    )

    title: Annotated[Text, StringConstraints(max_length=120)]
    """For staff; the person never sees it."""
    text: Annotated[Text, StringConstraints(max_length=LONGEST_REPLY)]
    """As the person will read it; at most 900 characters."""
    language: Language = Language.FA
    """Of title and text."""
    valid_from: date | None = None
    """The first day on which it is offered; none is at once."""
    valid_to: date | None = None
    """The last day; none is for good."""

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            message = "valid_to must not be before valid_from"
            raise ValueError(message)
        return self


class AnswerRequest(VersionRequest):
    """A new standard answer and its first version."""

    topic: Topic
    """What it answers."""
    kind: Kind | None = None
    """Only for cases of this kind."""
    shortcut: Shortcut | None = None
    """Typed by the agent to insert it, such as `/fish`; no two answers have the same."""


class DecisionRequest(Taken):
    """Why a version is approved, refused or withdrawn."""

    reason: Annotated[Text, StringConstraints(max_length=500)] | None = None
    """For whoever wrote it."""


class AnswerBase(Given):
    """What the versions of an answer have in common."""

    id: UUID
    """Ours."""
    topic: Topic
    """What it answers."""
    kind: Kind | None
    """Only for cases of this kind."""
    shortcut: str | None
    """Inserts it."""
    uses: int
    """How many replies were made from it."""
    created_at: datetime
    """When its first version was written."""
    retired_at: datetime | None
    """Since when it is offered no more."""
    version: int
    """Goes up with every change; the ETag."""


class VersionGiven(Given):
    """One version of an answer."""

    number: int
    """1 is the first."""
    language: Language
    """Of title and text."""
    title: str
    """For staff."""
    text: str
    """As the person will read it."""
    state: AnswerState
    """How far it has come."""
    offered: bool
    """Approved and valid today."""
    valid_from: date | None
    """The first day on which it is offered."""
    valid_to: date | None
    """The last day."""
    written_by: str
    """Who wrote it."""
    written_at: datetime
    """When."""
    decided_by: str | None
    """Who approved, refused or withdrew it."""
    decided_at: datetime | None
    """When."""
    decision_reason: str | None
    """Why."""


class AnswerSummary(AnswerBase, VersionGiven):
    """An answer in a list, by its newest version that fits."""


class AnswerPage(Given):
    """Answers, the newest first; with words the best fit first."""

    answers: list[AnswerSummary]
    """At most `limit`."""
    next_cursor: str | None
    """Give it back to go on; none at the end, and none with words."""


class AnswerGiven(AnswerBase):
    """An answer whole."""

    versions: list[VersionGiven]
    """The newest first."""


class Suggestion(Given):
    """A standard answer that fits a case."""

    id: UUID
    """Give it back with the reply as `answer_id`."""
    number: int
    """Give it back as `answer_number`."""
    topic: Topic
    """What it answers."""
    kind: Kind | None
    """Only for cases of this kind."""
    shortcut: str | None
    """Inserts it."""
    title: str
    """For staff."""
    text: str
    """As the person will read it."""
    language: Language
    """Of title and text."""
    uses: int
    """How many replies were made from it."""


class Suggestions(Given):
    """What fits a case, the best first."""

    suggestions: list[Suggestion]
    """A few."""
