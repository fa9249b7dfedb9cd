"""What staff say of a case: give it, note, reopen, reclassify, link, draft; and a contact taken down."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from case_store.identity import parse_national_id
from case_store.model import LinkRelation
from case_store.schemas.requests import LONGEST_REPLY
from case_store.schemas.taken import Name, Taken, Text
from envelope.addresses import parse_msisdn
from envelope.models import Channel
from envelope.taxonomy import Audience, Kind, Topic


def _number(typed: str) -> str:
    number = parse_msisdn(typed)
    if number is None:
        message = "must be a phone number"
        raise ValueError(message)
    return number


def _national_id(typed: str) -> str:
    national_id = parse_national_id(typed)
    if national_id is None:
        message = "is not a national id: a digit is wrong or missing"
        raise ValueError(message)
    return national_id


Number = Annotated[Text, StringConstraints(max_length=100), AfterValidator(_number)]
Words = Annotated[Text, StringConstraints(max_length=10_000)]
Reason = Annotated[Text, StringConstraints(max_length=500)]


class AssignRequest(Taken):
    """Whose case it is to be."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"staff_id": str(UUID(int=1420))}]})

    staff_id: UUID | None
    """A colleague who works at the case's desk; null takes it from whoever has it."""
    author: Name | None = None
    """For whom a service speaks."""


class NoteRequest(Taken):
    """A note for colleagues."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "با شعبه هماهنگ شد."}]})

    text: Words
    """Plain text; the person never sees it."""
    author: Name | None = None
    """For whom a service speaks."""


class ReopenRequest(Taken):
    """Why a case is opened again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "پاسخ کامل نبود."}]})

    reason: Reason
    """For the history."""
    author: Name | None = None
    """For whom a service speaks."""


class ReclassifyRequest(Taken):
    """What a case is really about."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"topic": "pension_payment", "kind": "complaint", "audience": "pensioner"}]
        }
    )

    topic: Topic
    """Its section decides the desk, unless one is named."""
    kind: Kind
    """What the person wants."""
    audience: Audience
    """Who they are to the organisation."""
    province: Name | None = None
    """By its Persian name; stays as it is if left out."""
    desk: Name | None = None
    """Put it on this desk whatever its section."""
    author: Name | None = None
    """For whom a service speaks."""


class LinkRequest(Taken):
    """Another case that belongs with this one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"other_code": "1000000009", "relation": "related"}]}
    )

    other_code: Annotated[Text, StringConstraints(max_length=40)]
    """Its tracking code."""
    relation: LinkRelation
    """How this case stands to it."""
    author: Name | None = None
    """For whom a service speaks."""


class DraftRequest(Taken):
    """What has been written so far."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "سلام، مستمری شما"}]})

    text: Annotated[str, StringConstraints(max_length=10_000)]
    """As typed, the spaces at its end too."""


class RegisterRequest(Taken):
    """A telephone call or a visit, taken down by whoever answers it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "channel": "phone",
                    "address": "09120000000",
                    "text": "می‌پرسد مستمری این ماه کی واریز می‌شود.",
                    "topic": "pension_payment",
                    "kind": "question",
                    "answer": "امروز واریز شده است.",
                    "close": True,
                }
            ]
        }
    )

    channel: Literal[Channel.PHONE, Channel.IN_PERSON]
    """`phone` or `in_person`."""
    address: Number | None = None
    """The phone number in any spelling, if there is one."""
    name: Name | None = None
    """What the person is called."""
    national_id: Annotated[Text, StringConstraints(max_length=30), AfterValidator(_national_id)] | None = None
    """In either digits; finds the person whatever number they call from."""
    text: Words
    """What they said."""
    topic: Topic
    """What it is about."""
    kind: Kind
    """What they want."""
    audience: Audience = Audience.UNKNOWN
    """Who they are to the organisation."""
    province: Name | None = None
    """By its Persian name."""
    desk: Name | None = None
    """Whose queue; the section's if left out."""
    case: Annotated[Text, StringConstraints(max_length=40)] | None = None
    """The code of an open case that this is more of; no new one is made."""
    answer: Annotated[Text, StringConstraints(max_length=LONGEST_REPLY)] | None = None
    """What they were told on the spot."""
    answer_id: UUID | None = None
    """The standard answer that it was made from; its use is counted."""
    answer_number: Annotated[int, Field(ge=1)] | None = None
    """The version of it."""
    close: bool = False
    """With that answer the matter is done."""
    notify: bool = False
    """Send them the tracking code by SMS; it costs a part."""
    author: Name | None = None
    """For whom a service speaks."""

    @model_validator(mode="after")
    def _closes_with_an_answer(self) -> Self:
        if self.close and self.answer is None:
            message = "only what was answered is closed"
            raise ValueError(message)
        if (self.answer_id is None) != (self.answer_number is None) or (self.answer_id and not self.answer):
            message = "answer_id, answer_number and the answer go together"
            raise ValueError(message)
        return self
