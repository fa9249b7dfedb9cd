"""A folder with one small file for each thing under way, on disk before anybody relies on it."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)
_HALF_WRITTEN: Final = ".part"


class Folder(Generic[M]):
    """Notes of one kind by their names; blocking, so called in a thread."""

    def __init__(self, folder: Path, model: type[M], suffix: str, named_by: str) -> None:
        """`named_by`: the field that tells one note from another."""
        self._folder = folder
        self._model = model
        self._suffix = suffix
        self._named_by = named_by

    def open(self) -> None:
        """Make the folder, which only we may read, and sweep what was half written."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._folder.glob(f"*{_HALF_WRITTEN}"):
            left.unlink(missing_ok=True)

    def all(self) -> Iterator[M]:
        """Every note that can be read."""
        for path in sorted(self._folder.glob(f"*{self._suffix}")):
            if (note := self._read(path)) is not None:
                yield note

    def write(self, note: M) -> None:
        """On disk when it returns, whole or not at all.

        Raises:
            OSError: the disk would not take it.
        """
        path = self.path(getattr(note, self._named_by))
        part = path.with_suffix(_HALF_WRITTEN)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(note.model_dump_json().encode())
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def read(self, name: str) -> M | None:
        """What is known of it."""
        return self._read(self.path(name))

    def remove(self, name: str | UUID) -> None:
        """It is over."""
        with suppress(OSError):
            self.path(name).unlink(missing_ok=True)

    def path(self, name: str | UUID) -> Path:
        """Where its note lies; a name may come from elsewhere, and leads nowhere else."""
        safe = "".join(each if each.isalnum() or each in "._-" else "_" for each in str(name))
        return self._folder / (safe + self._suffix)

    def _read(self, path: Path) -> M | None:
        try:
            return self._model.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            return None
