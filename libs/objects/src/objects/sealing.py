"""A sealed file: a head, then pieces of 64 KiB, each under AES-256-GCM by its number and by being the last.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): no piece can be changed, left out,
moved or taken from another file, none can be missing at the end, and each can be read without the others.
"""

import io
import os
from typing import IO, TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from objects.keyring import HEAD_BYTES, KEY_BYTES, Keyring, damaged

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

PIECE: Final = 64 * 1024
_TAG: Final = 16
_NUMBER_BYTES: Final = 11


class Sealer(io.RawIOBase):
    """Written to like a file; it is whole, head and all, once it is closed. `target` can be sought in."""

    def __init__(self, target: IO[bytes], keyring: Keyring, about: bytes) -> None:
        """`about`: what must be said again to open it."""
        self._target, self._keyring, self._about = target, keyring, about
        self._own = os.urandom(KEY_BYTES)
        self._cipher = AESGCM(self._own)
        self._waiting = bytearray()
        self._number = self._size = 0
        target.write(bytes(HEAD_BYTES))

    def writable(self) -> bool:
        """It is for nothing else."""
        return True

    def write(self, content: "ReadableBuffer") -> int:
        """All of it, always."""
        added = memoryview(content).cast("B")
        self._waiting += added
        self._size += len(added)
        while len(self._waiting) > PIECE:
            self._put(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(added)

    def close(self) -> None:
        """The last piece and the head."""
        if self.closed:
            return
        super().close()
        with self._target as target:
            self._put(bytes(self._waiting), last=True)
            target.seek(0)
            target.write(self._keyring.wrap(self._own, self._size, self._about))

    def _put(self, piece: bytes, *, last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, None))
        self._number += 1


class Opening:
    """Opens the pieces of one file whose head has been read."""

    def __init__(self, head: bytes, sealed_size: int, keyring: Keyring, about: bytes) -> None:
        """Take the head, and the bytes of all of it.

        Raises:
            ObjectLockedError: it was sealed with a key that we were not given.
            ObjectDamagedError: it is not as it was sealed.
        """
        own, self.size = keyring.unwrap(head, about)
        self.pieces = max(1, -(-self.size // PIECE))
        if sealed_size != HEAD_BYTES + self.size + self.pieces * _TAG:
            raise damaged()
        self._cipher = AESGCM(own)

    def place(self, number: int) -> tuple[int, int]:
        """Where a piece begins in the sealed file, and how many bytes it has there."""
        begins = number * PIECE
        return HEAD_BYTES + number * (PIECE + _TAG), min(PIECE, self.size - begins) + _TAG

    def open(self, number: int, piece: bytes) -> bytes:
        """A piece unsealed; `ObjectDamagedError` where it is not as it was."""
        try:
            return self._cipher.decrypt(_nonce(number, last=number == self.pieces - 1), piece, None)
        except InvalidTag:
            raise damaged() from None


class Unsealed(io.RawIOBase):
    """Read and sought in like the file that was sealed."""

    def __init__(self, source: IO[bytes], keyring: Keyring, about: bytes) -> None:
        """Closes `source` when it is closed; errors as `Opening` has them."""
        self._source = source
        size = source.seek(0, os.SEEK_END)
        source.seek(0)
        self._opening = Opening(source.read(HEAD_BYTES), size, keyring, about)
        self._at = 0
        self._number, self._piece = -1, b""

    def readable(self) -> bool:
        """It is for nothing else."""
        return True

    def seekable(self) -> bool:
        """Each piece can be opened alone."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As of any file."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._opening.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def readinto(self, into: "WriteableBuffer") -> int:
        """Up to the end of a piece at most; `ObjectDamagedError` where it is not as it was."""
        if self._at >= self._opening.size:
            return 0
        target = memoryview(into).cast("B")
        number, offset = divmod(self._at, PIECE)
        if number != self._number:
            place, length = self._opening.place(number)
            self._source.seek(place)
            self._piece, self._number = self._opening.open(number, self._source.read(length)), number
        part = self._piece[offset : offset + len(target)]
        target[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        """With what it reads from."""
        super().close()
        self._source.close()


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_NUMBER_BYTES, "big") + bytes((last,))
