"""What a webhook is told: a CloudEvent, thin on purpose, for what happened is fetched with a key."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from envelope.models import TrackingCode
from gateway_portal.schemas.partners import SubmissionState
from gateway_portal.schemas.shown import Shown

EventType = Literal[
    "ir.payam.case.opened",
    "ir.payam.case.referred",
    "ir.payam.case.answered",
    "ir.payam.case.waiting",
    "ir.payam.case.closed",
    "ir.payam.case.reopened",
    "ir.payam.case.withdrawn",
    "ir.payam.case.official-reply",
    "ir.payam.webhook.test",
]


class Happened(Shown):
    """To which submission, and how it stands since."""

    tracking_code: TrackingCode | None
    """As the receipt gave it; null in a test."""
    reference: str | None
    """What you call it."""
    state: SubmissionState | None
    """How it stood then; null in a test."""
    occurred_at: AwareDatetime
    """When it happened."""
    sandbox: bool
    """Whether it was only tried out."""


class Event(Shown):
    """A CloudEvent 1.0 in structured mode."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "specversion": "1.0",
                    "id": "0197a1b2-0000-7000-8000-000000000001",
                    "source": "/api/v1",
                    "type": "ir.payam.case.answered",
                    "subject": "1234567894",
                    "time": "2026-11-22T11:20:00Z",
                    "datacontenttype": "application/json",
                    "data": {
                        "tracking_code": "1234567894",
                        "reference": "ticket-4711",
                        "state": "answered",
                        "occurred_at": "2026-11-22T11:20:00Z",
                        "sandbox": False,
                    },
                }
            ]
        }
    )

    specversion: Literal["1.0"]
    id: UUID
    """The same each time it is told: one that you know already is to be answered with 2xx and left."""
    source: str = Field(examples=["/api/v1"])
    """Always this API."""
    type: EventType
    """What happened; types may be added."""
    subject: str | None = None
    """The tracking code."""
    time: AwareDatetime
    """When it happened."""
    datacontenttype: Literal["application/json"]
    data: Happened
    """To what."""
