"""What the API takes; an unknown field is refused, and nothing that came is told back."""

from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from case_store.schemas.taken import Name, Taken, Text

LONGEST_REPLY: Final = 900
"""Kavenegar's own limit for one message, in characters."""


class ReplyRequest(Taken):
    """An answer to the person of a case."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "مستمری شما امروز واریز شد.", "author": "agent-7"}]}
    )

    text: Annotated[Text, StringConstraints(max_length=LONGEST_REPLY)]
    """As the person will read it; at most 900 characters."""
    author: Name | None = None
    """For whom a service speaks; a member of the staff speaks for themselves."""
    reply_id: UUID | None = None
    """Made by the caller, so that a double click sends once; the header Idempotency-Key does the same."""
    answer_id: UUID | None = None
    """The standard answer that it was made from; its use is counted."""
    answer_number: Annotated[int, Field(ge=1)] | None = None
    """The version of it."""
    awaits_citizen: bool = False
    """It asks the person something: the clock waits for them."""

    @model_validator(mode="after")
    def _names_a_version(self) -> Self:
        if (self.answer_id is None) != (self.answer_number is None):
            message = "answer_id and answer_number go together"
            raise ValueError(message)
        return self


class CloseRequest(Taken):
    """Why a case is closed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "answered", "author": "agent-7"}]})

    reason: Annotated[Text, StringConstraints(max_length=500)]
    """For the history."""
    author: Name | None = None
    """For whom a service speaks."""
    notify: bool = False
    """Tell the person by SMS; it costs a part."""


class ContactSearch(Taken):
    """An address, in the body because it must not stand in a URL."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"address": "۰۹۱۲ ۰۰۰ ۰۰۰۰"}]})

    address: Annotated[Text, StringConstraints(max_length=200)]
    """A phone number in any spelling, or an account's name."""


class ReplayRequest(Taken):
    """Who sends a dead letter again."""

    actor: Name = "operator"
    """For the audit."""


class ReplayAllRequest(ReplayRequest):
    """Which dead letters to send again."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"topic": "messages.routed.v1", "actor": "ops"}]}
    )

    topic: Annotated[Text, StringConstraints(max_length=200)] | None = None
    """Only those of this topic; all if left out."""


class LeaseRequest(Taken):
    """How many tracking codes a gateway wants to mint by itself."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"size": 100_000}]})

    size: Annotated[int, Field(ge=1, le=1_000_000)]
    """Sequence numbers wanted."""
