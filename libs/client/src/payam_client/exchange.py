"""One call, whoever makes it: what to send, when to try again, what the answer means. It does no I/O itself.

A `Flow` yields requests to send and seconds to wait; it is told the answer, or why there was none.
"""

import random
from collections.abc import Callable, Generator, Mapping
from typing import Final, NamedTuple, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from payam_client.errors import (
    ChangedError,
    ConflictError,
    InvalidError,
    NotThereError,
    ProblemError,
    QuotaError,
    RefusedError,
    UnavailableError,
)

M = TypeVar("M", bound=BaseModel)
R = TypeVar("R")
Flow = Generator[httpx.Request | float, httpx.Response | httpx.TransportError | None, R]
_ERRORS: Final[Mapping[int, type[ProblemError]]] = {
    401: RefusedError,
    403: RefusedError,
    404: NotThereError,
    409: ConflictError,
    412: ChangedError,
    429: QuotaError,
}
_AGAIN: Final = frozenset({429, 502, 503, 504})
_SOON: Final = frozenset({"urn:payam:problem:under-way", "urn:payam:problem:on-its-way"})
"""Conflicts that pass by themselves."""
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 20.0
_GOOD: Final = 300


class Patience(NamedTuple):
    """How often a call is tried, and how long it waits between two."""

    attempts: int
    longest_wait: float
    """Seconds; who is told to wait longer is told so at once."""
    chance: Callable[[], float] = random.random


def exchanged(request: httpx.Request, patience: Patience, key: str | None = None) -> Flow[httpx.Response]:
    """A good answer.

    Raises:
        ProblemError: the API said no.
        UnavailableError: no answer, however often it was tried.
    """
    for attempt in range(1, patience.attempts + 1):
        answer = yield request
        if isinstance(answer, httpx.Response):
            if answer.status_code < _GOOD or answer.status_code == httpx.codes.NOT_MODIFIED:
                return answer
            error = _error(answer, key)
            if not _passing(error, answer.status_code):
                raise error
        else:
            error = UnavailableError(f"no answer: {type(answer).__name__}", key)
        pause = _pause(attempt, error, patience)
        if attempt == patience.attempts or pause > patience.longest_wait:
            raise error
        yield pause
    message = "attempts must be 1 at least"
    raise ValueError(message)


def read(schema: type[M], answer: httpx.Response, key: str | None = None) -> M:
    """What the answer holds.

    Raises:
        UnavailableError: nothing that can be read.
    """
    try:
        return schema.model_validate_json(answer.content)
    except ValidationError:
        message = f"the answer is no {schema.__name__}"
        raise UnavailableError(message, key) from None


def _error(answer: httpx.Response, key: str | None) -> ProblemError | UnavailableError:
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        return UnavailableError(f"answered {answer.status_code}", key, _retry_after(answer))
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    told = problem if isinstance(problem, dict) else {}
    kind = _ERRORS.get(answer.status_code, InvalidError)
    return kind(answer.status_code, told, _retry_after(answer))


def _passing(error: ProblemError | UnavailableError, status: int) -> bool:
    return status in _AGAIN or (isinstance(error, ConflictError) and error.type in _SOON)


def _pause(attempt: int, error: ProblemError | UnavailableError, patience: Patience) -> float:
    """Twice as long each time and never in step with others, and not shorter than was told."""
    grown: float = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (attempt - 1)) * (0.5 + patience.chance() / 2)
    return max(grown, error.seconds or 0.0)


def _retry_after(answer: httpx.Response) -> float | None:
    told = answer.headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdigit() else None
