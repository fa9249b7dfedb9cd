"""How what a service handed in stands, as it is told to that service."""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import ConfigDict, Field

from gateway_portal.schemas.partners import PartnerCase, PartnerSubmission
from gateway_portal.schemas.shown import Shown

_SUBMISSION: Final[dict[str, Any]] = {
    "message_id": "0b6f3f8e-6c1d-5a51-9d0e-6a0f6f1f2b7a",
    "tracking_code": "1234567894",
    "case_code": "1234567894",
    "opened": True,
    "reference": "ticket-4711",
    "state": "answered",
    "topic": "contribution_record",
    "kind": "complaint",
    "submitted_at": "2026-11-22T08:00:00Z",
    "last_activity_at": "2026-11-22T11:20:00Z",
    "version": 4,
}
_CASE: Final[dict[str, Any]] = _SUBMISSION | {
    "section": "insurance",
    "due_at": "2026-12-06T12:00:00Z",
    "closed_at": None,
    "answers": [{"at": "2026-11-22T11:20:00Z", "text": "سابقهٔ شما اصلاح شد.", "official": None}],
}


class Submission(PartnerSubmission):
    """Something that you handed in, as it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SUBMISSION]})


class Submissions(Shown):
    """What you handed in, the newest first."""

    messages: Sequence[Submission]
    """A page of it."""
    next_cursor: str | None = Field(default=None, examples=["AAZL1n8c3gAaZ0s"])
    """Give it back as `cursor` for the next page; null on the last."""


class Case(PartnerCase):
    """Something that you handed in, with what came of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CASE]})


class Fault(Shown):
    """One thing that is wrong with a request."""

    detail: str
    """What."""
    pointer: str
    """Where, as a JSON pointer: `/body/person/mobile`."""


class ProblemDocument(Shown):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:payam:problem:quota",
                    "title": "More than was agreed",
                    "status": 429,
                    "detail": "the quota of this minute is used up",
                    "quota": "minute",
                }
            ]
        }
    )

    type: str
    """Decide by this; `about:blank` where the status says it all."""
    title: str
    """In a line, always the same for one type."""
    status: int
    """As the answer's."""
    detail: str | None = None
    """What it was this time."""
    errors: Sequence[Fault] | None = None
    """Of a request that is not of the documented form."""
    quota: str | None = None
    """Which one is used up: `minute` or `day`."""
