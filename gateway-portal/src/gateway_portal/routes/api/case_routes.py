"""How a partner's own submissions stand, and taking one back."""

from fastapi import APIRouter, Depends, Response

from gateway_portal.handlers.looking_back import LookingBack
from gateway_portal.handlers.partner_book import PartnerBook
from gateway_portal.model import Scope
from gateway_portal.repository.once import Once
from gateway_portal.routes.api.guard import Partner, counted, partner_key
from gateway_portal.routes.api.parameters import (
    Code,
    IfMatch,
    IfNoneMatch,
    code_of,
    holds,
    tag_of,
    version_of,
)
from gateway_portal.schemas.api.cases import Case
from gateway_portal.schemas.partners import PartnerCase


def build(book: PartnerBook, looking_back: LookingBack, once: Once) -> APIRouter:
    """The routes under `/cases`."""
    router = APIRouter(prefix="/cases", tags=["cases"], dependencies=[Depends(counted(book, once))])

    @router.get(
        "/{tracking_code}",
        response_model=Case,
        dependencies=[Depends(partner_key(book, Scope.READ))],
        operation_id="showCase",
        summary="See how it stands",
    )
    async def show_case(caller: Partner, tracking_code: Code, if_none_match: IfNoneMatch = None) -> Response:
        """With our answers, where it opened a case of its own; `received` until one of us could see it."""
        case = await looking_back.case(caller, code_of(tracking_code))
        if holds(if_none_match, case.version):
            return Response(status_code=304, headers={"ETag": tag_of(case.version)})
        return _shown(case)

    @router.post(
        "/{tracking_code}/withdrawal",
        response_model=Case,
        dependencies=[Depends(partner_key(book, Scope.CANCEL))],
        operation_id="withdraw",
        summary="Take it back",
    )
    async def withdraw(caller: Partner, tracking_code: Code, if_match: IfMatch = None) -> Response:
        """The case is closed as withdrawn, and nobody is written to. Not once it was answered or closed."""
        return _shown(await looking_back.withdraw(caller, code_of(tracking_code), version_of(if_match)))

    return router


def _shown(case: PartnerCase) -> Response:
    return Response(
        case.model_dump_json(), headers={"ETag": tag_of(case.version)}, media_type="application/json"
    )
