"""Cases: list, look, take down a telephone call or a visit."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response

from case_store.cursors import from_cursor
from case_store.handlers.casework import Casework
from case_store.plan.taken_down import TakenDown
from case_store.repository.filters import Order
from case_store.routes.filters import CaseFilters
from case_store.routes.guard import Caller
from case_store.routes.parameters import Code, Cursor, IdempotencyKey, Limit, cut, unquoted
from case_store.routes.shown import shown
from case_store.schemas.cases import CaseGiven, CasePage, CaseRegistered, CaseSummary
from case_store.schemas.casework import RegisterRequest


def build(work: Casework) -> APIRouter:
    """The routes under `/cases` that look, and the one that makes a case."""
    router = APIRouter(prefix="/cases", tags=["cases"])

    @router.get("", summary="List cases, the newest or the most urgent first")
    async def list_cases(
        actor: Caller,
        filters: CaseFilters,
        order: Annotated[
            Order, Query(description="`due` lists undecided cases, the nearest deadline first.")
        ] = Order.NEWEST,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> CasePage:
        """Those within reach. Keyset paging: rows added meanwhile neither repeat nor hide one."""
        after = from_cursor(cursor) if cursor else None
        rows = await work.cases.page(actor, filters, after, limit + 1, order)
        page, next_cursor = cut(rows, limit, "position")
        return CasePage(cases=[CaseSummary.model_validate(row) for row in page], next_cursor=next_cursor)

    @router.get("/{tracking_code}", summary="A case whole")
    async def show_case(actor: Caller, tracking_code: Code, response: Response) -> CaseGiven:
        """With its person, messages, answers with their delivery, and history. An alias finds it too."""
        return await shown(work.cases, actor, tracking_code, response)

    @router.post("", status_code=HTTPStatus.CREATED, summary="Take down a telephone call or a visit")
    async def register(
        actor: Caller, body: RegisterRequest, response: Response, idempotency_key: IdempotencyKey = None
    ) -> CaseRegistered:
        """A new case, or more on the one that is named; `similar` are the person's other open ones."""
        taken = body.model_dump(exclude={"address", "author"})
        code = await work.registration.register(
            actor,
            TakenDown(**taken, number=body.address),
            body.author,
            unquoted(idempotency_key or "") or None,
        )
        case = await work.cases.find(actor, code, anywhere=True)
        response.headers["ETag"] = f'"{case["version"]}"'
        return CaseRegistered.model_validate(
            {**case, "similar": await work.registration.similar(actor, code)}
        )

    return router
