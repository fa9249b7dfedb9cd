"""What the API takes; an unknown field is refused, and nothing that came is told back."""

from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

LONGEST_REPLY: Final = 900
"""Kavenegar's own limit for one message, in characters."""


def _without_nul(text: str) -> str:
    if "\0" in text:
        message = "must not contain the character NUL"
        raise ValueError(message)
    return text


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_without_nul)]
Name = Annotated[Text, StringConstraints(max_length=100)]


class _Taken(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)


class ReplyRequest(_Taken):
    """An answer to the person of a case."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "مستمری شما امروز واریز شد.", "author": "agent-7"}]}
    )

    text: Annotated[Text, StringConstraints(max_length=LONGEST_REPLY)]
    """As the person will read it; at most 900 characters."""
    author: Name
    """Who answers: a staff member or a service."""
    reply_id: UUID | None = None
    """Made by the caller, so that a double click sends once; the header Idempotency-Key does the same."""


class CloseRequest(_Taken):
    """Why a case is closed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "answered", "author": "agent-7"}]})

    reason: Annotated[Text, StringConstraints(max_length=500)]
    """For the history."""
    author: Name
    """Who closes."""
    notify: bool = False
    """Tell the person by SMS; it costs a part."""


class ContactSearch(_Taken):
    """An address, in the body because it must not stand in a URL."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"address": "۰۹۱۲ ۰۰۰ ۰۰۰۰"}]})

    address: Annotated[Text, StringConstraints(max_length=200)]
    """A phone number in any spelling, or an account's name."""


class ReplayRequest(_Taken):
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


class LeaseRequest(_Taken):
    """How many tracking codes a gateway wants to mint by itself."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"size": 100_000}]})

    size: Annotated[int, Field(ge=1, le=1_000_000)]
    """Sequence numbers wanted."""
