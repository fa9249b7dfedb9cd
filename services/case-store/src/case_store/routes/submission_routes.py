"""What a partner sees and does of its own, for the gateway alone; POSTs, for no code may stand in a URL."""

from http import HTTPStatus

from fastapi import APIRouter, Depends

from case_store.cursors import from_cursor, until
from case_store.handlers.submissions import Submissions
from case_store.routes.citizen_routes import unkept
from case_store.routes.guard import demand
from case_store.routes.parameters import cut
from case_store.schemas import submissions as schemas
from case_store.staffing import Right


def build(submissions: Submissions) -> APIRouter:
    """The routes under `/partner`."""
    router = APIRouter(
        prefix="/partner",
        tags=["submissions"],
        dependencies=[demand(Right.SPEAK_FOR_PARTNERS), Depends(unkept)],
    )

    @router.post("/submissions", summary="A partner's own submissions")
    async def list_submissions(body: schemas.SubmissionsRequest) -> schemas.PartnerSubmissions:
        """The newest first; none of a partner that handed nothing in."""
        begin = until(body.until) if body.until else None
        after = from_cursor(body.cursor) if body.cursor else begin
        rows = await submissions.page(
            body.partner_id,
            sandbox=body.sandbox,
            reference=body.reference,
            after=after,
            limit=body.limit + 1,
        )
        page, next_cursor = cut(rows, body.limit, "submitted_at")
        return schemas.PartnerSubmissions(
            submissions=[schemas.PartnerSubmission.model_validate(row) for row in page],
            next_cursor=next_cursor,
        )

    @router.post("/case", summary="One of a partner's own submissions")
    async def show_case(body: schemas.PartnerCaseRequest) -> schemas.PartnerCase:
        """Whole. 404 for an unknown code, another partner's and one of the other world alike."""
        found = await submissions.case(body.partner_id, body.code, sandbox=body.sandbox)
        return schemas.PartnerCase.model_validate(found)

    @router.post("/withdrawal", summary="Take a submission back")
    async def withdraw(body: schemas.WithdrawalRequest) -> schemas.PartnerCase:
        """Its case is closed and nobody is written to. 409 if it joined another case, or it is too late."""
        found = await submissions.withdraw(body.partner_id, body.code, body.version, sandbox=body.sandbox)
        return schemas.PartnerCase.model_validate(found)

    @router.post("/sandbox", status_code=HTTPStatus.CREATED, summary="Try a submission out")
    async def try_out(body: schemas.SandboxRequest) -> schemas.PartnerSubmission:
        """It is open at once and answered after five seconds; no desk ever sees it."""
        return schemas.PartnerSubmission.model_validate(await submissions.try_out(body.model_dump()))

    return router
