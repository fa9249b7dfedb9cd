"""Recordings that are messages and have no transcript yet: a small note on disk for each."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from envelope.addresses import Address
from envelope.models import Transcript

_SUFFIX: Final = ".untold"


class Untold(BaseModel):
    """One recording; who spoke is there for the order of topics alone."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    message_id: UUID
    """The message that it came with."""
    sender: Address
    """Whose."""
    sha256: str
    """Of the recording as it came."""
    copied: str
    """Hash of the copy that is listened to."""
    size: int
    """Of the copy, in bytes."""
    since: AwareDatetime
    """When it was handed in."""
    next_at: AwareDatetime
    """Not before then."""
    attempts: int = 0
    """Made so far."""
    transcript: Transcript | None = None
    """Made already, and not yet on its way; or gone, where the broker may forget it."""
    gone_at: AwareDatetime | None = None
    """When the broker took it."""


class Untolds:
    """A folder with a file for each; blocking, so called in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self) -> list[Untold]:
        """Make the folder, which only we may read; what is in it."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return list(self._all())

    def write(self, untold: Untold) -> None:
        """On disk when it returns, whole or not at all.

        Raises:
            OSError: the disk would not take it.
        """
        path = self._path(untold.message_id)
        part = path.with_suffix(".part")
        file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(file, untold.model_dump_json(exclude_none=True).encode())
            os.fsync(file)
        finally:
            os.close(file)
        part.replace(path)

    def remove(self, message_id: UUID) -> None:
        """It has its transcript, or will have none."""
        with suppress(OSError):
            self._path(message_id).unlink(missing_ok=True)

    def _all(self) -> Iterator[Untold]:
        for path in self._folder.glob(f"*{_SUFFIX}"):
            with suppress(OSError, ValidationError):
                yield Untold.model_validate_json(path.read_bytes())

    def _path(self, message_id: UUID) -> Path:
        return self._folder / f"{message_id}{_SUFFIX}"
