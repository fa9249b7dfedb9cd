"""A service that does not answer is left alone for a while, then tried with one call."""

from collections.abc import Callable
from typing import Final

from gateway_ussd.metrics import CIRCUIT

_FAILURES: Final = 5
_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 30.0


class Circuit:
    """Closed until five failures in a row; then open, each time twice as long, up to half a minute."""

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        """`clock` in seconds, only ever going forward."""
        self._clock = clock
        self._open = CIRCUIT.labels(name)
        self._in_a_row = 0
        self._wait = _FIRST_WAIT
        self._open_until = 0.0
        self._trying = False

    def admit(self) -> bool:
        """Whether a call may go; after a wait one alone, until it is known what came of it."""
        if self._in_a_row < _FAILURES:
            return True
        if self._trying or self._clock() < self._open_until:
            return False
        self._trying = True
        return True

    def succeed(self) -> None:
        """It answered."""
        self._in_a_row = 0
        self._wait = _FIRST_WAIT
        self._trying = False
        self._open.set(0)

    def fail(self) -> None:
        """It did not."""
        self._in_a_row += 1
        if self._in_a_row < _FAILURES:
            return
        self._open_until = self._clock() + self._wait
        self._wait = min(2 * self._wait, _LONGEST_WAIT)
        self._trying = False
        self._open.set(1)
