"""Two persons taken for one, and parted again."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from desk.clients import Session
from desk.errors import NotThereError
from desk.forms import Form
from desk.pages import Pages
from desk.routes.guard import SignedIn, Typed
from desk.routes.writing import written

_CANDIDATES: Final = 8


def build(pages: Pages) -> APIRouter:
    """`/people/{id}/merge` and `/people/{id}/part/{merge_id}`."""
    router = APIRouter(prefix="/people")

    @router.post("/{person_id}/merge")
    async def merge(request: Request, desk: SignedIn, person_id: str, typed: Typed) -> Response:
        form = Form(typed)
        if form["do"] != "merge":
            return await _merging(pages, request, desk.store, person_id, form)
        body = {"other_id": form["other"], "reason": form.text("reason", most=500)}
        send = partial(desk.store.send, "POST", f"/contacts/{person_id}/merge", body, key=form["key"])
        if await written(form, send) is None:
            return await _merging(pages, request, desk.store, person_id, form)
        return pages.redirect(f"/people/{person_id}", "people.merged")

    @router.post("/{person_id}/part/{merge_id}")
    async def part(desk: SignedIn, person_id: str, merge_id: str) -> Response:
        await desk.store.send("POST", f"/merges/{merge_id}/undo", key=f"part-{merge_id}")
        return pages.redirect(f"/people/{person_id}", "people.parted")

    return router


async def _merging(pages: Pages, request: Request, store: Session, person_id: str, form: Form) -> Response:
    """First whom to merge with is looked for, then both stand side by side."""
    person = await _with_cases(store, person_id)
    other = await _with_cases(store, form["other"]) if form["other"] else None
    found = None if other else await _others(store, person_id, form.maybe("q"))
    form = Form({**form.values, "key": form["key"] or uuid4().hex}, form.faults, changed=form.changed)
    shown = {"person": person, "other": other, "found": found, "form": form}
    return pages.render(request, "people/merge.html", form.status, **shown)


async def _with_cases(store: Session, person_id: str) -> dict[str, Any]:
    """A person with their newest cases.

    Raises:
        NotThereError: nobody of that id is within reach.
    """
    person = await store.get(f"/contacts/{person_id}")
    found = await store.get("/cases", contact=person_id, limit=5)
    return {**person, "cases": found["cases"]}


async def _others(store: Session, person_id: str, query: str | None) -> list[Mapping[str, Any]]:
    """Whoever a number, a code, a national id or a name leads to, but not the person themselves."""
    if query is None:
        return []
    found = await store.send("POST", "/search", {"q": query})
    ids = dict.fromkeys(
        [str(person["id"]) for person in found["people"]]
        + [str(case["contact_id"]) for case in found["cases"]]
    )
    people = []
    for other in [one for one in ids if one != person_id][:_CANDIDATES]:
        try:
            people.append(await store.get(f"/contacts/{other}"))
        except NotThereError:
            continue
    return people
