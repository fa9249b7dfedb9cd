"""What can go wrong while codes are leased.

PayamError
└── LeaseUnavailableError           retriable: the case store leased no tracking codes
"""

from typing import ClassVar

from envelope.errors import PayamError


class LeaseUnavailableError(PayamError):
    """The case store leased no tracking codes."""

    retriable: ClassVar[bool] = True
