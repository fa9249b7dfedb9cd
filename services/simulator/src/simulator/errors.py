"""What the simulated world answers instead of yes.

PayamError
└── SimulatorError
    ├── CallRefusedError      Kavenegar answers the call with a result code other than 200
    ├── OutageError           Kavenegar is down: no envelope, only a 503 page
    ├── BadNumberError        what was typed as a phone number is none
    └── UnknownPhoneError     the page speaks of a phone that this process has not seen
"""

from typing import ClassVar

from envelope.errors import PayamError
from simulator.results import ResultCode


class SimulatorError(PayamError):
    """The root of this service's errors."""


class CallRefusedError(SimulatorError):
    """Kavenegar answers with this result code."""

    def __init__(self, code: ResultCode) -> None:
        """Keep the code; its Persian sentence is in the table of results."""
        super().__init__(f"kavenegar answers {code.value} {code.name}")
        self.code = code


class OutageError(SimulatorError):
    """Kavenegar is out of service; a retry may meet it well again."""

    retriable: ClassVar[bool] = True


class BadNumberError(SimulatorError):
    """Not an Iranian mobile number in any spelling."""


class UnknownPhoneError(SimulatorError):
    """A phone's handle from before a restart; the page asks for a new one."""
