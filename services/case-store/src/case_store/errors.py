"""What can go wrong in the case store.

PayamError
├── StoreUnavailableError       retriable: PostgreSQL is away, full, or cut the call off
├── ConflictError               retriable: two transactions wanted the same thing; one of them won
├── NotFoundError               for good: no such case, contact or dead letter
├── CodesExhaustedError         for good: every tracking code has been leased
├── NoAddressError              for good: the person has no phone number to write to
├── TooLongToHearError          for good: a text that is read out, and longer than anybody listens
├── ForbiddenError              for good: the caller lacks the right, or the case is not within reach
├── UnauthenticatedError        for good: no session, one that has ended, or a sign-in that failed
│   └── SecondFactorNeededError  the password was right; a code is asked for as well
├── WeakPasswordError           for good: a new password that is too easily guessed
├── ProviderUnavailableError    retriable: the provider of single sign-on does not answer
├── StateError                  for good: what was asked does not fit where the case stands
├── VersionMismatchError        for good: the case changed since the caller read it
├── KeyReusedError              for good: the same idempotency key with another payload
├── WorkingTimeError            for good: hours, weeks or allowances that make no sense
├── SeedingError                for good: a store that may not be seeded, or a wish that makes no sense
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


class TooLongToHearError(PayamError):
    """A text that would be read out over the telephone is too long for that."""


class VersionMismatchError(PayamError):
    """The case changed since the caller read it."""


class KeyReusedError(PayamError):
    """An idempotency key was used before with another payload."""


class BadCursorError(PayamError):
    """A cursor that we did not make."""


class ForbiddenError(PayamError):
    """The caller lacks the right, or the case is not within their reach."""


class UnauthenticatedError(PayamError):
    """No session, a wrong one, or one that has ended."""


class StateError(PayamError):
    """What was asked does not fit where the case (or referral, or answer) stands."""


class WorkingTimeError(PayamError):
    """Hours, weeks or allowances that make no sense: no deadline could be worked out from them."""


class SecondFactorNeededError(UnauthenticatedError):
    """The password was right; a code of the second factor is needed beside it."""


class WeakPasswordError(PayamError):
    """A new password is too easily guessed."""


class ProviderUnavailableError(PayamError):
    """The provider of single sign-on does not answer, or not as the standard says."""

    retriable: ClassVar[bool] = True


class SeedingError(PayamError):
    """The store may not be seeded, or not so."""
