"""What can go wrong between an operator and a screen.

PayamError
├── UnreadableError                 for good: a request that is not in the provider's form
│   └── BodyTooLargeError           for good: longer than any request of a provider
├── NotAuthenticError               for good: wrong or missing credentials of a provider
├── MenuError                       for good: the menus have faults, each told with its file and line
├── RedisAwayError                  retriable: no session can be read or kept now
├── LookupAwayError                 retriable: a service that a menu asks gave no answer that can be used
└── OperatorError
    ├── OperatorAwayError           retriable: the operator never had what we sent
    ├── OperatorSilentError         for good: it may have it; a second screen could be shown beside it
    └── OperatorRefusedError        for good: it had it and will not act on it
"""

from collections.abc import Sequence
from typing import ClassVar

from envelope.errors import PayamError


class UnreadableError(PayamError):
    """A request that is not in the provider's form; says what is wrong, never the value."""


class BodyTooLargeError(UnreadableError):
    """A body longer than any request of a provider."""


class NotAuthenticError(PayamError):
    """Wrong or missing credentials of a provider."""


class MenuError(PayamError):
    """The menus cannot be used."""

    def __init__(self, faults: Sequence[str]) -> None:
        """Each fault as `file:line: words`."""
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class RedisAwayError(PayamError):
    """No session can be read or kept now."""

    retriable: ClassVar[bool] = True


class LookupAwayError(PayamError):
    """A service that a menu asks gave no answer that can be used; says why, never what was asked."""

    retriable: ClassVar[bool] = True


class OperatorError(PayamError):
    """A call of ours to an operator that did not do what it was for; names no number and no word."""

    outcome: ClassVar[str] = "failed"
    """As it is counted."""


class OperatorAwayError(OperatorError):
    """The operator never had what we sent."""

    retriable: ClassVar[bool] = True
    outcome: ClassVar[str] = "away"


class OperatorSilentError(OperatorError):
    """No answer, or none that can be read: the operator may have acted on it."""

    outcome: ClassVar[str] = "silent"


class OperatorRefusedError(OperatorError):
    """The operator had what we sent and will not act on it."""

    outcome: ClassVar[str] = "refused"

    def __init__(self, reason: str, code: str = "") -> None:
        """`code` is the operator's own."""
        super().__init__(f"{code}: {reason}" if code else reason)
        self.code = code
