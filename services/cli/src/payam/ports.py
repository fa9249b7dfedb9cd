"""Ports on the loopback: which are free, and who has the others."""

import random
import socket
from pathlib import Path

import psutil

from payam.errors import PortTakenError

LOOPBACK = "127.0.0.1"
_BELOW_EPHEMERAL = range(20_000, 32_000)
"""A client that keeps dialling a dead server inside the ephemeral range can end up connected to itself, and
so take the port that the server needs back; below that range it cannot."""


def is_free(port: int) -> bool:
    """Whether we could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that nobody listens on, outside the range that outgoing connections draw from."""
    for port in random.sample(_BELOW_EPHEMERAL, 200):
        if is_free(port):
            return port
    raise PortTakenError(
        what="No free port between 20000 and 32000.", mend="End some of the programs that listen there."
    )


def demand_free(port: int, wanted_by: str, setting: str) -> None:
    """Raise one clear line if somebody listens on `port`."""
    if not is_free(port):
        raise PortTakenError(
            what=f"Port {port}, which {wanted_by} needs, is taken by {holder(port)}.",
            mend=f"End that program, or set {setting} to another port.",
        )


def holder(port: int) -> str:
    """Who listens on the port: `name (pid 12)`, as far as this user may know."""
    try:
        listeners = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    except psutil.AccessDenied:
        return "another program"
    for connection in listeners:
        if connection.laddr and connection.laddr.port == port and connection.pid:
            return f"{_name_of(connection.pid)} (pid {connection.pid})"
    return "another program"


def _name_of(pid: int) -> str:
    try:
        words = psutil.Process(pid).cmdline()
    except psutil.Error:
        return "a program"
    if "-m" in words[:3] and len(words) > words.index("-m") + 1:
        return f"python -m {words[words.index('-m') + 1]}"
    return Path(words[0]).name if words else "a program"
