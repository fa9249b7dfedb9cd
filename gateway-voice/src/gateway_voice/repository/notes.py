"""What is known of each recording that Asterisk holds, on our own disk: a crash forgets no caller."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from envelope.models import Language
from envelope.taxonomy import Section

_SUFFIX: Final = ".note"


class Note(BaseModel):
    """Of one recording; written before it begins and whenever more is known."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True)

    recording: str
    """Its name in Asterisk."""
    channel: str
    """The call's id in Asterisk."""
    caller: str | None
    """E.164: where they want to be called."""
    called: str
    """Our number."""
    at: AwareDatetime
    """When it began."""
    language: Language | None = None
    """That they were led in."""
    section: Section | None = None
    """Chosen."""
    keys: tuple[str, ...] = ()
    """Pressed in menus."""
    code: str | None = None
    """The tracking code that the caller was told."""
    wanted: bool = True
    """False where the caller said it anew, or there is nothing in it."""


class Notes:
    """A folder with one small file for each; blocking, so called in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self) -> None:
        """Make the folder, which only we may read, and sweep what was half written."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._folder.glob("*.part"):
            left.unlink(missing_ok=True)

    def write(self, note: Note) -> None:
        """On disk when it returns, whole or not at all.

        Raises:
            OSError: the disk would not take it.
        """
        path = self._path(note.recording)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            file.write(note.model_dump_json().encode())
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def read(self, recording: str) -> Note | None:
        """What is known of it."""
        try:
            return Note.model_validate_json(self._path(recording).read_bytes())
        except (OSError, ValidationError):
            return None

    def remove(self, recording: str) -> None:
        """It is a message now, or nothing."""
        with suppress(OSError):
            self._path(recording).unlink(missing_ok=True)

    def all(self) -> Iterator[Note]:
        """Every note that can be read."""
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            note = self.read(path.name.removesuffix(_SUFFIX))
            if note is not None:
                yield note

    def audio_path(self, recording: str) -> Path:
        """Where its sound may be written on its way."""
        return self._path(recording).with_suffix(".wav")

    def _path(self, recording: str) -> Path:
        safe = "".join(each if each.isalnum() or each in "._-" else "_" for each in recording)
        return self._folder / (safe + _SUFFIX)
