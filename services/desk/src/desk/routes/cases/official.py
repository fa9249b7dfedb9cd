"""The official written reply: issued once, printed with its verification code, revoked with a reason."""

from fastapi import APIRouter, Request, Response

from desk.errors import NotThereError
from desk.pages import Pages
from desk.routes.cases.context import Act, Visit, read_case, tried
from desk.routes.guard import SignedIn, Typed


def build(pages: Pages) -> APIRouter:
    """Issue, print, revoke."""
    router = APIRouter()

    @router.post("/cases/{code}/official")
    async def issue(request: Request, desk: SignedIn, code: str, form: Typed) -> Response:
        told: dict[str, object] = {"text": form.get("text", "")}
        if form.get("answer_id"):
            told |= {"answer_id": form["answer_id"], "answer_number": int(form.get("answer_number") or 1)}
        call = desk.store.send("POST", f"/cases/{code}/official-replies", told, key=form.get("key"))
        return await tried(
            Visit(pages, request, desk, code), call, told="case.told.official", act=Act("official", form)
        )

    @router.post("/cases/{code}/official/{reply_id}/revoke")
    async def revoke(request: Request, desk: SignedIn, code: str, reply_id: str, form: Typed) -> Response:
        path = f"/official-replies/{reply_id}/revoke"
        call = desk.store.send("POST", path, {"reason": form.get("reason", "")}, key=form.get("key"))
        return await tried(
            Visit(pages, request, desk, code), call, told="case.told.revoke", act=Act("official", form)
        )

    @router.get("/cases/{code}/official/{reply_id}")
    async def show(request: Request, desk: SignedIn, code: str, reply_id: str) -> Response:
        case = await read_case(desk, code)
        found = [reply for reply in case.get("official_replies", ()) if reply["id"] == reply_id]
        if not found:
            raise NotThereError({"title": "no such reply"})
        return pages.render(request, "official.html", case=case, reply=found[0])

    return router
