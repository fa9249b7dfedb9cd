"""What the simulated world answers instead of yes.

PayamError
└── SimulatorError
    ├── CallRefusedError      Kavenegar answers the call with a result code other than 200
    ├── OutageError           Kavenegar is down: no envelope, only a 503 page
    ├── BadNumberError        what was typed as a phone number is none
    ├── UnknownPhoneError     the page speaks of a phone that this process has not seen
    ├── UnknownOperatorError  no double plays that operator here
    ├── BadRecordingError     a voice note is no sound
    ├── NoDialogueError       something was typed into a USSD dialogue that is over, or still waits
    ├── NetworkError          our gateway did not answer, or not in the operator's form
    └── SoapFaultError        Huawei refuses a call of our gateway
"""

from enum import StrEnum
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


class UnknownOperatorError(SimulatorError):
    """No operator of that name, or one that is switched off."""


class BadRecordingError(SimulatorError):
    """A voice note that nobody could hear."""


class NoDialogueError(SimulatorError):
    """The dialogue is over, or its last request has not been answered yet."""


class NetworkError(SimulatorError):
    """Our gateway is away, too slow, or speaks in another form."""

    retriable: ClassVar[bool] = True


class FaultCode(StrEnum):
    """Parlay X's, as far as our gateway can meet them."""

    INVALID_MESSAGE = "SVC0001"
    INVALID_INPUT = "SVC0002"
    ALREADY = "SVC0005"
    NOT_AUTHENTICATED = "SVC0901"


class SoapFaultError(SimulatorError):
    """Huawei answers with a `ServiceException`."""

    def __init__(self, code: FaultCode, words: str) -> None:
        """Keep the code for the fault's detail."""
        super().__init__(words)
        self.code = code
