"""Asking the expert or a unit's liaison, and what they do with the question."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from desk.errors import NotThereError
from desk.pages import Pages
from desk.routes.cases.context import Act, Visit, tried
from desk.routes.guard import SignedIn, Typed

Form = dict[str, str]
_BODIES: dict[str, Callable[[Form], dict[str, object]]] = {
    "claim": lambda _form: {},
    "answer": lambda form: {"text": form.get("text", "")},
    "return": lambda form: {"reason": form.get("reason", "")},
    "forward": lambda form: _asked(form),  # noqa: PLW0108  (it stands below)
    "recall": lambda form: {"reason": form.get("reason", "")},
}
"""What each verb tells the store, from its form."""


def build(pages: Pages) -> APIRouter:
    """A POST each; afterwards the case."""
    router = APIRouter()

    @router.post("/cases/{code}/refer")
    async def refer(request: Request, desk: SignedIn, code: str, form: Typed) -> Response:
        told = _asked(form) | ({"parent_id": form["parent_id"]} if form.get("parent_id") else {})
        call = desk.store.send("POST", f"/cases/{code}/referrals", told, key=form.get("key"))
        return await tried(
            Visit(pages, request, desk, code), call, told="case.told.refer", act=Act("refer", form)
        )

    @router.post("/cases/{code}/referrals/{referral_id}/{verb}")
    async def settle(
        request: Request, desk: SignedIn, code: str, referral_id: str, verb: str, form: Typed
    ) -> Response:
        if verb not in _BODIES:
            raise NotThereError({"title": "no such verb"})
        path = f"/referrals/{referral_id}/{verb}"
        call = desk.store.send(
            "POST", path, _BODIES[verb](form), key=form.get("key"), version=form.get("version")
        )
        act = Act(f"{verb}:{referral_id}", form)
        return await tried(
            Visit(pages, request, desk, code), call, told=f"case.told.referral.{verb}", act=act
        )

    return router


def _asked(form: Form) -> dict[str, object]:
    """`to` is `expert`, or `liaison:<unit>`: one choice on the page, two fields in the store."""
    tier, _, unit = form.get("to", "expert").partition(":")
    told: dict[str, object] = {"tier": tier, "question": form.get("question", "")}
    return told | ({"unit_id": unit} if unit else {})
