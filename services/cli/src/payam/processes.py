"""A child process that writes to a log file of its own and never outlives its parent."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_KEEPCAPS: Final = 8
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_RAISE: Final = 2
_CAP_DAC_READ_SEARCH: Final = 2
_CAPABILITY_VERSION_3: Final = 0x20080522
_KEPT_LOGS: Final = 3


@dataclass(frozen=True)
class Account:
    """The user and group that a child runs as when we are root and it must not be."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Farewell:
    """How a child is asked to end in good order, and how long it may take before it is killed."""

    number: signal.Signals
    patience: float


class Child:
    """One running child; made by `spawn`."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.log = log
        self._process = process

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._process.poll()

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it ended within so many seconds; without a number, wait for ever."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self, farewell: Farewell) -> None:
        """Ask it to end, and wait; when its time is over, SIGKILL."""
        if self.exit_code is not None:
            return
        self._process.send_signal(farewell.number)
        if not self.wait(farewell.patience):
            self.kill()

    def kill(self) -> None:
        """SIGKILL, if it still runs."""
        self._process.kill()
        self._process.wait()

    def last_words(self) -> str:
        """The last line of its log that says something."""
        try:
            lines = self.log.read_text("utf-8", "replace").strip().splitlines()
        except OSError:
            return "(no log)"
        telling = [
            line for line in lines if any(word in line for word in ("FATAL", "ERROR", "Error", "rror:"))
        ]
        return (telling or lines or ["(it said nothing)"])[-1].strip()[-300:]


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    account: Account | None = None,
    stdin: bytes = b"",
    when_parent_dies: signal.Signals = signal.SIGKILL,
) -> Child:
    """Start a child in a session of its own, so that Ctrl-C reaches only us.

    The kernel sends `when_parent_dies` when the *thread* that calls this ends: call it from one that stays.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own words, no shell
            [os.fspath(word) for word in argv],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env) if env is not None else None,
            start_new_session=True,
            preexec_fn=_before_exec(when_parent_dies, account),  # noqa: PLW1509 - only system calls, no locks
        )
    if process.stdin is not None:
        process.stdin.write(stdin)
        process.stdin.close()
    return Child(process, log)


def run_to_end(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    account: Account | None = None,
    stdin: str = "",
) -> tuple[int, str]:
    """Run a short command that dies with us; its exit code, and what it said."""
    done = subprocess.run(  # noqa: S603 - our own words, no shell
        [os.fspath(word) for word in argv],
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=dict(env) if env is not None else None,
        start_new_session=True,
        preexec_fn=_before_exec(signal.SIGKILL, account),
    )
    return done.returncode, done.stdout


def rotate(log: Path) -> None:
    """`x.log` → `x.log.1` → `x.log.2` …; the oldest goes."""
    for number in range(_KEPT_LOGS, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        newer = log if number == 1 else log.with_name(f"{log.name}.{number - 1}")
        if newer.exists():
            newer.replace(older)


def _before_exec(when_parent_dies: signal.Signals, account: Account | None) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def prepare() -> None:
        if account is not None:
            _become(libc, account)
        # After the change of user, which would clear it.
        libc.prctl(_PR_SET_PDEATHSIG, int(when_parent_dies), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def _become(libc: ctypes.CDLL, account: Account) -> None:
    """Give up root, but keep the right to pass through directories that are root's alone.

    PostgreSQL could not reach a repository in a home directory of mode 700 otherwise, and opening that to
    everybody is no answer.
    """
    libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(account.gid)
    os.setuid(account.uid)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    wanted = 1 << _CAP_DAC_READ_SEARCH
    libc.capset(header, (ctypes.c_uint32 * 6)(wanted, wanted, wanted, 0, 0, 0))
    libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_READ_SEARCH, 0, 0)
