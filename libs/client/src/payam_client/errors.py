"""What can go wrong on a partner's side.

ClientError
├── ProblemError            the API said no; `problem` is its document, and `status` its status
│   ├── InvalidError            400, 413, 415, 422: the request is not of the documented form
│   ├── RefusedError            401, 403: no good key, or one without the scope
│   ├── NotThereError           404: there is no such thing of yours
│   ├── ConflictError           409: it cannot be done as it stands
│   ├── ChangedError            412: it has changed since it was read
│   └── QuotaError              429: more than was agreed; `seconds` until the next
├── UnavailableError        no answer, 5xx or none that can be read, however often it was tried
└── SignatureError          a webhook that is not from Payam, is too old, or cannot be read
"""

from collections.abc import Mapping
from typing import Any


class ClientError(Exception):
    """The base of them all; no message holds a key or a word of a person."""


class ProblemError(ClientError):
    """The API said no."""

    def __init__(self, status: int, problem: Mapping[str, Any], seconds: float | None = None) -> None:
        """`problem` as RFC 9457 has it; `seconds` as `Retry-After` told."""
        super().__init__(f"{status} {problem.get('title', '')}".strip())
        self.status = status
        self.problem = problem
        self.seconds = seconds

    @property
    def type(self) -> str:
        """What to decide by: `urn:payam:problem:…`."""
        return str(self.problem.get("type", "about:blank"))


class InvalidError(ProblemError):
    """The request is not of the documented form; `problem["errors"]` tells where."""


class RefusedError(ProblemError):
    """No good key, or one without the scope."""


class NotThereError(ProblemError):
    """There is no such thing of yours."""


class ConflictError(ProblemError):
    """It cannot be done as it stands."""


class ChangedError(ProblemError):
    """It has changed since it was read."""


class QuotaError(ProblemError):
    """More than was agreed."""


class UnavailableError(ClientError):
    """No answer, or none that can be read, however often it was tried.

    What was handed in may have been taken: hand it in again with the same `idempotency_key`.
    """

    def __init__(self, why: str, idempotency_key: str | None = None, seconds: float | None = None) -> None:
        """`idempotency_key` of what was handed in; `seconds` as `Retry-After` told."""
        super().__init__(why)
        self.idempotency_key = idempotency_key
        self.seconds = seconds


class SignatureError(ClientError):
    """A webhook that is not from Payam, is too old, or cannot be read."""
