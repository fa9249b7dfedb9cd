"""Units and desks: who can be asked, and whose queues there are."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from desk.errors import NotThereError
from desk.forms import Form
from desk.organisation import Organisation
from desk.pages import Pages
from desk.routes.guard import SignedIn, Typed
from desk.routes.writing import Taken, written
from desk.typed import typed_number

_MOST: Final = 100
_BLANK: Final[Mapping[str, Mapping[str, str]]] = {
    "units": {"kind": "specialised", "active": "yes"},
    "desks": {"position": "0", "active": "yes"},
}


def build(pages: Pages, organisation: Organisation) -> APIRouter:
    """The routes under `/organisation`."""
    router = APIRouter(prefix="/organisation")

    @router.get("")
    async def show(request: Request) -> Response:
        return pages.render(request, "organisation/list.html")

    @router.get("/{what}/new")
    async def new(request: Request, what: str) -> Response:
        _known(what)
        return _edit(pages, request, what, Form(_BLANK[what]))

    @router.get("/{what}/{place_id}")
    async def edit(request: Request, what: str, place_id: str) -> Response:
        place = _place(request, what, place_id)
        if place is None:
            raise NotThereError({"title": "no such place"})
        return _edit(pages, request, what, Form(_typed_of(place)), place)

    @router.post("/{what}")
    async def put(request: Request, desk: SignedIn, what: str, typed: Typed) -> Response:
        _known(what)
        form = Form(typed)
        place_id, body = form.text("id", most=40), _read(form, what)
        made_before = _place(request, what, place_id) if form["version"] else None
        if not form["version"] and _place(request, what, place_id):
            form.wrong("id", "organisation.id_taken")
        send = partial(desk.store.send, "PUT", f"/{what}/{place_id}", body, version=form["version"])
        saved = await written(form, send, taken=Taken("refused", "organisation.place_refused"))
        organisation.forget()
        if saved is None:
            if form.changed:
                made_before = await desk.store.get(f"/{what}")
                made_before = next(one for one in made_before[what] if one["id"] == place_id)
            return _edit(pages, request, what, form, made_before)
        return pages.redirect("/organisation", "organisation.saved")

    return router


def _known(what: str) -> None:
    if what not in _BLANK:
        raise NotThereError({"title": "units and desks alone"})


def _place(request: Request, what: str, place_id: str) -> Mapping[str, Any] | None:
    _known(what)
    found: Mapping[str, Mapping[str, Any]] = getattr(request.state.places, what)
    return found.get(place_id)


def _edit(
    pages: Pages, request: Request, what: str, form: Form, place: Mapping[str, Any] | None = None
) -> Response:
    return pages.render(request, "organisation/edit.html", form.status, what=what, form=form, place=place)


def _read(form: Form, what: str) -> dict[str, object]:
    body: dict[str, object] = {
        "name_fa": form.text("name_fa", most=_MOST),
        "name_en": form.text("name_en", most=_MOST),
        "active": form["active"] == "yes",
    }
    if what == "units":
        return body | {"kind": form["kind"], "province": form.maybe("province")}
    position = form.read("position", lambda text: typed_number(text, 0, 1_000))
    return body | {"unit_id": form.text("unit_id"), "position": position}


def _typed_of(place: Mapping[str, Any]) -> dict[str, str]:
    told = {name: "" if value is None else str(value) for name, value in place.items()}
    return told | {"active": "yes" if place["active"] else ""}
