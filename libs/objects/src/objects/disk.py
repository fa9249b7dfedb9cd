"""Files on local disk on their way to the object store: sealed where there are keys."""

import io
from pathlib import Path
from typing import IO, Final, cast

from objects.errors import ObjectLockedError
from objects.keyring import MAGIC, Keyring
from objects.sealing import Sealer, Unsealed

_ABOUT: Final = b"on its way"
"""A file here may be renamed: it is bound to no name."""


class Disk:
    """Opens files for reading and for writing; whoever uses them sees no difference."""

    def __init__(self, keyring: Keyring | None = None) -> None:
        """Without keys files are as they are."""
        self._keyring = keyring

    @property
    def seals(self) -> bool:
        """Whether other programs can make nothing of the files."""
        return self._keyring is not None

    def write(self, path: Path) -> IO[bytes]:
        """A new file, or an old one made anew."""
        file = path.open("wb")
        if self._keyring is None:
            return file
        return cast("IO[bytes]", Sealer(file, self._keyring, _ABOUT))

    def read(self, path: Path) -> IO[bytes]:
        """What was written; also what was written before there were keys.

        Raises:
            ObjectLockedError: it was sealed with a key that we were not given.
            ObjectDamagedError: it is not as it was sealed.
        """
        file = path.open("rb")
        try:
            return self._opened(file)
        except BaseException:
            file.close()
            raise

    def _opened(self, file: IO[bytes]) -> IO[bytes]:
        sealed = file.read(len(MAGIC)) == MAGIC
        file.seek(0)
        if not sealed:
            return file
        if self._keyring is None:
            message = "this file is sealed, and we were given no keys"
            raise ObjectLockedError(message)
        return io.BufferedReader(Unsealed(file, self._keyring, _ABOUT))
