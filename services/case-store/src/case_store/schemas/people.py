"""People: what of them may be changed, and merges."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, StringConstraints, model_validator

from case_store.identity import parse_national_id
from case_store.schemas.given import Given
from case_store.schemas.taken import Name, Taken, Text


def _checked(typed: str) -> str:
    national_id = parse_national_id(typed)
    if national_id is None:
        message = "is not a national id: its digits do not check"
        raise ValueError(message)
    return national_id


NationalId = Annotated[Text, StringConstraints(max_length=40), AfterValidator(_checked)]


class PersonChange(Taken):
    """What is to be known of a person from now on; what is left out stays, null takes it away."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "مریم رضایی"}]})

    name: Name | None = None
    """What they are called."""
    national_id: NationalId | None = None
    """Ten digits in any spelling; leading zeros may be missing."""
    read_aloud: bool | None = None
    """Whether our messages are read out to them over the telephone, instead of sent by SMS."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            message = "give name, national_id or read_aloud"
            raise ValueError(message)
        return self


class AddressRequest(Taken):
    """One more way to reach a person."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"address": "۰۹۱۲ ۰۰۰ ۰۰۰۰"}]})

    address: Annotated[Text, StringConstraints(max_length=200)]
    """A phone number in any spelling, or an account's name."""


class MergeRequest(Taken):
    """Who is the same person."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"other_id": "0b8f0c1e-0000-4000-8000-000000000000", "reason": "یک نفر با دو خط"}]
        }
    )

    other_id: UUID
    """Whose everything becomes this person's."""
    reason: Annotated[Text, StringConstraints(max_length=500)]
    """How one knows."""


class MergeMade(Given):
    """A merge was made."""

    merge_id: UUID
    """To undo it by."""


class MergeGiven(Given):
    """One person taken for another."""

    id: UUID
    """Of the merge."""
    kept_id: UUID
    """Who has everything since."""
    merged_id: UUID
    """Whose it was."""
    reason: str
    """How one knew."""
    made_by: str
    """By whom."""
    made_at: datetime
    """When."""
    undone_by: str | None
    """Who parted them again."""
    undone_at: datetime | None
    """When."""
    addresses: int
    """How many were moved."""
    cases: int
    """How many were moved."""
    messages: int
    """How many were moved, in both directions."""
