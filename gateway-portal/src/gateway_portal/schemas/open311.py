"""What GeoReport v2 answers, field by field as <https://wiki.open311.org/GeoReport_v2> names them.

A field that has no value is there all the same: `null` in JSON, an empty element in XML.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

Moment = Annotated[
    datetime,
    PlainSerializer(lambda at: at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-22T08:05:00Z"]}),
]
"""To the second, as the W3C's note has it."""


class Told(BaseModel):
    """The base of what is told."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Format(StrEnum):
    """The end of an address says it."""

    JSON = "json"
    XML = "xml"


class Status(StrEnum):
    """Where a service request stands, in the two words that Open311 has."""

    OPEN = "open"
    CLOSED = "closed"


class Service(Told):
    """Something that a request can be about."""

    service_code: str = Field(examples=["pension_payment"])
    """What a request names it by."""
    service_name: str = Field(examples=["واریز و فیش مستمری"])
    """For a person to choose from."""
    description: str = Field(examples=["واریز حقوق، فیش و حکم، افزایش سالانه و معوقه"])
    """In a line."""
    metadata: bool = True
    """Its definition has fields to fill in."""
    type: Literal["realtime"] = "realtime"
    """A request has its id at once."""
    keywords: str = Field(examples=["حقوق، مستمری، معوقه"])
    """Other words for it, by comma."""
    group: str = Field(examples=["بازنشستگی"])
    """The section that answers."""


class Choice(Told):
    """One of a list."""

    key: str
    """As it is sent."""
    name: str
    """As a person reads it."""


class Attribute(Told):
    """A field of a form that clients draw."""

    variable: bool = True
    """It is filled in."""
    code: str
    """Sent as `attribute[code]`."""
    datatype: Literal["string", "singlevaluelist"]
    """How it is drawn."""
    required: bool = False
    """Whether it must be filled in."""
    datatype_description: str | None = None
    """How to fill it in."""
    order: int
    """1 comes first."""
    description: str
    """What is asked."""
    values: Sequence[Choice] = ()
    """What there is to choose from."""


class ServiceDefinition(Told):
    """The fields that a service asks for beside those that all have."""

    service_code: str = Field(examples=["pension_payment"])
    """Whose."""
    attributes: Sequence[Attribute]
    """In their order."""


class RequestForm(BaseModel):
    """What a client fills in; whatever else Open311 knows may be sent, and is not kept."""

    model_config = ConfigDict(use_attribute_docstrings=True, populate_by_name=True)

    api_key: str = ""
    """A key of the client's, where none is in `Authorization`."""
    service_code: str = Field(examples=["pension_payment"])
    """What it is about."""
    description: str = Field(max_length=4_000, examples=["حقوق بازنشستگی این ماه هنوز واریز نشده است"])
    """What the person says."""
    account_id: str = Field(default="", max_length=100, examples=["u-4711"])
    """Which of the client's accounts is the person's; this or `phone` is needed."""
    phone: str = Field(default="", examples=["09121234567"])
    """The person's mobile number, if the key may vouch for numbers."""
    address_string: str = Field(default="", max_length=500)
    """Added to what the person says."""
    media_url: str = Field(default="", max_length=2_000)
    """Added to what the person says; never fetched."""
    lat: str = ""
    """Degrees of WGS84, with `long`; not kept."""
    long: str = ""
    """Degrees of WGS84, with `lat`; not kept."""
    kind: str = Field(default="", alias="attribute[kind]", examples=["question"])
    """One of the definition's values; so for the next two."""
    audience: str = Field(default="", alias="attribute[audience]")
    """Who the person is to us."""
    province: str = Field(default="", alias="attribute[province]")
    """From where they write."""
    tracking_code: str = Field(default="", alias="attribute[tracking_code]")
    """Of an earlier case that it is about."""


class Receipt(Told):
    """What becomes of a request that was taken."""

    service_request_id: str = Field(examples=["5834021976"])
    """The tracking code: the person's as well as the client's."""
    service_notice: str | None = None
    """What happens next."""
    account_id: str | None = None
    """As it was sent."""


class ServiceRequest(Told):
    """How a request stands; what the person wrote is not given back."""

    service_request_id: str = Field(examples=["5834021976"])
    """The tracking code."""
    status: Status
    """Closed is whatever was answered, ended or taken back."""
    status_notes: str | None = None
    """Our answer, else where it stands, in a sentence."""
    service_name: str
    """What it is about, as we understand it now."""
    service_code: str
    """The same in a word."""
    description: None = None
    """Never: words stay with the person and whoever works on them."""
    agency_responsible: str | None = None
    """The section that answers."""
    service_notice: None = None
    """Nothing beyond the notes."""
    requested_datetime: Moment
    """When it was sent."""
    updated_datetime: Moment
    """When anything was last done; when it was closed, if it was."""
    expected_datetime: Moment | None = None
    """Until when we answer."""
    address: None = None
    """Not kept."""
    address_id: None = None
    """Not kept."""
    zipcode: None = None
    """Not kept."""
    lat: None = None
    """Not kept."""
    long: None = None
    """Not kept."""
    media_url: None = None
    """Not given back."""


class Fault(Told):
    """One thing that is wrong."""

    code: int = Field(examples=[404])
    """The status of the answer."""
    description: str = Field(examples=["There is no such service request."])
    """What, and what helps; never what was sent."""


class Endpoint(Told):
    """Where a specification is spoken."""

    specification: str
    """Which."""
    url: str
    """Where."""
    changeset: str
    """When the services last changed."""
    type: Literal["production", "test"]
    """Whether what is sent there reaches anybody."""
    formats: Sequence[str]
    """What it answers in."""


class Discovery(Told):
    """Where to find what."""

    changeset: str
    """When this last changed."""
    contact: str
    """Who helps."""
    key_service: str
    """How to get a key."""
    endpoints: Sequence[Endpoint]
    """All there are."""
