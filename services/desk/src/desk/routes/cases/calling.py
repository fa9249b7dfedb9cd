"""Calling the person: by the agent's own telephone, logged by hand, settled; and having them called back."""

from collections.abc import Callable, Mapping
from typing import Final

from fastapi import APIRouter, Request, Response

from desk.errors import TakenError
from desk.pages import Pages
from desk.reading.calling import again_at
from desk.routes.cases.context import Act, Visit, refused, tried
from desk.routes.guard import SignedIn, Typed

Form = dict[str, str]
_BODIES: Final[Mapping[str, Callable[[Form], dict[str, object]]]] = {
    "ask": lambda form: _told(number=form.get("number"), next_at=again_at(form.get("again", ""))),
    "try": lambda form: _told(
        result=form.get("result"), note=form.get("note"), next_at=again_at(form.get("again", ""))
    ),
    "done": lambda form: {"answer": form.get("answer", ""), "close": form.get("close") == "yes"},
    "give-up": lambda _form: {},
}
"""What each verb tells the store, from its form."""
_PATHS: Final = {"ask": "call-back", "try": "call-back/tries"}


def build(pages: Pages) -> APIRouter:
    """A POST each; afterwards the case."""
    router = APIRouter()

    @router.post("/cases/{code}/call")
    async def call(request: Request, desk: SignedIn, code: str, form: Typed) -> Response:
        visit, act = Visit(pages, request, desk, code), Act("call:call", form)
        told = _told(number=form.get("number"))
        try:
            await desk.store.send("POST", f"/cases/{code}/calls", told, key=form.get("key"))
        except TakenError as error:
            why = (
                "extension"
                if "extension" in error.problem
                else "calling"
                if "calling" in error.problem
                else ""
            )
            if not why:
                return await refused(visit, act, error)
            return await visit.again(Act("call:call", form, trouble=why))
        return pages.redirect(visit.address)

    @router.post("/cases/{code}/call-back/{verb}")
    async def do(request: Request, desk: SignedIn, code: str, verb: str, form: Typed) -> Response:
        if verb not in _BODIES:
            verb = "try"
        path = f"/cases/{code}/{_PATHS.get(verb, f'call-back/{verb}')}"
        # No version: the call's own end changes the case while its answer is written. What was answered
        # meanwhile in another way has no task any more, and is refused for that.
        send = desk.store.send("POST", path, _BODIES[verb](form), key=form.get("key"))
        return await tried(
            Visit(pages, request, desk, code), send, told=f"calls.told.{verb}", act=Act(f"call:{verb}", form)
        )

    return router


def _told(**given: str | None) -> dict[str, object]:
    """What is left empty is not told."""
    return {name: value for name, value in given.items() if value and value.strip()}
