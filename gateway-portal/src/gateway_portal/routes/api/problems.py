"""What went wrong, for programs: RFC 9457 problem documents with a `type` that a client can decide by."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import structlog
from fastapi.exceptions import RequestValidationError

from bus.errors import NotAcceptedError
from chassis.problems import Problem
from envelope.errors import PayamError
from gateway_portal import errors

URN: Final = "urn:payam:problem:"
_log = structlog.get_logger()


class _Kind(NamedTuple):
    status: int
    name: str
    """The last word of `type`."""
    title: str


KINDS: Final[Mapping[type[PayamError], _Kind]] = {
    errors.KeyRefusedError: _Kind(401, "key-refused", "A valid key is needed"),
    errors.ScopeError: _Kind(403, "scope-missing", "This key may not do this"),
    errors.NotThereError: _Kind(404, "not-there", "There is no such thing of yours"),
    errors.UnderWayError: _Kind(409, "under-way", "The first request is still under way"),
    errors.OnItsWayError: _Kind(409, "on-its-way", "It is still on its way"),
    errors.PastWithdrawalError: _Kind(409, "past-withdrawal", "It can no longer be taken back"),
    errors.WebhookStateError: _Kind(409, "webhook-state", "It does not fit how the webhook stands"),
    errors.ChangedError: _Kind(412, "changed", "It has changed since it was read"),
    errors.WebhookAddressError: _Kind(422, "webhook-address", "Webhooks do not go to this address"),
    errors.KeyReusedError: _Kind(422, "idempotency-key-reused", "The idempotency key is used up"),
    errors.QuotaError: _Kind(429, "quota", "More than was agreed"),
    errors.StoreAwayError: _Kind(503, "away", "Not available just now"),
    NotAcceptedError: _Kind(503, "not-accepted", "It could not be taken; nothing has happened"),
}
"""Each error's status, type and title."""
MALFORMED_KEY: Final = f"{URN}idempotency-key"
INVALID: Final = f"{URN}invalid"
_SOON: Final = 1
_LATER: Final = 5


def problem_of(error: Exception) -> Problem | None:
    """The document; None for what every service answers alike."""
    if isinstance(error, RequestValidationError):
        return invalid([(str(fault["msg"]), fault["loc"]) for fault in error.errors()])
    kind = next((KINDS[one] for one in type(error).__mro__ if one in KINDS), None)
    if kind is None or not isinstance(error, PayamError):
        return None
    if kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("request_failed", error=type(error).__name__, status=kind.status)
    return Problem(
        kind.status,
        kind.title,
        str(error),
        type=URN + kind.name,
        members=_members(error),
        headers=_headers(kind.status, error),
    )


def invalid(faults: list[tuple[str, tuple[Any, ...]]]) -> Problem:
    """What is wrong and where, as JSON pointers; never what was sent."""
    told = [{"detail": words, "pointer": "/" + "/".join(str(step) for step in at)} for words, at in faults]
    title = "The request is not of the documented form"
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, title, type=INVALID, errors=told)


def _members(error: PayamError) -> dict[str, Any]:
    return {"quota": error.quota} if isinstance(error, errors.QuotaError) else dict(error.members)


def _headers(status: int, error: PayamError) -> dict[str, str]:
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    if not error.retriable:
        return {}
    soon = _SOON if status == HTTPStatus.CONFLICT else _LATER
    return {"Retry-After": str(getattr(error, "seconds", soon))}
