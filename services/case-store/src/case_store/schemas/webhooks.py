"""Webhooks as the API takes and gives them: endpoints, the log of deliveries, what the gateway posts.

An event says that something happened and how the submission stood then; never a citizen's word, nor a number.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from case_store.schemas.given import Given
from case_store.schemas.submissions import SubmissionState
from case_store.schemas.taken import Taken

_SCHEMES: Final = frozenset({"https", "http"})


class WebhookType(StrEnum):
    """What a partner is told of, as CloudEvents call it."""

    OPENED = "ir.payam.case.opened"
    """The submission has reached a desk, as a case of its own or in one that was there."""
    REFERRED = "ir.payam.case.referred"
    """Somebody who knows more has been asked."""
    ANSWERED = "ir.payam.case.answered"
    """There is an answer to be fetched."""
    WAITING = "ir.payam.case.waiting"
    """The answer asks the person something."""
    CLOSED = "ir.payam.case.closed"
    REOPENED = "ir.payam.case.reopened"
    WITHDRAWN = "ir.payam.case.withdrawn"
    """The partner took it back."""
    OFFICIAL_REPLY = "ir.payam.case.official-reply"
    """An official reply was issued, or declared void."""
    TEST = "ir.payam.webhook.test"
    """Nothing happened: the endpoint is tried."""


class EndpointState(StrEnum):
    """Whether an endpoint is told anything."""

    ACTIVE = "active"
    DISABLED = "disabled"
    """By somebody; what waited is dead."""
    GONE = "gone"
    """It answered 410: by itself; what waited is dead."""


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    """Not yet, or to be tried again."""
    DELIVERED = "delivered"
    DEAD = "dead"
    """Tried often enough, or its endpoint is told nothing any more; it can be replayed."""


def _webhook_url(typed: str) -> str:
    try:
        parts = urlsplit(typed)
        fits = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        message = "is not an address that begins with https://"
        raise ValueError(message)
    if parts.username is not None or parts.password is not None:
        message = "must not carry a name or a password"
        raise ValueError(message)
    if "#" in typed:
        message = "must not carry a fragment"
        raise ValueError(message)
    return typed


def _each_once(given: list[WebhookType]) -> list[WebhookType]:
    return [each for each in WebhookType if each in given]


WebhookUrl = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2_000, pattern=r"^https?://[\x21-\x7e]+$"),
    AfterValidator(_webhook_url),
]
"""`https://…`, without credentials and without a fragment; names in other letters in their ASCII form.

`http://…` is taken too, for a developer's machine: the gateway goes there only where its settings allow it.
"""
Types = Annotated[list[WebhookType], Field(max_length=20), AfterValidator(_each_once)]
_URL: Final = "https://partner.example/payam"


class WebhookMake(Taken):
    """Where to tell a partner what."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"url": _URL, "types": [], "sandbox": False}]})

    url: WebhookUrl
    """Where events are posted to."""
    types: Types = Field(default_factory=list)
    """Which events; none named are all of them."""
    sandbox: bool = False
    """Whether it is told of the sandbox, and of nothing else."""


class WebhookChange(Taken):
    """What to change; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"types": ["ir.payam.case.answered"]}]})

    url: WebhookUrl = ""
    """Where events are posted to; what waits goes there as well."""
    types: Types = Field(default_factory=list)
    """Which events; none named are all of them."""
    state: Literal[EndpointState.ACTIVE, EndpointState.DISABLED] = EndpointState.ACTIVE
    """`disabled` ends it, and what waits is dead; `active` begins again, also after a 410."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            message = "give url, types or state"
            raise ValueError(message)
        return self


class WebhookGiven(Given):
    """An endpoint, without its secret."""

    id: UUID
    """Ours."""
    url: str
    """Where events are posted to."""
    types: list[WebhookType]
    """Which events; none named are all of them."""
    sandbox: bool
    """Whether it is told of the sandbox, and of nothing else."""
    state: EndpointState
    """Whether it is told anything."""
    old_secret_until: datetime | None
    """Until then the secret before this one signs too."""
    created_at: datetime
    """Made then."""
    created_by: str
    """By whom."""
    version: int
    """The ETag."""


