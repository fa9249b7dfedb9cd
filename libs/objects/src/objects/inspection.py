"""A file read through once: its hash, its size, what it is."""

import codecs
import hashlib
from dataclasses import dataclass
from typing import IO, Final

from objects.errors import FileRefusedError, FileTooLargeError
from objects.kinds import HEAD, TEXT, Media, demand_text, refused, sniff

_PIECE: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a file turned out to be."""

    sha256: str
    size: int
    media: Media


def inspect(content: IO[bytes], most_bytes: int) -> Inspected:
    """Read a file through once: its hash, its size, what it is; it is back at its start then.

    Raises:
        FileTooLargeError: it has more bytes than that.
        FileRefusedError: it is empty, or of no kind that is taken.
    """
    head = content.read(HEAD)
    if not head:
        message = "the file is empty"
        raise FileRefusedError(message)
    media = sniff(head)
    content.seek(0)
    digest, size = hashlib.sha256(), 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    while piece := content.read(_PIECE):
        size += len(piece)
        if size > most_bytes:
            raise too_large(most_bytes)
        digest.update(piece)
        if media is None:
            _demand_utf8(decoder, piece)
    if media is None:
        _demand_utf8(decoder, b"", final=True)
    content.seek(0)
    return Inspected(digest.hexdigest(), size, media or TEXT)


def too_large(most_bytes: int) -> FileTooLargeError:
    """It has more bytes than are taken."""
    return FileTooLargeError(f"a file may have {most_bytes} bytes at most").telling(most_bytes=most_bytes)


def _demand_utf8(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> None:
    try:
        demand_text(decoder.decode(piece, final))
    except UnicodeDecodeError:
        raise refused() from None
