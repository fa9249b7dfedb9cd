"""The audit trail: who did what to what, and whether the chain of seals is whole."""

from fastapi import APIRouter, Request, Response

from desk.pages import Pages, wants
from desk.routes.guard import SignedIn


def build(pages: Pages) -> APIRouter:
    """The routes under `/audit`."""
    router = APIRouter(prefix="/audit")

    @router.get("")
    async def show(
        request: Request,
        desk: SignedIn,
        actor: str = "",
        subject: str = "",
        action: str = "",
        cursor: str = "",
    ) -> Response:
        asked = {"actor": actor.strip(), "subject": subject.strip(), "action": action.strip()}
        found = await desk.store.get("/audit", **asked, cursor=cursor)
        template = "audit/_rows.html" if wants(request, "rows") else "audit/list.html"
        return pages.render(request, template, found=found, asked=asked, verified=None)

    @router.post("/verification")
    async def verify(request: Request, desk: SignedIn) -> Response:
        verified = await desk.store.get("/audit/verification")
        if wants(request, "verified"):
            return pages.render(request, "audit/_verified.html", verified=verified)
        found = await desk.store.get("/audit")
        asked = {"actor": "", "subject": "", "action": ""}
        return pages.render(request, "audit/list.html", found=found, asked=asked, verified=verified)

    return router
