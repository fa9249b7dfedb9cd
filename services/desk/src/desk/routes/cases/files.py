"""Files of a case: added by staff, and shown so that none can do harm, whatever it is."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response, UploadFile
from fastapi.responses import StreamingResponse

from desk.errors import InvalidError
from desk.pages import Pages
from desk.routes.cases.context import Act, Visit, tried
from desk.routes.guard import SignedIn

_SHOWN: Final = re.compile(r"(audio/[\w.+-]+|image/(png|jpeg|gif|webp))")
"""What a browser may show in the page; all else is saved to disk."""
_RANGE: Final = re.compile(r"bytes=(?P<first>\d{1,12})?-(?P<last>\d{1,12})?")
_HARMLESS: Final = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


def build(pages: Pages) -> APIRouter:
    """Up and down, with the reader's own token."""
    router = APIRouter()

    @router.post("/cases/{code}/attachments")
    async def add(request: Request, desk: SignedIn, code: str) -> Response:
        async with request.form(max_files=1) as form:
            call = _sent(desk, code, form.get("file"), pages.settings.largest_file_mb * 1_000_000)
            return await tried(
                Visit(pages, request, desk, code), call, told="case.told.file", act=Act("attach")
            )

    @router.get("/cases/{code}/files/{sha256}")
    async def show(request: Request, desk: SignedIn, code: str, sha256: str, save: str = "") -> Response:
        stack = AsyncExitStack()
        try:
            found = await stack.enter_async_context(desk.store.stream(f"/cases/{code}/attachments/{sha256}"))
        except BaseException:
            await stack.aclose()
            raise

        whole = int(found.headers.get("content-length") or 0)
        part = _asked(request.headers.get("range", ""), whole)

        async def body() -> AsyncIterator[bytes]:
            async with stack:
                async for piece in _within(found.aiter_bytes(), part):
                    yield piece

        media = found.headers.get("content-type", "application/octet-stream")
        shown = bool(_SHOWN.fullmatch(media.split(";")[0])) and not save
        headers = {
            "Content-Disposition": _disposition(found.headers.get("content-disposition", ""), shown=shown),
            "Content-Security-Policy": _HARMLESS,
            "Cache-Control": "private, max-age=300",
            "Accept-Ranges": "bytes",
        }
        if part is not None:
            headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{whole}"
        if whole:
            headers["Content-Length"] = str(len(part) if part is not None else whole)
        return StreamingResponse(
            body(),
            status_code=HTTPStatus.OK if part is None else HTTPStatus.PARTIAL_CONTENT,
            media_type=media if shown else "application/octet-stream",
            headers=headers,
        )

    return router


def _asked(told: str, whole: int) -> range | None:
    """The one part that a player asks for when somebody goes to a place in the sound; None: all of it."""
    found = _RANGE.fullmatch(told)
    if found is None or not whole:
        return None
    first, last = found["first"], found["last"]
    if first:
        part = range(int(first), min(int(last), whole - 1) + 1 if last else whole)
    else:
        part = range(max(0, whole - int(last or 0)), whole)
    return part if part and part.start < whole else None


async def _within(pieces: AsyncIterator[bytes], part: range | None) -> AsyncIterator[bytes]:
    """Those bytes of a file that are asked for."""
    at = 0
    async for piece in pieces:
        if part is None:
            yield piece
            continue
        if wanted := piece[max(0, part.start - at) : max(0, part.stop - at)]:
            yield wanted
        at += len(piece)
        if at >= part.stop:
            return


async def _sent(desk: SignedIn, code: str, file: object, most: int) -> None:
    # Starlette's own class comes out of a form that is read by hand; FastAPI's derives from it.
    if not hasattr(file, "read") or not getattr(file, "filename", ""):
        raise InvalidError({"title": "no file", "errors": [{"detail": "missing", "pointer": "/file"}]})
    upload: UploadFile = file  # type: ignore[assignment]  # said above
    body = await upload.read(most + 1)
    if len(body) > most:
        raise InvalidError({"title": "too large", "errors": [{"detail": "too large", "pointer": "/file"}]})
    files = {"file": (upload.filename or "file", body, upload.content_type or "application/octet-stream")}
    await desk.store.send("POST", f"/cases/{code}/attachments", files=files)


def _disposition(told: str, *, shown: bool) -> str:
    """The store's file name under our own decision whether it is shown or saved."""
    _, _, name = told.partition(";")
    kind = "inline" if shown else "attachment"
    return f"{kind};{name}" if name else kind
