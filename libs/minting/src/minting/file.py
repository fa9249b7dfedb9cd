"""The file that holds leased tracking codes and how far they may have been used; one process a file."""

import fcntl
import json
import os
from pathlib import Path

import structlog

from minting.book import Block
from minting.errors import LeaseUnavailableError

_log = structlog.get_logger()


class LeaseFile:
    """Written whole and fsynced beside the old one, then put in its place."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock: int | None = None

    def open(self) -> list[Block]:
        """Take the file for this process alone; what is left of the leases in it."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            message = f"another process mints from {self._path}; give each replica its own folder"
            raise LeaseUnavailableError(message) from None
        try:
            return [Block(*bounds) for bounds in json.loads(self._path.read_bytes())]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError):
            # The codes in it are given up: a gap hurts nobody, a code given twice would.
            _log.error("lease_file_unreadable")
            return []

    def write(self, blocks: list[Block]) -> None:
        """Durable when it returns."""
        fresh = self._path.with_suffix(".new")
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(file, json.dumps(blocks).encode())
            os.fsync(file)
        finally:
            os.close(file)
        fresh.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Let others have it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
