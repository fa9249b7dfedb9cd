"""What can go wrong between a phone and the bus.

PayamError
├── UnreadableRequestError          for good: a webhook that is neither a form nor a JSON object
│   ├── BodyTooLargeError           for good: longer than any webhook of a provider
│   ├── UnknownMediaTypeError       for good: a kind of body that no provider sends
│   └── FieldError                  for good: a field that is missing or cannot be what it says
├── ProviderError
│   ├── ProviderUnavailableError    retriable: no answer, or none that can be read
│   ├── ProviderSlowDownError       retriable: too many calls; the rate is halved for a while
│   ├── ProviderAlarmError          retriable: account, key, credit or line; a person must act first
│   ├── ProviderUndecidedError      retriable: refused by a code that does not say for how long
│   └── ProviderRefusedError        for good: this message, or one of this batch, will never be taken
└── CircuitOpenError                retriable: the provider is left alone for a while
"""

from typing import ClassVar

from envelope.errors import PayamError


class UnreadableRequestError(PayamError):
    """A webhook that is neither a form nor a JSON object."""


class BodyTooLargeError(UnreadableRequestError):
    """A body longer than any webhook of a provider."""


class UnknownMediaTypeError(UnreadableRequestError):
    """A kind of body that no provider sends."""


class FieldError(UnreadableRequestError):
    """A field of a webhook that is missing or cannot be what it says."""

    def __init__(self, field: str, fault: str) -> None:
        """Name the field and the fault, never the value."""
        super().__init__(f"{field} {fault}")
        self.field = field
        self.fault = fault


class ProviderError(PayamError):
    """A call to the provider that did not do what it was for."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        """`code` is the provider's own; neither holds a number, a text or a key."""
        super().__init__(reason if code is None else f"{code}: {reason}")
        self.reason = reason
        self.code = code


class ProviderUnavailableError(ProviderError):
    """No answer, or none that can be read."""

    retriable: ClassVar[bool] = True

    def __init__(self, reason: str, code: int | None = None, *, maybe_taken: bool) -> None:
        """`maybe_taken`: the provider may have acted on the call all the same."""
        super().__init__(reason, code)
        self.maybe_taken = maybe_taken


class ProviderSlowDownError(ProviderError):
    """Too many calls."""

    retriable: ClassVar[bool] = True


class ProviderAlarmError(ProviderError):
    """Account, key, credit or line: nothing goes until a person acts."""

    retriable: ClassVar[bool] = True


class ProviderUndecidedError(ProviderError):
    """Refused by a code that does not say whether it is the message or the moment."""

    retriable: ClassVar[bool] = True


class ProviderRefusedError(ProviderError):
    """This message, or one of this batch, will never be taken."""


class CircuitOpenError(PayamError):
    """The provider is left alone for a while."""

    retriable: ClassVar[bool] = True
