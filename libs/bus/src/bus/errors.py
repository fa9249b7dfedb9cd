"""What can go wrong on the way.

PayamError
├── BusUnavailableError     retriable: Kafka did not take it in time; some records may have been taken
├── NotAcceptedError        retriable: neither Kafka nor the spool took it; the sender must try again
├── RecordTooLargeError     for good: one record is larger than a batch may be
└── SpoolUnusableError      for good: the spool cannot be written; a service refuses to start
"""

from typing import ClassVar

from envelope.errors import PayamError


class BusUnavailableError(PayamError):
    """Kafka did not take it in time; some of the records may have been taken."""

    retriable: ClassVar[bool] = True


class NotAcceptedError(PayamError):
    """Neither Kafka nor the spool took the message: whoever sent it must try again."""

    retriable: ClassVar[bool] = True


class RecordTooLargeError(PayamError):
    """One record alone is larger than a batch may be."""


class SpoolUnusableError(PayamError):
    """The spool's folder cannot be written or read."""
