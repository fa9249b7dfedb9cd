"""An fsynced journal on local disk: what Kafka could not take is kept here, in order, until it can.

A folder of segment files, each a run of `length, CRC-32, key length, key, value` entries and named after
the number of its first entry. A torn tail (a crash in the middle of a write) is cut at the next start; the
entry it belonged to was never answered with yes.
"""

import asyncio
import os
import struct
import time
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from bus.errors import SpoolUnusableError
from bus.settings import SpoolSettings

_HEADER: Final = struct.Struct(">IIH")
_SUFFIX: Final = ".spool"
_log = structlog.get_logger()


class Entry(NamedTuple):
    """What a record needs to be published later."""

    key: bytes
    value: bytes


class _Segment(NamedTuple):
    path: Path
    first: int
    entries: int


class Spool:
    """Append in order, read from any number on, forget what is no longer needed."""

    def __init__(self, settings: SpoolSettings) -> None:
        """Build nothing yet; `open` touches the disk."""
        self._settings = settings
        self._segments: list[_Segment] = []
        self._file: int | None = None
        self._size = 0
        self._writing = asyncio.Lock()

    @property
    def first(self) -> int:
        """The number of the oldest entry kept."""
        return self._segments[0].first if self._segments else 0

    @property
    def end(self) -> int:
        """The number that the next entry will get."""
        return self._segments[-1].first + self._segments[-1].entries if self._segments else 0

    def open(self) -> None:
        """Make the folder, prove that it can be written, mend a torn tail.

        Raises:
            SpoolUnusableError: the folder cannot be made, written or read.
        """
        folder = self._settings.directory
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            probe = folder / ".writable"
            probe.write_bytes(b"")
            probe.unlink()
            paths = sorted(folder.glob(f"*{_SUFFIX}"))
            self._segments = [_mended(path) for path in paths]
            self._begin(self.end)
        except OSError as error:
            message = (
                f"the spool folder {folder} cannot be used: {error.strerror}; make it writable for this user"
            )
            raise SpoolUnusableError(message) from None

    def close(self) -> None:
        """Close the open file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    async def append(self, entries: Sequence[Entry]) -> None:
        """Write and fsync; on return the entries survive a crash of this machine.

        Raises:
            OSError: the disk refused; what was written in part is cut off again.
        """
        blob = b"".join(_framed(entry) for entry in entries)
        async with self._writing:
            await asyncio.to_thread(self._write, blob)
            last = self._segments[-1]
            self._segments[-1] = last._replace(entries=last.entries + len(entries))
            if self._size >= self._settings.segment_bytes:
                await asyncio.to_thread(self._begin, self.end)

    async def read(self, number: int, limit: int) -> list[Entry]:
        """Up to `limit` entries from `number` on, in order; fewer at the end of a segment."""
        for segment in self._segments:
            if segment.first <= number < segment.first + segment.entries:
                return await asyncio.to_thread(_entries, segment, number - segment.first, limit)
        return []

    async def forget(self, before: int) -> None:
        """Delete whole segments whose entries all come before `before` and are past retention."""
        horizon = time.time() - self._settings.retention_seconds
        async with self._writing:
            if self._size and before >= self.end and not self._settings.retention_seconds:
                await asyncio.to_thread(self._begin, self.end)
            while len(self._segments) > 1:
                oldest = self._segments[0]
                if oldest.first + oldest.entries > before or oldest.path.stat().st_mtime > horizon:
                    return
                oldest.path.unlink()
                del self._segments[0]

    def _begin(self, first: int) -> None:
        self.close()
        if self._segments and self._segments[-1].entries == 0:
            self._segments.pop()  # the same name, opened again
        path = self._settings.directory / f"{first:016d}{_SUFFIX}"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = 0
        self._segments.append(_Segment(path, first, 0))
        folder = os.open(self._settings.directory, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def _write(self, blob: bytes) -> None:
        if self._file is None:
            message = "the spool is closed"
            raise OSError(message)
        try:
            view = memoryview(blob)
            while view:
                view = view[os.write(self._file, view) :]
            os.fdatasync(self._file)
        except OSError:
            os.ftruncate(self._file, self._size)
            raise
        self._size += len(blob)


def _framed(entry: Entry) -> bytes:
    body = entry.key + entry.value
    return _HEADER.pack(len(body), zlib.crc32(body), len(entry.key)) + body


def _scan(data: bytes) -> Iterator[tuple[Entry, int]]:
    """Whole entries and where each ends; stops at the first that is torn."""
    position = 0
    while position + _HEADER.size <= len(data):
        length, checksum, key_length = _HEADER.unpack_from(data, position)
        start = position + _HEADER.size
        body = data[start : start + length]
        if len(body) < length or zlib.crc32(body) != checksum:
            return
        position = start + length
        yield Entry(body[:key_length], body[key_length:]), position


def _entries(segment: _Segment, skip: int, limit: int) -> list[Entry]:
    stop = min(segment.entries, skip + limit)
    return [entry for entry, _ in islice(_scan(segment.path.read_bytes()), skip, stop)]


def _mended(path: Path) -> _Segment:
    data = path.read_bytes()
    count = end = 0
    for _, end in _scan(data):  # noqa: B007  (the last end is what is wanted)
        count += 1
    if end < len(data):
        _log.warning("spool_tail_cut", segment=path.name, entries=count, bytes_cut=len(data) - end)
        path.with_suffix(".torn").write_bytes(data[end:])
        os.truncate(path, end)
    return _Segment(path, int(path.stem), count)
