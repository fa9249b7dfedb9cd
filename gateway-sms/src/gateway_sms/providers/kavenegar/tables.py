"""Kavenegar's words to ours, in its own order: message states and result codes, each a total table."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

import structlog

from envelope.models import DeliveryState

GONE: Final = "100"
"""Not a state: the id is not ours, or older than the provider remembers."""

STATES: Final[Mapping[str, DeliveryState]] = {
    "1": DeliveryState.QUEUED,
    "2": DeliveryState.QUEUED,  # scheduled
    "4": DeliveryState.SENT,
    "5": DeliveryState.SENT,  # the same as 4, by their document
    "6": DeliveryState.FAILED,
    "10": DeliveryState.DELIVERED,
    "11": DeliveryState.UNDELIVERED,
    "13": DeliveryState.CANCELLED,
    "14": DeliveryState.BLOCKED,
    GONE: DeliveryState.UNKNOWN,
}

_log = structlog.get_logger()


class Verdict(StrEnum):
    """What a result code asks of us."""

    RETRY = "retry"
    SLOW_DOWN = "slow_down"
    PAGE = "page"
    REJECT = "reject"


class Result(NamedTuple):
    """What to do about a code, and why, in words for staff."""

    verdict: Verdict
    reason: str


OK: Final = 200
BUSY: Final = 409

RESULTS: Final[Mapping[int, Result]] = {
    400: Result(Verdict.REJECT, "a parameter is missing or not valid"),
    401: Result(Verdict.PAGE, "the account is disabled"),
    402: Result(Verdict.RETRY, "the operation failed"),
    403: Result(Verdict.PAGE, "the API key is not valid"),
    404: Result(Verdict.PAGE, "no such method at this base URL"),
    405: Result(Verdict.PAGE, "GET and POST are mixed up at this base URL"),
    406: Result(Verdict.REJECT, "a mandatory parameter is empty"),
    407: Result(Verdict.PAGE, "no access; register our address in the panel"),
    BUSY: Result(Verdict.RETRY, "the server cannot answer now"),
    411: Result(Verdict.REJECT, "the receptor is not a valid number"),
    412: Result(Verdict.REJECT, "the line is not valid or not ours"),
    413: Result(Verdict.REJECT, "the text is empty or too long"),
    414: Result(Verdict.REJECT, "too many records in one call"),
    415: Result(Verdict.REJECT, "the start index is too large"),
    416: Result(Verdict.PAGE, "calls from this address are not allowed in the panel"),
    417: Result(Verdict.REJECT, "the date is not valid"),
    418: Result(Verdict.PAGE, "the credit is used up"),
    419: Result(Verdict.REJECT, "the arrays differ in length"),
    420: Result(Verdict.REJECT, "links are not allowed in the text"),
    422: Result(Verdict.REJECT, "the text holds characters that are not allowed"),
    424: Result(Verdict.REJECT, "the template is not found or not approved"),
    426: Result(Verdict.PAGE, "the account needs the advanced service"),
    427: Result(Verdict.PAGE, "the line needs a higher access level"),
    428: Result(Verdict.REJECT, "the token cannot be spoken"),
    429: Result(Verdict.SLOW_DOWN, "too many calls from this address"),
    431: Result(Verdict.REJECT, "the token's structure is not valid"),
    432: Result(Verdict.REJECT, "the template has no such token"),
    451: Result(Verdict.SLOW_DOWN, "too many calls in the time window"),
    501: Result(Verdict.PAGE, "the account is in test mode and reaches only its owner"),
    604: Result(Verdict.REJECT, "too many numbers in one call"),
    607: Result(Verdict.REJECT, "the tag is not valid"),
}


def state_of(status: str) -> DeliveryState:
    """Our state; a status that is not in the table is recorded as unknown, never guessed."""
    state = STATES.get(status)
    if state is None:
        _log.warning("provider_status_unknown", provider="kavenegar", status=status)
        return DeliveryState.UNKNOWN
    return state


def result_of(code: int) -> Result:
    """What to do; a code that is not in the table is tried again and shows in the log."""
    result = RESULTS.get(code)
    if result is None:
        _log.error("provider_code_unknown", provider="kavenegar", code=code)
        return Result(Verdict.RETRY, "a code that its document does not have")
    return result
