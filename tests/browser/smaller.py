"""Makes a picture of a page a quarter smaller, every point as it was: flat ground packs best unfiltered."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_POINT: Final = {2: 3, 6: 4}
"""Bytes a point, by the kind of colour: what a browser writes."""


def make_smaller(file: Path) -> None:
    """Write the PNG anew, its rows unfiltered and packed as tightly as they go."""
    chunks = list(_chunks(file.read_bytes()))
    head = next(body for kind, body in chunks if kind == b"IHDR")
    width, _, depth, colour = struct.unpack(">IIBB", head[:10])
    if depth != 8 or colour not in _POINT:
        return
    packed = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    rows = b"".join(b"\0" + row for row in _unfiltered(packed, width * _POINT[colour], _POINT[colour]))
    written = [(b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    file.write_bytes(_SIGNATURE + b"".join(_chunk(kind, body) for kind, body in written))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        yield kind, png[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _unfiltered(packed: bytes, length: int, point: int) -> Iterator[bytes]:
    """Each row as it is, from what was written as differences to the left and above."""
    above = bytes(length)
    for start in range(0, len(packed), length + 1):
        row = bytearray(packed[start + 1 : start + 1 + length])
        kind = packed[start]
        for at in range(length) if kind else ():
            left = row[at - point] if at >= point else 0
            corner = above[at - point] if at >= point else 0
            row[at] = (row[at] + _guess(kind, left, above[at], corner)) & 255
        above = bytes(row)
        yield above


def _guess(kind: int, left: int, above: int, corner: int) -> int:
    """What a filter took off: 1 the left, 2 above, 3 their mean, 4 the nearest to a plane (Paeth)."""
    if kind < 4:
        return (left, above, (left + above) // 2)[kind - 1]
    plane = left + above - corner
    return min((left, above, corner), key=lambda one: abs(plane - one))
