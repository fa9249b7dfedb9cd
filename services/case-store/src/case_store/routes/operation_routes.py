"""For gateways and the board: leases of tracking codes, and counts."""

from http import HTTPStatus

from fastapi import APIRouter

from case_store.handlers.cases import Cases
from case_store.handlers.codes import TrackingCodes
from case_store.routes.guard import Caller, demand
from case_store.schemas.operations import LeaseGiven, Stats
from case_store.schemas.requests import LeaseRequest
from case_store.staffing import Right


def build(cases: Cases, codes: TrackingCodes) -> APIRouter:
    """The remaining routes."""
    router = APIRouter(tags=["operations"])

    @router.post(
        "/tracking-code-leases",
        status_code=HTTPStatus.CREATED,
        summary="Lease tracking codes",
        dependencies=[demand(Right.OPERATE)],
    )
    async def lease(body: LeaseRequest) -> LeaseGiven:
        """Sequence numbers to mint from, while the store is down too; no number is ever leased twice."""
        return LeaseGiven.model_validate(await codes.lease(body.size))

    @router.get("/stats", summary="Counts for the board")
    async def stats(actor: Caller) -> Stats:
        """Cases by state, what waits to be published, what is stuck."""
        return Stats.model_validate(await cases.stats(actor))

    return router
