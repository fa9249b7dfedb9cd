"""What people see of their own, for a gateway that has found out whose number it is; services alone.

Everything is a POST, because numbers and codes must not stand in a URL; nothing is written by any of them.
"""

from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse

from case_store.cursors import from_cursor
from case_store.handlers.citizen import Citizens
from case_store.routes.file_routes import given
from case_store.routes.guard import demand
from case_store.routes.parameters import cut
from case_store.schemas import citizen as schemas
from case_store.staffing import Right


async def unkept(response: Response) -> None:
    """No cache on the way keeps what is somebody's own, nor do we for an idempotency key."""
    response.headers["Cache-Control"] = "private, no-store"


def build(citizens: Citizens) -> APIRouter:
    """The routes under `/citizen`."""
    router = APIRouter(
        prefix="/citizen",
        tags=["citizens"],
        dependencies=[demand(Right.SPEAK_FOR_CITIZENS), Depends(unkept)],
    )

    @router.post("/owner", summary="Where is the person of a case reached?")
    async def owner(body: schemas.OwnerRequest) -> schemas.OwnerGiven:
        """To send a one-time code to. 404 for an unknown code and for a person without a mobile alike."""
        return schemas.OwnerGiven(msisdn=await citizens.owner(body.code))

    @router.post("/cases", summary="A person's own cases")
    async def list_cases(body: schemas.CitizenCasesRequest) -> schemas.CitizenCases:
        """The latest activity first; none of a number that never wrote."""
        after = from_cursor(body.cursor) if body.cursor else None
        rows = await citizens.page(body.msisdn, after, body.limit + 1)
        page, next_cursor = cut(rows, body.limit, "last_activity_at")
        return schemas.CitizenCases(
            cases=[schemas.CitizenCaseSummary.model_validate(row) for row in page], next_cursor=next_cursor
        )

    @router.post("/case", summary="One of a person's own cases")
    async def show_case(body: schemas.CitizenCaseRequest) -> schemas.CitizenCase:
        """As they may see it. 404 for an unknown code and for another person's case alike."""
        return schemas.CitizenCase.model_validate(await citizens.case(body.msisdn, body.code))

    @router.post("/file", summary="A file that a person sent", response_class=StreamingResponse)
    async def give_file(body: schemas.CitizenFileRequest) -> StreamingResponse:
        """In one of their own cases; to be saved. Files that staff added are not given."""
        return given(*await citizens.file(body.msisdn, body.code, body.sha256), body.sha256)

    @router.post("/export", summary="Everything of a person")
    async def export(body: schemas.CitizenRequest) -> schemas.CitizenExport:
        """Their cases, messages and ratings, as far as they may see them."""
        return schemas.CitizenExport.model_validate(await citizens.export(body.msisdn))

    return router
