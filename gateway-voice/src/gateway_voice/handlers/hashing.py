"""A file's hash and size, read in pieces."""

import hashlib
from pathlib import Path
from typing import Final

from objects.disk import Disk

_PIECE: Final = 256 * 1024


def hashed(disk: Disk, path: Path) -> tuple[str, int]:
    """SHA-256 in hex, and bytes."""
    digest, size = hashlib.sha256(), 0
    with disk.read(path) as content:
        while piece := content.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size
