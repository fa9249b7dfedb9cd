"""What can go wrong on the public pages.

PayamError
└── PortalError
    ├── TooManyError            retriable: asked too often; `seconds` until the next time
    ├── TooLongError            for good: more was sent than the form can hold
    ├── StoreAwayError          retriable: no answer from the case store, or one that cannot be read
    ├── RedisAwayError          retriable: Redis does not answer
    ├── CodesUnavailableError   retriable: no one-time code can be sent or checked just now
    ├── SignedOutError          for good: no session, or one that has ended
    └── NotThereError           for good: no such case, or not this person's
"""

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
