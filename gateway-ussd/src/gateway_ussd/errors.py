"""What can go wrong between an operator and a screen.

PayamError
├── UnreadableError                 for good: a request that is not in the provider's form
├── NotAuthenticError               for good: wrong or missing credentials of a provider
└── MenuError                       for good: the menus have faults, each told with its file and line
"""

from collections.abc import Sequence

from envelope.errors import PayamError


class UnreadableError(PayamError):
    """A request that is not in the provider's form; says what is wrong, never the value."""


class NotAuthenticError(PayamError):
    """Wrong or missing credentials of a provider."""


class MenuError(PayamError):
    """The menus cannot be used."""

    def __init__(self, faults: Sequence[str]) -> None:
        """Each fault as `file:line: words`."""
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)
