"""The case page, and its parts for whoever looks on while it changes."""

import asyncio

from fastapi import APIRouter, Request, Response

from desk.errors import NotThereError
from desk.pages import Pages
from desk.routes.cases.context import Act, Visit, address, case_words, read_case, show
from desk.routes.guard import SignedIn
from desk.sessions import Desk


def build(pages: Pages) -> APIRouter:
    """Reading alone: nothing here writes."""
    router = APIRouter()

    @router.get("/cases/{code}")
    async def show_case(
        request: Request, desk: SignedIn, code: str, answer: str = "", act: str = ""
    ) -> Response:
        if answer:
            return await show(Visit(pages, request, desk, code), await _inserted(desk, code, answer))
        return await show(Visit(pages, request, desk, code), Act(act) if act else None)

    @router.get("/cases/{code}/live")
    async def show_changes(request: Request, desk: SignedIn, code: str) -> Response:
        case = await read_case(desk, code)
        context = case_words(pages, desk, case)
        return pages.render(
            request, "_case_live.html", **context, here=address(request, case["tracking_code"])
        )

    @router.get("/cases/{code}/suggestions")
    async def show_suggestions(request: Request, desk: SignedIn, code: str) -> Response:
        answers = await suggestions(desk, code)
        return pages.render(
            request, "_suggestions.html", answers=answers, code=code, here=address(request, code)
        )

    @router.get("/cases/{code}/deadlines")
    async def show_deadlines(request: Request, desk: SignedIn, code: str) -> Response:
        answer = await desk.store.get(f"/cases/{code}/deadlines")
        alone = request.headers.get("hx-request") == "true"
        template = "_deadlines.html" if alone else "deadlines.html"
        return pages.render(
            request, template, clocks=answer["clocks"], code=code, here=address(request, code)
        )

    @router.get("/cases/{code}/colleagues")
    async def show_colleagues(request: Request, desk: SignedIn, code: str) -> Response:
        case = await read_case(desk, code)
        unit = request.state.places.desks[case["desk"]]["unit_id"]
        answer = await desk.store.get("/staff", unit=unit, active="true")
        return pages.render(request, "_colleagues.html", colleagues=answer["staff"], case=case)

    @router.get("/cases/{code}/history")
    async def show_history(request: Request, desk: SignedIn, code: str) -> Response:
        case = await read_case(desk, code)
        return pages.render(request, "history.html", case=case, here=address(request, case["tracking_code"]))

    return router


async def suggestions(desk: Desk, code: str) -> list[dict[str, str]]:
    """The standard answers that fit, the best first; nine, since they are inserted by a digit."""
    answer = await desk.store.get(f"/cases/{code}/suggestions")
    return list(answer["suggestions"])[:9]


async def _inserted(desk: Desk, code: str, answer_id: str) -> Act | None:
    """Without script: the reply box with a standard answer after what the draft holds."""
    case, found = await asyncio.gather(read_case(desk, code), suggestions(desk, code))
    chosen = next((answer for answer in found if answer["id"] == answer_id), None)
    if chosen is None:
        raise NotThereError({"title": "no such answer"})
    draft = (case.get("draft") or {}).get("text", "")
    text = f"{draft}\n{chosen['text']}".strip()
    return Act("reply", {"text": text, "answer_id": answer_id, "answer_number": str(chosen["number"])})
