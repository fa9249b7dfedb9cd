"""What can go wrong at the desk; most are answers of the store.

PayamError
└── DeskError
    ├── PasswordDueError    for good: a new password comes before anything else
    ├── StoreAwayError      retriable: no answer from the case store, or it says that it cannot
    └── RefusedError        for good: the store said no
        ├── SignedOutError      no session, or one that has ended
        ├── NotAllowedError     the right is missing
        ├── NotThereError       no such thing, or none within reach
        ├── TakenError          it does not fit how things stand: somebody has it, it is closed
        ├── ChangedError        it changed since the page was read
        └── InvalidError        a field is not of the form that the store takes
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from envelope.errors import PayamError


class DeskError(PayamError):
    """The base of the desk's own."""


class PasswordDueError(DeskError):
    """A new password comes before anything else."""


class StoreAwayError(DeskError):
    """The case store does not answer, or says that it cannot."""

    retriable: ClassVar[bool] = True


class RefusedError(DeskError):
    """The store said no; `problem` is its RFC 9457 document."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        """Keep the document; its title is ours and holds no input."""
        super().__init__(str(problem.get("title", "refused")))
        self.problem = problem

    @property
    def faults(self) -> dict[str, str]:
        """What is wrong, by the last word of each pointer: a field's name."""
        errors = self.problem.get("errors") or ()
        return {str(fault["pointer"]).rsplit("/", 1)[-1]: str(fault["detail"]) for fault in errors}


class SignedOutError(RefusedError):
    """No session, or one that has ended."""


class NotAllowedError(RefusedError):
    """The right is missing."""


class NotThereError(RefusedError):
    """No such thing, or none within reach."""


class TakenError(RefusedError):
    """It does not fit how things stand."""


class ChangedError(RefusedError):
    """It changed since the page was read."""


class InvalidError(RefusedError):
    """A field is not of the form that the store takes."""
