"""The short verbs on a case: claim, release, assign, note, reclassify, close, reopen, link."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from desk.errors import ChangedError, TakenError
from desk.pages import Pages
from desk.routes.cases.context import Act, Visit, address, show, tried
from desk.routes.guard import SignedIn, Typed
from desk.sessions import Desk

Form = dict[str, str]
_BODIES: dict[str, Callable[[Form], dict[str, object]]] = {
    "release": lambda _form: {},
    "assign": lambda form: {"staff_id": form.get("staff_id", "")},
    "note": lambda form: {"text": form.get("text", "")},
    "reclassify": lambda form: {
        name: form[name] for name in ("topic", "kind", "audience", "province", "desk") if form.get(name)
    },
    "close": lambda form: {"reason": form.get("reason", ""), "notify": form.get("notify") == "yes"},
    "reopen": lambda form: {"reason": form.get("reason", "")},
    "link": lambda form: {
        "other_code": form.get("other_code", ""),
        "relation": form.get("relation", "related"),
    },
}
"""What each verb tells the store, from its form."""
_PATHS = {"note": "notes", "reclassify": "reclassification", "link": "links"}
_WITH_VERSION = frozenset({"reclassify", "close"})


def build(pages: Pages) -> APIRouter:
    """A POST each; afterwards the case, with a sentence on what was done."""
    router = APIRouter()

    @router.post("/cases/{code}/claim")
    async def claim(request: Request, desk: SignedIn, code: str) -> Response:
        try:
            await desk.store.send("POST", f"/cases/{code}/claim")
        except (TakenError, ChangedError):
            lost = Act("claim", trouble="taken")
            return await show(Visit(pages, request, desk, code), lost, HTTPStatus.CONFLICT)
        return pages.redirect(address(request, code), "case.told.claim")

    @router.post("/cases/{code}/links/{other_code}/remove")
    async def unlink(request: Request, desk: SignedIn, code: str, other_code: str) -> Response:
        call = desk.store.send("DELETE", f"/cases/{code}/links/{other_code}")
        return await tried(Visit(pages, request, desk, code), call, told="case.told.unlink", act=Act("link"))

    @router.post("/cases/{code}/{verb}")
    async def do(request: Request, desk: SignedIn, code: str, verb: str, form: Typed) -> Response:
        if verb not in _BODIES:
            return await show(Visit(pages, request, desk, code))
        return await tried(
            Visit(pages, request, desk, code),
            _call(desk, code, verb, form),
            told=f"case.told.{verb}",
            act=Act(verb, form),
        )

    return router


def _call(desk: Desk, code: str, verb: str, form: Form) -> Awaitable[object]:
    version = form.get("version") if verb in _WITH_VERSION else None
    path = f"/cases/{code}/{_PATHS.get(verb, verb)}"
    return desk.store.send("POST", path, _BODIES[verb](form), key=form.get("key"), version=version)
