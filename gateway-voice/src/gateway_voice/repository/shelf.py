"""Recordings on local disk, each a folder of its own until it is a message, then a note of its code.

    tmp/                being written; swept at start
    waiting/<id>/       facts.json, audio; then heard.json and copy
    known/<id>.json     it is a message now: the same one again is not taken again
    broken/<id>/        whose facts cannot be read: the disk has failed, a person must look

A folder appears in `waiting` by one rename, with all that is in it on disk. `<id>` is the message's id.
"""

import contextlib
import errno
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import structlog

from bus.errors import NotAcceptedError, SpoolUnusableError
from gateway_voice.audio.heard import Heard
from gateway_voice.model import Recording
from gateway_voice.repository.facts import Facts

_FACTS: Final = "facts.json"
_HEARD: Final = "heard.json"
_THERE: Final = frozenset({errno.ENOTEMPTY, errno.EEXIST})
_NOT_LINKED: Final = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP})
_log = structlog.get_logger()


class Waiting:
    """One recording that is no message yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.message_id = UUID(folder.name)
        self.audio = folder / "audio"
        self.copy = folder / "copy"

    def facts(self) -> Facts:
        """What is known of it."""
        return Facts.model_validate_json((self._folder / _FACTS).read_bytes())

    def heard(self) -> Heard | None:
        """What listening to it told, if somebody has."""
        try:
            return Heard.read((self._folder / _HEARD).read_bytes())
        except FileNotFoundError:
            return None

    def note(self, heard: Heard) -> None:
        """It need not be listened to again."""
        _write(self._folder / _HEARD, heard.model_dump_json().encode())

    def remove(self) -> None:
        """It is a message now."""
        shutil.rmtree(self._folder, ignore_errors=True)


class Shelf:
    """All that waits, and what has gone."""

    def __init__(self, folder: Path, remembered_seconds: float) -> None:
        """`folder`: ours alone; `remembered_seconds`: how long a code is known."""
        self._tmp, self._waiting = folder / "tmp", folder / "waiting"
        self._known, self._broken = folder / "known", folder / "broken"
        self._remembered = remembered_seconds

    @property
    def tmp(self) -> Path:
        """For files on their way in: what lies here can be taken over by a rename."""
        return self._tmp

    def open(self) -> None:
        """Make the folders, and sweep what was being written when the last run ended.

        Raises:
            SpoolUnusableError: they cannot be made or written.
        """
        try:
            shutil.rmtree(self._tmp, ignore_errors=True)
            for folder in (self._tmp, self._waiting, self._known, self._broken):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync(self._waiting.parent)
        except OSError as error:
            message = f"the folder of recordings cannot be used: {error.strerror}"
            raise SpoolUnusableError(message) from None

    def put(self, recording: Recording, code: str | None) -> bool:
        """Keep it; False if it was here before. Its file is gone then, either way.

        Raises:
            NotAcceptedError: the disk would not take it; its file is where it was.
        """
        fresh = self._tmp / str(uuid4())
        try:
            fresh.mkdir(mode=0o700)
            _link(recording.audio, fresh / "audio")
            _write(fresh / _FACTS, Facts.of(recording, code).model_dump_json(exclude_none=True).encode())
            kept = self._appear(fresh, self._waiting / str(recording.message_id))
            recording.audio.unlink(missing_ok=True)
        except OSError as error:
            _log.error("recording_refused", error=error.strerror)
            message = "the disk does not take this recording now; send it again"
            raise NotAcceptedError(message) from None
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        return kept

    def code_of(self, message_id: UUID) -> tuple[bool, str | None]:
        """Whether this message was kept, and the code that it has."""
        for path in (self._waiting / str(message_id) / _FACTS, self._known / f"{message_id}.json"):
            with contextlib.suppress(FileNotFoundError):
                return True, json.loads(path.read_bytes()).get("code")
        return False, None

    def waiting(self) -> Iterator[Waiting]:
        """All that is no message yet, the oldest first."""
        with os.scandir(self._waiting) as entries:
            found = sorted((_since(entry), entry.path) for entry in entries)
        for _, path in found:
            yield Waiting(Path(path))

    def age(self) -> tuple[int, float]:
        """How many wait, and for how many seconds the oldest has."""
        with os.scandir(self._waiting) as entries:
            ages = [time.time() - _since(entry) for entry in entries]
        return len(ages), max(ages, default=0.0)

    def done(self, waiting: Waiting, code: str | None) -> None:
        """It is a message: remember its code, let go of its audio."""
        _write(self._known / f"{waiting.message_id}.json", json.dumps({"code": code}).encode())
        waiting.remove()

    def set_aside(self, waiting: Waiting) -> None:
        """Out of the way, with all that is left of it."""
        waiting.audio.parent.rename(self._broken / f"{waiting.message_id}-{time.time_ns()}")

    def forget(self) -> None:
        """What was remembered for long enough."""
        horizon = time.time() - self._remembered
        with os.scandir(self._known) as entries:
            for entry in entries:
                if entry.stat().st_mtime < horizon:
                    Path(entry.path).unlink(missing_ok=True)

    def _appear(self, fresh: Path, place: Path) -> bool:
        _sync(fresh)
        try:
            fresh.rename(place)
        except OSError as error:
            if error.errno not in _THERE:
                raise
            return False
        _sync(self._waiting)
        return True


def _since(entry: os.DirEntry[str]) -> float:
    """When it was kept; now, for one that has just gone."""
    try:
        return (Path(entry.path) / _FACTS).stat().st_mtime
    except FileNotFoundError:
        return time.time()


def _link(source: Path, target: Path) -> None:
    """The same bytes under another name, on disk; the source stays until all is well."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NOT_LINKED:
            raise
        shutil.copyfile(source, target)
    target.chmod(0o600)
    _sync(target)


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and on disk."""
    fresh = path.with_suffix(".new")
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(file, content)
        os.fsync(file)
    finally:
        os.close(file)
    fresh.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
