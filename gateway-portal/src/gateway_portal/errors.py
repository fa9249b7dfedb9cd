"""What can go wrong on the public pages.

PayamError
└── PortalError
    ├── TooManyError        retriable: this address has asked too often
    ├── TooLongError        for good: more was sent than the form can hold
    └── StoreAwayError      retriable: no answer from the case store, or one that cannot be read
"""

from typing import ClassVar

from envelope.errors import PayamError


class PortalError(PayamError):
    """The base of the portal's own."""


class TooManyError(PortalError):
    """This address has asked too often."""

    retriable: ClassVar[bool] = True

    def __init__(self, seconds: int) -> None:
        """`seconds` until it may ask again."""
        super().__init__("too many attempts")
        self.seconds = seconds


class TooLongError(PortalError):
    """More was sent than the form can hold."""


class StoreAwayError(PortalError):
    """The case store does not answer, or not as documented."""

    retriable: ClassVar[bool] = True
