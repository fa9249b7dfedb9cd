"""Files of a case: received piece by piece within bounds, and given back so that no browser runs them."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Request
from fastapi.responses import StreamingResponse
from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from case_store.handlers.files import Files
from case_store.repository.attachments import Named
from case_store.routes.guard import Caller
from case_store.routes.parameters import Code
from case_store.schemas.beside import AttachmentGiven
from chassis.problems import Problem
from objects.inspection import too_large
from objects.kinds import UNKNOWN, ending_of
from objects.store import Opened

_AROUND_THE_FILE: Final = 64 * 1024
"""Bytes that boundaries and headers of a form may take."""
_TAIL: Final = 256
"""So near to its end a form has the line that ends it."""
_FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "The file."}
                    },
                }
            }
        },
    }
}
_SAFELY: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}
"""Whatever the file is, it is saved and not shown, and not what it is not."""
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="Of the file's bytes.")]


def build(files: Files) -> APIRouter:
    """The routes under `/cases/{code}/attachments`."""
    router = APIRouter(prefix="/cases/{tracking_code}/attachments", tags=["files"])

    @router.post("", status_code=HTTPStatus.CREATED, summary="Add a file to a case", openapi_extra=_FORM)
    async def add(actor: Caller, tracking_code: Code, request: Request) -> AttachmentGiven:
        """Pictures, PDF, sound, plain text, told by their bytes. The same bytes again are the same file."""
        await files.demand_case(actor, tracking_code)
        async with _received(request, files.most_bytes) as file:
            added = await files.add(actor, tracking_code, file.filename or "", file.file)
        return AttachmentGiven.model_validate(added)

    @router.get("/{sha256}", summary="A file's bytes", response_class=StreamingResponse)
    async def give(actor: Caller, tracking_code: Code, sha256: Sha256) -> StreamingResponse:
        """Of those that staff added, and of those that came with the case's messages; to be saved."""
        return given(*await files.open(actor, tracking_code, sha256), sha256)

    return router


def given(found: Named, opened: Opened, sha256: str) -> StreamingResponse:
    """A file on its way out, so that it is saved and nothing of it runs."""
    name = found.name or f"{sha256[:12]}.{ending_of(found.media_type)}"
    headers = {**_SAFELY, "Content-Length": str(opened.size), "Content-Disposition": _saved_as(name)}
    return StreamingResponse(opened.chunks, media_type=_declared(found.media_type), headers=headers)


@asynccontextmanager
async def _received(request: Request, most_bytes: int) -> AsyncIterator[UploadFile]:
    """The field `file` of a form, spooled to disk past a megabyte; nothing beyond the bound is read."""
    if not request.headers.get("Content-Type", "").startswith("multipart/form-data"):
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the file as multipart/form-data")
    parser = MultiPartParser(request.headers, _bounded(request, most_bytes), max_files=1, max_fields=8)
    try:
        form = await parser.parse()
    except MultiPartException:
        raise Problem(
            HTTPStatus.BAD_REQUEST, "The form is broken, cut off, or has more than one file"
        ) from None
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The form has no whole file in its field `file`")
        yield file
    finally:
        await form.close()


async def _bounded(request: Request, most_bytes: int) -> AsyncGenerator[bytes, None]:
    """The body, piece by piece: not longer than is taken, and with its end."""
    _, parameters = parse_options_header(request.headers["Content-Type"])
    end = b"--" + parameters.get(b"boundary", b"") + b"--"
    received, tail = 0, b""
    async for piece in request.stream():
        received += len(piece)
        if received > most_bytes + _AROUND_THE_FILE:
            raise too_large(most_bytes)
        tail = (tail + piece[-_TAIL:])[-_TAIL:]
        yield piece
    if end not in tail:
        # The parser takes a form that was cut off for one that just ended.
        message = "the form was cut off"
        raise MultiPartException(message)


def _saved_as(name: str) -> str:
    """RFC 6266: the name in UTF-8, and for old programs what of it is ASCII."""
    ascii_name = "".join(letter if letter.isascii() and letter not in '"\\%;' else "_" for letter in name)
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"


def _declared(media_type: str) -> str:
    """Nothing is called what a browser would run."""
    if ending_of(media_type) == UNKNOWN:
        return "application/octet-stream"
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
