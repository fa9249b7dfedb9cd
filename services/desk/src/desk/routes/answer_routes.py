"""Standard answers: find, compare, decide."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final

from fastapi import APIRouter, Request, Response

from desk.clients import Session
from desk.forms import Form
from desk.pages import Pages, wants
from desk.routes.guard import SignedIn, Typed
from desk.routes.writing import written
from desk.wording import changes
from persian.dates import tehran_date

_STATES: Final = ("draft", "submitted", "approved", "refused", "withdrawn")
_DECISIONS: Final[Mapping[str, str]] = {
    "submit": "answers.submitted",
    "approve": "answers.approved",
    "refuse": "answers.refused",
    "withdraw": "answers.withdrawn",
}


def build(pages: Pages) -> APIRouter:
    """The routes under `/answers`."""
    router = APIRouter(prefix="/answers")

    @router.get("")
    async def show(
        request: Request, desk: SignedIn, topic: str = "", state: str = "", q: str = "", cursor: str = ""
    ) -> Response:
        asked = {"topic": topic, "state": state, "q": q}
        found = await desk.store.get("/answers", **asked, cursor=cursor)
        template = "answers/_rows.html" if wants(request, "rows") else "answers/list.html"
        return pages.render(request, template, found=found, asked=asked, states=_STATES)

    @router.get("/{answer_id}")
    async def one(request: Request, desk: SignedIn, answer_id: str) -> Response:
        return await _one(pages, request, desk.store, answer_id)

    @router.post("/{answer_id}/retire")
    async def retire(desk: SignedIn, answer_id: str, typed: Typed) -> Response:
        await desk.store.send("POST", f"/answers/{answer_id}/retire", version=typed.get("version"))
        return pages.redirect(f"/answers/{answer_id}", "answers.retired_done")

    @router.post("/{answer_id}/versions/{number}")
    async def decide(request: Request, desk: SignedIn, answer_id: str, number: int, typed: Typed) -> Response:
        form, path = Form(typed), f"/answers/{answer_id}"
        verb = form["do"] if form["do"] in _DECISIONS else "submit"
        step, body = f"{path}/versions/{number}/{verb}", {"reason": form.maybe("reason")}
        send = partial(desk.store.send, "POST", step, body, version=form["version"])
        if await written(form, send) is None:
            return await _one(pages, request, desk.store, answer_id, form)
        return pages.redirect(path, _DECISIONS[verb])

    return router


async def _one(
    pages: Pages, request: Request, store: Session, answer_id: str, form: Form | None = None
) -> Response:
    answer = await store.get(f"/answers/{answer_id}")
    versions = sorted(answer["versions"], key=lambda version: version["number"], reverse=True)
    form = form or Form()
    current = next((version["number"] for version in versions if version["offered"]), None)
    shown = {"current": current, "versions": versions, "changes": changes(versions), "changed": form.changed}
    today = tehran_date(datetime.now(UTC)).isoformat()
    return pages.render(request, "answers/one.html", form.status, answer=answer, today=today, **shown)
