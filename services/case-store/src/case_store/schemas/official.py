"""Official replies: issued, revoked, confirmed."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from case_store.schemas.given import Given
from case_store.schemas.taken import Taken, Text


class OfficialRequest(Taken):
    """A text of its own, or a version of a standard answer, or both."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "سابقهٔ شما برای سال ۱۴۰۴ کامل است."}]})

    text: Annotated[Text, StringConstraints(max_length=4_000)] | None = None
    """As it is to be read; left out, the answer's."""
    answer_id: UUID | None = None
    """The standard answer that it follows."""
    answer_number: Annotated[int, Field(ge=1)] | None = None
    """And its version."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if (self.answer_id is None) != (self.answer_number is None):
            message = "answer_id and answer_number go together"
            raise ValueError(message)
        if self.text is None and self.answer_id is None:
            message = "give a text or a standard answer"
            raise ValueError(message)
        return self


class RevokeRequest(Taken):
    """Why an official reply is void."""

    reason: Annotated[Text, StringConstraints(max_length=500)]
    """For colleagues; the public page does not show it."""


class OfficialGiven(Given):
    """An official reply as staff see it."""

    id: UUID
    """Ours."""
    tracking_code: str
    """Of its case."""
    verification_code: str
    """Printed on it; whoever types it on the public page sees the text."""
    text: str
    """As issued."""
    answer_id: UUID | None
    """The standard answer that it follows."""
    answer_number: int | None
    """And its version."""
    issued_by: str
    """Who."""
    issued_at: datetime
    """When."""
    revoked_by: str | None
    """Who."""
    revoked_at: datetime | None
    """Since when it is void."""
    revoked_reason: str | None
    """Why."""


class OfficialReplies(Given):
    """Those of a case."""

    official_replies: list[OfficialGiven]
    """The newest first."""


class VerificationRequest(Taken):
    """A code from a letter."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "K7QM-93XD-PRT4"}]})

    code: Annotated[Text, StringConstraints(max_length=60)]
    """With or without dashes, in either case and either digits."""


class Verification(Given):
    """Whether a letter is genuine; nothing of the person or the case."""

    known: bool
    """Whether the code stands on any official reply."""
    genuine: bool
    """Whether that reply still holds."""
    issued_at: datetime | None = None
    """When."""
    revoked_at: datetime | None = None
    """Since when it is void."""
    text: str | None = None
    """To compare with the letter; name and numbers of persons are covered. Not shown of a void one."""
