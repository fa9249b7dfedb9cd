"""A person's own cases: the list, one with its story, letters, files, everything at once."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse

from gateway_portal.handlers.enclosing import Enclosing
from gateway_portal.handlers.following import Following
from gateway_portal.pages import Pages
from gateway_portal.routes import case_writing
from gateway_portal.routes.case_pages import CasePages
from gateway_portal.routes.guard import SignedIn
from objects.kinds import UNKNOWN, ending_of

_SAVED: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}
"""Whatever a file is, it is saved and not shown."""
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


def build(pages: Pages, following: Following, enclosing: Enclosing, public_host: str) -> APIRouter:
    """The routes under `/cases`; a letter tells `public_host`, if it is known, to check it at."""
    shown = CasePages(pages, enclosing.most_bytes // 1_000_000)
    router = APIRouter()
    router.include_router(_saving(following))  # before what would take `export` for a code
    router.include_router(_reading(pages, shown, following, public_host))
    router.include_router(case_writing.build(shown, following, enclosing))
    return router


def _reading(pages: Pages, shown: CasePages, following: Following, public_host: str) -> APIRouter:
    router = APIRouter(prefix="/cases")

    @router.get("")
    async def show_cases(request: Request, person: SignedIn, cursor: str | None = None) -> Response:
        page = await following.cases(person, cursor)
        now = datetime.now(UTC)
        return pages.render(request, "cases/list.html", page=page, later=cursor is not None, now=now)

    @router.get("/{code}")
    async def show_case(request: Request, person: SignedIn, code: str) -> Response:
        case = await following.case(person, code)
        return shown.case(request, case, on_its_way=await following.on_its_way(person, case))

    @router.get("/{code}/letters/{verification_code}")
    async def show_letter(request: Request, person: SignedIn, code: str, verification_code: str) -> Response:
        case, letter = await following.letter(person, code, verification_code)
        host = public_host or request.url.netloc
        return pages.render(request, "cases/letter.html", case=case, letter=letter, host=host)

    return router


def _saving(following: Following) -> APIRouter:
    router = APIRouter(prefix="/cases")

    @router.get("/export")
    async def export(person: SignedIn) -> Response:
        headers = {**_SAVED, "Content-Disposition": 'attachment; filename="payam-1420.json"'}
        return Response(await following.export(person), media_type="application/json", headers=headers)

    @router.get("/{code}/files/{sha256}")
    async def give_file(person: SignedIn, code: str, sha256: Sha256) -> Response:
        file = await following.file(person, code, sha256)
        ending = ending_of(file.media_type)
        headers = {
            **_SAVED,
            "Content-Length": str(file.size),
            "Content-Disposition": f'attachment; filename="payam-{sha256[:12]}.{ending}"',
        }
        # Nothing is called what a browser would run.
        media_type = "application/octet-stream" if ending == UNKNOWN else file.media_type
        return StreamingResponse(file.chunks, media_type=media_type, headers=headers)

    return router