class WebhookMade(WebhookGiven):
    """An endpoint, this once with its secret."""

    secret: str
    """`whsec_…`, told this once; it signs as Standard Webhooks say."""


class WebhooksGiven(Given):
    """A partner's endpoints, the oldest first."""

    webhooks: list[WebhookGiven]
    """All of them: 20 at most."""


class AttemptGiven(Given):
    """One try to deliver."""

    at: datetime
    """When it was told to us how it went."""
    status: int | None
    """What was answered; none if nothing was."""
    error: str | None
    """In one word of ours: `timeout`, `refused`, `tls`, `private_address`, `redirect`, …"""
    milliseconds: int
    """How long it took."""


class DeliveryGiven(Given):
    """One event for one endpoint."""

    id: UUID
    """Of the delivery."""
    event_id: UUID
    """`webhook-id` and the event's `id`: the same however often it is tried."""
    type: WebhookType
    """What happened."""
    tracking_code: str | None
    """Of the submission, as it was shown; none of a test."""
    created_at: datetime
    """When it happened, by the store's clock."""
    state: DeliveryState
    """How far it has come."""
    attempts: list[AttemptGiven]
    """The oldest first; the latest fifty."""
    next_at: datetime | None
    """When it is tried next; none once it is delivered or dead."""


class DeliveryPage(Given):
    """A page of the log, the newest first."""

    deliveries: list[DeliveryGiven]
    next_cursor: str | None
    """Give it back to go on; none at the end."""


class ClaimRequest(Taken):
    """How much the gateway can post now."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"limit": 20, "lease_seconds": 60}]})

    limit: Annotated[int, Field(ge=1, le=500)]
    """Deliveries at most."""
    lease_seconds: Annotated[int, Field(ge=5, le=600)]
    """What is not reported within this time is given out again."""


class EventData(Given):
    """What an event tells; nothing that a person said."""

    tracking_code: str | None
    """Of the submission, as it was shown; none in a test."""
    reference: str | None
    """What the partner calls it."""
    state: SubmissionState | None
    """How the submission stood then; none in a test."""
    occurred_at: datetime
    """When it happened."""
    sandbox: bool
    """Whether it is of the sandbox."""


class CloudEvent(Given):
    """CloudEvents 1.0, in the form that is posted."""

    specversion: Literal["1.0"] = "1.0"
    """Of CloudEvents."""
    id: UUID
    """Of the event: the same however often it is posted."""
    source: Literal["/api/v1"] = "/api/v1"
    """Where to ask for more."""
    type: WebhookType
    """What happened."""
    subject: str | None = None
    """The submission's tracking code."""
    time: datetime
    """When it happened."""
    datacontenttype: Literal["application/json"] = "application/json"
    """Of `data`."""
    data: EventData
    """What is told."""


class WorkGiven(Given):
    """One delivery for the gateway to post."""

    delivery_id: UUID
    """To report on."""
    attempt: int
    """To report on; a report on an older one changes nothing."""
    url: str
    """Where to."""
    secrets: list[str]
    """That sign it, the newest first."""
    event: CloudEvent
    """What to post."""


class Work(Given):
    """What is due."""

    work: list[WorkGiven]


class Result(Taken):
    """How a try went."""

    delivery_id: UUID
    """Which."""
    attempt: Annotated[int, Field(ge=1)]
    """As it was claimed."""
    status: Annotated[int, Field(ge=100, le=599)] | None = None
    """What was answered; none if nothing was."""
    error: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")] | None = None
    """In one word of ours."""
    milliseconds: Annotated[int, Field(ge=0, le=3_600_000)]
    """How long it took."""
    retry_after: Annotated[int, Field(ge=0)] | None = None
    """Seconds, if the receiver asked for a pause."""


class ResultsRequest(Taken):
    """How several tries went."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "results": [
                        {
                            "delivery_id": "0197a1b2-0000-7000-8000-000000000001",
                            "attempt": 1,
                            "status": 200,
                            "milliseconds": 41,
                        }
                    ]
                }
            ]
        }
    )

    results: Annotated[list[Result], Field(min_length=1, max_length=500)]
