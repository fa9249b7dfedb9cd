"""Writing to the person: once, after what the page showed, with nothing typed ever lost; and its draft."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from desk.errors import ChangedError, InvalidError, TakenError
from desk.pages import Pages
from desk.routes.cases.context import Act, Visit, address, refused, show
from desk.routes.guard import SignedIn, Typed

LONGEST: int = 900
"""As the store and the provider have it, in characters."""


def build(pages: Pages) -> APIRouter:
    """Reply and draft."""
    router = APIRouter()

    @router.post("/cases/{code}/replies")
    async def reply(request: Request, desk: SignedIn, code: str, form: Typed) -> Response:
        act = Act("reply", form, _faults(form))
        if act.faults:
            return await show(Visit(pages, request, desk, code), act, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            await desk.store.send("POST", f"/cases/{code}/replies", _told(form), version=form.get("version"))
        except InvalidError as error:
            if "text" in error.faults or "too_many" in error.problem:
                return await refused(Visit(pages, request, desk, code), act, error)
            # The key is of an answer that went already; what was typed since is another one.
            newer = {name: value for name, value in form.items() if name != "reply_id"}
            return await show(
                Visit(pages, request, desk, code), Act("reply", newer, trouble="sent"), HTTPStatus.CONFLICT
            )
        except (ChangedError, TakenError) as error:
            return await refused(Visit(pages, request, desk, code), act, error)
        return pages.redirect(address(request, code), "case.told.replied")

    @router.post("/cases/{code}/draft")
    async def keep_draft(request: Request, desk: SignedIn, code: str, form: Typed) -> Response:
        text = form.get("text", "")
        if text.strip():
            await desk.store.send("PUT", f"/cases/{code}/draft", {"text": text})
        else:
            await desk.store.send("DELETE", f"/cases/{code}/draft")
        if request.headers.get("x-requested-with") == "draft":
            return Response(status_code=HTTPStatus.NO_CONTENT)
        return pages.redirect(address(request, code), "case.told.draft")

    return router


def _told(form: dict[str, str]) -> dict[str, object]:
    told: dict[str, object] = {"text": form["text"], "awaits_citizen": form.get("awaits_citizen") == "yes"}
    if form.get("reply_id"):
        told["reply_id"] = form["reply_id"]
    if form.get("answer_id"):
        told |= {"answer_id": form["answer_id"], "answer_number": int(form.get("answer_number") or 1)}
    return told


def _faults(form: dict[str, str]) -> dict[str, str]:
    text = form.get("text", "").strip()
    if not text:
        return {"text": "case.reply.empty"}
    return {"text": "case.reply.too_long"} if len(text) > LONGEST else {}
