"""What can go wrong on the public pages.

PayamError
└── PortalError
    ├── TooManyError            retriable: asked too often; `seconds` until the next time
    ├── TooLongError            for good: more was sent than the form can hold
    ├── StoreAwayError          retriable: no answer from the case store, or one that cannot be read
    ├── RedisAwayError          retriable: Redis does not answer
    ├── CodesUnavailableError   retriable: no one-time code can be sent or checked just now
    ├── SignedOutError          for good: no session, or one that has ended
    ├── NotThereError           for good: no such case, or not this person's
    └── PartnerError            of the API for other services
        ├── KeyRefusedError         for good: no key, or one that is not good
        ├── ScopeError              for good: the key may not do this
        ├── UnderWayError           retriable: the idempotency key's first request has not been answered yet
        ├── KeyReusedError          for good: the idempotency key came with another payload
        ├── FormRefusedError        for good: fields of an Open311 form that are wrong; `faults` say which
        ├── QuotaError              retriable: more than was agreed; `seconds` until the next
        ├── OnItsWayError           retriable: taken, but not in the store yet; only then can it be taken back
        ├── PastWithdrawalError     for good: answered or closed already, or joined to a person's own case
        ├── ChangedError            for good: it has changed since it was read
        ├── WebhookStateError       for good: what was asked does not fit how the webhook stands
        └── WebhookAddressError     for good: webhooks do not go to this address
"""

from collections.abc import Sequence
from typing import ClassVar

from envelope.errors import PayamError


class PortalError(PayamError):
    """The base of the portal's own."""


class TooManyError(PortalError):
    """Asked too often."""

    retriable: ClassVar[bool] = True

    def __init__(self, seconds: int) -> None:
        """`seconds` until it may be asked again."""
        super().__init__("too many attempts")
        self.seconds = seconds


class TooLongError(PortalError):
    """More was sent than the form can hold."""


class StoreAwayError(PortalError):
    """The case store does not answer, or not as documented."""

    retriable: ClassVar[bool] = True


class RedisAwayError(PortalError):
    """Redis does not answer."""

    retriable: ClassVar[bool] = True


class CodesUnavailableError(PortalError):
    """No one-time code can be sent or checked just now."""

    retriable: ClassVar[bool] = True


class SignedOutError(PortalError):
    """No session, or one that has ended."""


class NotThereError(PortalError):
    """No such case, or not this person's."""


class PartnerError(PortalError):
    """Of the API for other services."""


class KeyRefusedError(PartnerError):
    """No key, or one that is not good; never why."""


class ScopeError(PartnerError):
    """The key may not do this."""

    def __init__(self, scope: str) -> None:
        """`scope` is what it would need."""
        super().__init__(f"this needs a key with the scope '{scope}'")


class UnderWayError(PartnerError):
    """The idempotency key's first request has not been answered yet."""

    retriable: ClassVar[bool] = True


class KeyReusedError(PartnerError):
    """The idempotency key came with another payload."""


class FormRefusedError(PartnerError):
    """Fields of an Open311 form that cannot be taken."""

    def __init__(self, faults: Sequence[str], *, unknown: bool = False) -> None:
        """`faults` are sentences under `open311.fault.`; `unknown`: what it names is not there (404)."""
        super().__init__("the form cannot be taken")
        self.faults = faults
        self.unknown = unknown


class QuotaError(PartnerError):
    """More than was agreed."""

    retriable: ClassVar[bool] = True

    def __init__(self, quota: str, seconds: int) -> None:
        """`quota` is `minute` or `day`; `seconds` until the next."""
        super().__init__(f"the quota of this {quota} is used up")
        self.quota = quota
        self.seconds = seconds


class OnItsWayError(PartnerError):
    """Taken, but not in the store yet; only then can it be taken back."""

    retriable: ClassVar[bool] = True


class PastWithdrawalError(PartnerError):
    """Answered or closed already, or joined to a person's own case."""


class ChangedError(PartnerError):
    """It has changed since it was read."""


class WebhookStateError(PartnerError):
    """What was asked does not fit how the webhook stands."""


class WebhookAddressError(PartnerError):
    """Webhooks do not go to this address."""
