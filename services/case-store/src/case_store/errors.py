"""What can go wrong in the case store.

PayamError
├── StoreUnavailableError       retriable: PostgreSQL is away, full, or cut the call off
├── ConflictError               retriable: two transactions wanted the same thing; one of them won
├── NotFoundError               for good: no such case, contact or dead letter
├── CodesExhaustedError         for good: every tracking code has been leased
├── NoAddressError              for good: the person has no phone number to write to
├── VersionMismatchError        for good: the case changed since the caller read it
├── KeyReusedError              for good: the same idempotency key with another payload
└── BadCursorError              for good: a cursor that we did not make
"""

from typing import ClassVar

from envelope.errors import PayamError


class StoreUnavailableError(PayamError):
    """PostgreSQL is away, full, or cut the call off."""

    retriable: ClassVar[bool] = True


class ConflictError(PayamError):
    """Another transaction wanted the same thing and won; the next try finds what it did."""

    retriable: ClassVar[bool] = True


class NotFoundError(PayamError):
    """There is no such case, contact or dead letter."""


class CodesExhaustedError(PayamError):
    """Every tracking code has been leased."""


class NoAddressError(PayamError):
    """The person has no phone number to write to."""


class VersionMismatchError(PayamError):
    """The case changed since the caller read it."""


class KeyReusedError(PayamError):
    """An idempotency key was used before with another payload."""


class BadCursorError(PayamError):
    """A cursor that we did not make."""
