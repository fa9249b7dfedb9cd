"""What can go wrong between a telephone and a case.

PayamError
├── bus.errors.NotAcceptedError     retriable: the disk would not take a recording; whoever has it keeps it
├── UnreadableError                 for good: a push that is not in the documented form
│   └── BodyTooLargeError           for good: longer than any recording may be
├── NotAuthenticError               for good: a push that our secret did not sign, or signed long ago
├── BusyError                       retriable: as many pushes are under way as we take at a time
├── MailboxBusyError                retriable: Asterisk is at work in this mailbox
├── InspectionError                 retriable: the process that listens to a file could not be run at all
├── CaseStoreAwayError              retriable: the case store gave no answer that can be used
├── CallUnknownError                for good: the case store will not have this of a call
├── AsteriskAwayError               retriable: Asterisk gave no answer that can be used
├── AsteriskRefusedError            for good: Asterisk will not do what it was told
├── GoneError                       for good: the call, the sound or the recording is no more
├── TranscriberAwayError            retriable: the transcriber gave no answer that can be used
├── NotTranscribedError             for good: the transcriber will not take this recording
└── TranscriberUnusableError        for good: what the settings name cannot be used; refuses to start
"""

from typing import ClassVar

from envelope.errors import PayamError


class UnreadableError(PayamError):
    """A push that is not in the documented form; says what is wrong, never the value."""


class BodyTooLargeError(UnreadableError):
    """A push longer than any recording may be."""


class NotAuthenticError(PayamError):
    """A push that our secret did not sign, or signed long ago."""


class BusyError(PayamError):
    """As many pushes are under way as are taken at a time."""

    retriable: ClassVar[bool] = True


class MailboxBusyError(PayamError):
    """Asterisk is at work in this mailbox."""

    retriable: ClassVar[bool] = True


class InspectionError(PayamError):
    """The process that listens to a file could not be run at all: nothing is said of the file."""

    retriable: ClassVar[bool] = True


class CaseStoreAwayError(PayamError):
    """The case store gave no answer that can be used; says why, never what was asked."""

    retriable: ClassVar[bool] = True


class CallUnknownError(PayamError):
    """The case store will not have what it was told of a call, now or later."""


class AsteriskAwayError(PayamError):
    """Asterisk gave no answer that can be used."""

    retriable: ClassVar[bool] = True


class AsteriskRefusedError(PayamError):
    """Asterisk will not do what it was told."""


class GoneError(PayamError):
    """The call, the sound or the recording is no more."""


class TranscriberAwayError(PayamError):
    """The transcriber gave no answer that can be used; says why, never what it said."""

    retriable: ClassVar[bool] = True


class NotTranscribedError(PayamError):
    """The transcriber will not take this recording."""


class TranscriberUnusableError(PayamError):
    """The transcriber that the settings name cannot be used."""
