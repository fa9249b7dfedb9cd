"""A form with files, read within bounds: nothing beyond them is read, and what was typed before is kept."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from gateway_portal.errors import TooLongError
from gateway_portal.routes.typed import typed

TOO_LARGE: Final = "total"
"""What is wrong with a form that was longer than its bound."""
LONGEST_TEXT: Final = 4_000
"""Letters of a message."""
MOST_FILES: Final = 5
"""That one message brings."""
CUT_OFF: Final = "cut"
"""What is wrong with a form that did not come to its end."""
_MULTIPART: Final = b"multipart/form-data"
_PLAIN: Final = re.compile(rb"[0-9A-Za-z'()+_,./:=? -]{1,100}")
"""A boundary as RFC 2046 has it: it can end no header."""
_LARGEST_FIELD: Final = 256 * 1024
"""Bytes: a text far too long still comes back to whoever typed it."""
_AROUND: Final = 512 * 1024
"""Bytes of a form beside its files."""
_MOST_FIELDS: Final = 40
_MOST_SENT: Final = 20
"""More than are taken, so that whoever sends too many is told so beside the field."""
_TAIL: Final = 256
"""So near to its end a form has the line that ends it."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A form as it came."""

    fields: Sequence[tuple[str, str]]
    """What was typed, in order."""
    files: Sequence[UploadFile] = field(default=())
    """Those that were chosen; closed when the form is done with."""
    fault: str | None = None
    """Why there are no files, and perhaps not all fields."""

    def get(self, name: str) -> str:
        """A field as typed; nothing where there is no such field."""
        return next((value for known, value in self.fields if known == name), "")

    def all(self, name: str) -> Sequence[str]:
        """Every value of a field."""
        return [value for known, value in self.fields if known == name]


@asynccontextmanager
async def uploaded(request: Request, most_bytes: int, most_files: int) -> AsyncIterator[Uploaded]:
    """The form that is being sent; `most_bytes` is of one file."""
    content_type, parameters = parse_options_header(request.headers.get("Content-Type"))
    boundary = parameters.get(b"boundary", b"")
    if content_type != _MULTIPART or not _PLAIN.fullmatch(boundary):
        yield Uploaded([*(await typed(request)).items()])
        return
    # A form may name an encoding that no browser uses; ours are in UTF-8.
    headers = Headers({"Content-Type": f'multipart/form-data; boundary="{boundary.decode("latin-1")}"'})
    body = _bounded(request, most_bytes * most_files + _AROUND, b"--" + boundary + b"--")
    parser = MultiPartParser(
        headers, body, max_files=_MOST_SENT, max_fields=_MOST_FIELDS, max_part_size=_LARGEST_FIELD
    )
    try:
        form = await parser.parse()
    except TooLongError:
        yield Uploaded(_words(parser), fault=TOO_LARGE)
        return
    except (MultiPartException, ClientDisconnect):
        yield Uploaded(_words(parser), fault=CUT_OFF)
        return
    try:
        chosen = [
            value for _, value in form.multi_items() if isinstance(value, UploadFile) and value.filename
        ]
        yield Uploaded(_words(parser), chosen)
    finally:
        await form.close()


def _words(parser: MultiPartParser) -> Sequence[tuple[str, str]]:
    """The fields that came as a whole; NUL, which no database holds, left out."""
    return [(name, value.replace("\0", "")) for name, value in parser.items if isinstance(value, str)]


async def _bounded(request: Request, most_bytes: int, end: bytes) -> AsyncGenerator[bytes, None]:
    """The body, piece by piece: not longer than is taken, and with its end."""
    received, tail = 0, b""
    async for piece in request.stream():
        received += len(piece)
        if received > most_bytes:
            message = "more was sent than the form can hold"
            raise TooLongError(message)
        tail = (tail + piece[-_TAIL:])[-_TAIL:]
        yield piece
    if end not in tail:
        # The parser takes a form that was cut off for one that just ended.
        message = "the form was cut off"
        raise MultiPartException(message)
