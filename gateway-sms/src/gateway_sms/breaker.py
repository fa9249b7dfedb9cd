"""A circuit breaker: after failures in a row the provider is left alone, then tried with one call."""

from collections.abc import Callable
from enum import StrEnum


class Circuit(StrEnum):
    """Where the breaker stands."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


class CircuitBreaker:
    """Closed until `failures` in a row; then open, each time twice as long, up to `longest_wait`."""

    def __init__(
        self, *, failures: int, first_wait: float, longest_wait: float, clock: Callable[[], float]
    ) -> None:
        """Times in seconds of `clock`, which only ever goes forward."""
        self._failures = failures
        self._first_wait = first_wait
        self._longest_wait = longest_wait
        self._clock = clock
        self._in_a_row = 0
        self._wait = first_wait
        self._open_until: float | None = None
        self._trying = False

    @property
    def state(self) -> Circuit:
        """Where it stands now."""
        if self._open_until is None:
            return Circuit.CLOSED
        return Circuit.OPEN if self._clock() < self._open_until else Circuit.HALF_OPEN

    @property
    def retry_in(self) -> float:
        """Seconds until a call is tried again."""
        return 0.0 if self._open_until is None else max(0.0, self._open_until - self._clock())

    def admit(self) -> bool:
        """Whether a call may go; while half open only one at a time."""
        state = self.state
        if state is Circuit.HALF_OPEN and not self._trying:
            self._trying = True
            return True
        return state is Circuit.CLOSED

    def succeed(self) -> None:
        """The provider answered: close."""
        self._in_a_row = 0
        self._wait = self._first_wait
        self._open_until = None
        self._trying = False

    def fail(self) -> None:
        """The provider did not answer: open after so many in a row, or at once when only trying."""
        self._in_a_row += 1
        if self._trying or self._in_a_row >= self._failures:
            self.trip(self._wait)
            self._wait = min(self._wait * 2, self._longest_wait)

    def trip(self, wait: float) -> None:
        """Open at once, for so long."""
        self._open_until = self._clock() + wait
        self._trying = False

    def abandon(self) -> None:
        """A call that was admitted ended without saying anything of the provider."""
        self._trying = False
