"""A partner's webhooks: where it is told what, and the log of what became of each telling."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from envelope.models import TrackingCode
from gateway_portal.public_addresses import fault_of
from gateway_portal.schemas.api.events import EventType
from gateway_portal.schemas.shown import Shown

_LONGEST: Final = 2_000
_URL: Final = "https://partner.example/payam"
_WEBHOOK: Final[dict[str, Any]] = {
    "id": "3f1c2a7e-54c1-4b0e-9b53-1d7a0b9f3c11",
    "url": _URL,
    "types": ["ir.payam.case.answered", "ir.payam.case.closed"],
    "sandbox": False,
    "state": "active",
    "old_secret_until": None,
    "created_at": "2026-11-22T08:00:00Z",
    "version": 1,
}
_DELIVERY: Final[dict[str, Any]] = {
    "id": "5f0d8c1e-2b8e-4c55-8f0b-7a8d1e2f3a4b",
    "event_id": "0197a1b2-0000-7000-8000-000000000001",
    "type": "ir.payam.case.answered",
    "tracking_code": "1234567894",
    "created_at": "2026-11-22T11:20:00Z",
    "state": "pending",
    "attempts": [{"at": "2026-11-22T11:20:10Z", "status": None, "error": "timeout", "milliseconds": 10_001}],
    "next_at": "2026-11-22T11:20:15Z",
}


def _a_url(typed: str) -> str:
    words = fault_of(typed)
    if words is not None:
        raise ValueError(words)
    return typed


def _each_once(given: list[EventType]) -> list[EventType]:
    return list(dict.fromkeys(given))


WebhookUrl = Annotated[
    str,
    StringConstraints(max_length=_LONGEST, pattern=r"^https?://[\x21-\x7e]+$"),
    AfterValidator(_a_url),
    WithJsonSchema({"type": "string", "format": "uri", "maxLength": _LONGEST, "pattern": "^https://"}),
]
Types = Annotated[list[EventType], Field(max_length=20), AfterValidator(_each_once)]


class _Taken(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )


class NewWebhook(_Taken):
    """Where you want to be told."""

    url: WebhookUrl = Field(examples=[_URL])
    """A public `https` address, without credentials and without a fragment."""
    types: Types = Field(default_factory=list, examples=[["ir.payam.case.answered"]])
    """Which events; none named are all of them, also those that are added later."""


class WebhookChange(_Taken):
    """What to change; what is left out stays."""

    url: WebhookUrl = Field(default="", examples=[_URL])
    """Where you are told from now on; what waits goes there as well."""
    types: Types = Field(default_factory=list, examples=[["ir.payam.case.answered"]])
    """Which events; none named are all of them."""
    state: Literal["active", "disabled"] = Field(default="active", examples=["disabled"])
    """`disabled` ends it, and what waits is dead; `active` begins again, also after a 410."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            message = "give url, types or state"
            raise ValueError(message)
        return self


class Webhook(Shown):
    """Where you are told."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WEBHOOK]})

    id: UUID
    """Ours."""
    url: str
    """Where events are posted to."""
    types: Sequence[str]
    """Which events; none named are all of them."""
    sandbox: bool
    """Whether it is told of the sandbox, and of nothing else: as the key that made it."""
    state: str
    """`active`; `disabled` by you or by us; `gone` where it answered 410."""
    old_secret_until: AwareDatetime | None = None
    """Until then the secret before this one signs too."""
    created_at: AwareDatetime
    """When it was made."""
    version: int
    """The ETag."""


class WebhookWithSecret(Webhook):
    """The same, this once with its secret."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [_WEBHOOK | {"secret": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}]
        }
    )

    secret: str
    """Told this once: keep it. Every library for Standard Webhooks takes it as it is."""


class Webhooks(Shown):
    """All of yours in this world (live or sandbox), the oldest first."""

    webhooks: Sequence[Webhook]
    """20 at most."""


class Attempt(Shown):
    """One try to tell you."""

    at: AwareDatetime
    """When it had ended."""
    status: int | None = None
    """What you answered; none if nothing came."""
    error: str | None = None
    """Why it did not count: `timeout`, `refused`, `unresolved`, `tls`, `no_tls`, `private_address`,
    `redirect`, `status`, `broken`, …"""
    milliseconds: int
    """How long it took."""


class Delivery(Shown):
    """One event for one webhook."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DELIVERY]})

    id: UUID
    """To replay it by."""
    event_id: UUID
    """`webhook-id` and the event's `id`: the same each time."""
    type: str
    """What happened."""
    tracking_code: TrackingCode | None = None
    """Of the submission; none of a test."""
    created_at: AwareDatetime
    """When it happened."""
    state: str
    """`pending`, `delivered`, or `dead`: tried for three days, or its webhook has ended."""
    attempts: Sequence[Attempt]
    """The oldest first; the latest fifty."""
    next_at: AwareDatetime | None = None
    """When it is tried next."""


class Deliveries(Shown):
    """What became of each telling, the newest first."""

    deliveries: Sequence[Delivery]
    """A page of it."""
    next_cursor: str | None = Field(default=None, examples=["AAZL1n8c3gAaZ0s"])
    """Give it back as `cursor` for the next page; null on the last."""
