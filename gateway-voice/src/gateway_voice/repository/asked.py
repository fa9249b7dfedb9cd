"""Calls that agents asked for, on our own disk while they last: a crash leaves none talking for ever."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from gateway_voice.calls.two_legs import Result, Stage

_SUFFIX: Final = ".call"


class CallNote(BaseModel):
    """Of one call; nobody's number is in it, since it is not dialled again."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True)

    id: UUID
    """The case store's."""
    record: bool
    """It is to be recorded."""
    stage: Stage
    """How far it came."""
    at: AwareDatetime
    """Since when it stands there."""
    talking_at: AwareDatetime | None = None
    """Since when they talked."""
    result: Result | None = None
    """What came of it, not told to the case store yet."""
    seconds: float | None = None
    """How long they talked, once it has ended."""


class CallNotes:
    """A folder with one small file for each; blocking, so called in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self) -> None:
        """Make the folder, which only we may read, and sweep what was half written."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._folder.glob("*.part"):
            left.unlink(missing_ok=True)

    def write(self, note: CallNote) -> None:
        """On disk when it returns, whole or not at all.

        Raises:
            OSError: the disk would not take it.
        """
        path = self._path(note.id)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            file.write(note.model_dump_json().encode())
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def remove(self, call: UUID) -> None:
        """The case store knows how it ended."""
        with suppress(OSError):
            self._path(call).unlink(missing_ok=True)

    def all(self) -> Iterator[CallNote]:
        """Every note that can be read; what cannot be is of no use to anybody."""
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            try:
                yield CallNote.model_validate_json(path.read_bytes())
            except ValidationError:
                path.unlink(missing_ok=True)
            except OSError:
                continue

    def _path(self, call: UUID) -> Path:
        return self._folder / f"{call}{_SUFFIX}"
