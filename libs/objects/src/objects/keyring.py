"""Keys by name, and the head of a sealed file: a key of its own, wrapped in the one of ours that it names.

    magic 8 | name of our key 32 | bytes of the file, unsealed 8 | nonce 12 | its own key, wrapped 48

The wrapping vouches for all that stands before it, and for what the file is about, which is written nowhere.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from objects.errors import ObjectDamagedError, ObjectLockedError

MAGIC: Final = b"\x93PAYAM1\n"
"""No text in UTF-8 and no kind of file that is taken begins so."""
KEY_BYTES: Final = 32
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
"""What a key may be called."""
_NAME_BYTES: Final = 32
_SIZE_BYTES: Final = 8
_NONCE_BYTES: Final = 12
_TOLD: Final = len(MAGIC) + _NAME_BYTES + _SIZE_BYTES
HEAD_BYTES: Final = _TOLD + _NONCE_BYTES + KEY_BYTES + 16


@dataclass(frozen=True, slots=True)
class Keyring:
    """Every key that opens something, and the one that seals."""

    current: str
    """Its name."""
    keys: Mapping[str, bytes] = field(repr=False)
    """Each of 32 bytes."""
    plain: bool = True
    """Whether what was kept before there were keys is given out."""

    def wrap(self, own: bytes, size: int, about: bytes) -> bytes:
        """The head of a file of so many bytes, sealed with `own`."""
        name = self.current.encode().ljust(_NAME_BYTES, b"\0")
        told = MAGIC + name + size.to_bytes(_SIZE_BYTES, "big")
        nonce = os.urandom(_NONCE_BYTES)
        return told + nonce + AESGCM(self.keys[self.current]).encrypt(nonce, own, told + about)

    def unwrap(self, head: bytes, about: bytes) -> tuple[bytes, int]:
        """A file's own key, and its bytes unsealed.

        Raises:
            ObjectLockedError: it was sealed with a key that we were not given.
            ObjectDamagedError: it is no head, was changed, is about something else, or the key is another.
        """
        if len(head) != HEAD_BYTES or not head.startswith(MAGIC):
            raise damaged()
        told, nonce, wrapped = head[:_TOLD], head[_TOLD:-48], head[-48:]
        name = told[len(MAGIC) :][:_NAME_BYTES].rstrip(b"\0").decode("ascii", "replace")
        if not NAME.fullmatch(name):
            raise damaged()
        if name not in self.keys:
            message = f"this file was sealed with the key {name}, which is not among ours"
            raise ObjectLockedError(message)
        try:
            own = AESGCM(self.keys[name]).decrypt(nonce, wrapped, told + about)
        except InvalidTag:
            raise damaged() from None
        return own, int.from_bytes(told[-_SIZE_BYTES:], "big")


def damaged() -> ObjectDamagedError:
    """It does not open."""
    return ObjectDamagedError("this file is not as it was sealed, or its key is not the one of that name")
