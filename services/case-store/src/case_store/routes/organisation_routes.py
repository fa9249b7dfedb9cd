"""Units and desks."""

from typing import Annotated, TypeVar

from fastapi import APIRouter, Path, Response

from case_store.handlers.organisation import Organisation
from case_store.routes.guard import Caller
from case_store.routes.parameters import IfMatch, version_of
from case_store.schemas.organisation import (
    DeskGiven,
    DeskPut,
    DesksGiven,
    UnitGiven,
    UnitId,
    UnitPut,
    UnitsGiven,
)

Shown = TypeVar("Shown", UnitGiven, DeskGiven)
UnitPath = Annotated[UnitId, Path(description="Latin letters, digits and `_`.")]


def build(organisation: Organisation) -> APIRouter:
    """The routes under `/units` and `/desks`: everybody who is signed in reads them."""
    router = APIRouter(tags=["organisation"])

    @router.get("/units", summary="List the units")
    async def list_units() -> UnitsGiven:
        """Sections first, then the specialised ones."""
        return UnitsGiven.model_validate({"units": await organisation.units()})

    @router.get("/units/{unit_id}", summary="A unit")
    async def show_unit(unit_id: UnitPath, response: Response) -> UnitGiven:
        """With its ETag."""
        return _tagged(response, UnitGiven.model_validate(await organisation.unit(unit_id)))

    @router.put("/units/{unit_id}", summary="Make or change a unit")
    async def put_unit(
        actor: Caller, unit_id: UnitPath, body: UnitPut, response: Response, if_match: IfMatch = None
    ) -> UnitGiven:
        """A unit with desks stays a section that works."""
        put = await organisation.put_unit(actor, unit_id, body.model_dump(), version_of(if_match))
        return _tagged(response, UnitGiven.model_validate(put))

    @router.get("/desks", summary="List the desks")
    async def list_desks() -> DesksGiven:
        """In the order in which they are shown."""
        return DesksGiven.model_validate({"desks": await organisation.desks()})

    @router.put("/desks/{desk_id}", summary="Make or change a desk")
    async def put_desk(
        actor: Caller, desk_id: UnitPath, body: DeskPut, response: Response, if_match: IfMatch = None
    ) -> DeskGiven:
        """A desk belongs to a section that works."""
        put = await organisation.put_desk(actor, desk_id, body.model_dump(), version_of(if_match))
        return _tagged(response, DeskGiven.model_validate(put))

    return router


def _tagged(response: Response, shown: Shown) -> Shown:
    response.headers["ETag"] = f'"{shown.version}"'
    return shown
