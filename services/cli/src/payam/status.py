"""What is known of each running part at this moment: the board draws it, the supervisor keeps it current."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from payam.processes import Child


class State(StrEnum):
    """Where a part stands in its life."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    NOT_READY = "not ready"
    RESTARTING = "restarting"
    DRAINING = "draining"
    ENDED = "ended"


@dataclass
class PartStatus:
    """One part, as the operator sees it."""

    name: str
    kind: Literal["engine", "given", "service"]
    tell: Callable[["PartStatus"], None]
    """Called at every change of state."""
    state: State = State.WAITING
    reason: str = ""
    """Why it is not ready; empty when it is."""
    child: Child | None = None
    started_at: float = 0.0
    ready_after: float | None = None
    """Seconds from the start of its process to its first readiness."""
    restarts: int = 0

    def become(self, state: State, reason: str = "") -> None:
        """Take a new state, and tell whoever listens if it is another one."""
        changed = state is not self.state
        self.state, self.reason = state, reason
        if changed:
            self.tell(self)

    def begin(self, child: Child | None) -> None:
        """A new process (or a given engine) is coming up."""
        self.child = child
        self.started_at = time.monotonic()
        self.ready_after = None
        self.become(State.STARTING)

    @property
    def uptime(self) -> float | None:
        """Seconds since its process started; None if it does not run."""
        return time.monotonic() - self.started_at if self.child is not None and self.pid else None

    @property
    def pid(self) -> int | None:
        """Its process, if it runs."""
        return self.child.pid if self.child is not None and self.child.exit_code is None else None
