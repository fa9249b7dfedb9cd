"""Referrals: ask, watch, answer, return, forward, recall."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from case_store.cursors import from_cursor
from case_store.handlers.referrals.asking import Question
from case_store.handlers.referrals.verbs import Referrals
from case_store.handlers.referrals.watch import Watch
from case_store.model import ReferralState
from case_store.routes.guard import Caller
from case_store.routes.parameters import Code, Cursor, IfMatch, Limit, cut, version_of
from case_store.schemas.referrals import (
    AnswerRequest,
    AskRequest,
    ForwardRequest,
    ReasonRequest,
    ReferralPage,
    ReferralSummary,
    ReferralWhole,
)
from case_store.staffing import Actor


def build(referrals: Referrals, watch: Watch) -> APIRouter:
    """The routes under `/cases/{code}/referrals` and `/referrals`."""
    router = APIRouter(tags=["referrals"])

    @router.post(
        "/cases/{tracking_code}/referrals",
        status_code=HTTPStatus.CREATED,
        summary="Ask an expert or a liaison",
    )
    async def ask(
        actor: Caller, tracking_code: Code, body: AskRequest, response: Response, if_match: IfMatch = None
    ) -> ReferralWhole:
        """The case is referred until the last open question of it is settled."""
        question = Question(body.tier, body.unit_id, body.question, body.assignee_id)
        if body.parent_id is None:
            asked = await referrals.ask(actor, tracking_code, question, version_of(if_match))
        else:
            asked = await referrals.ask_below(
                actor, body.parent_id, question, code=tracking_code, version=version_of(if_match)
            )
        return await _whole(watch, actor, asked, response)

    @router.get("/referrals", summary="Watch referrals, the nearest deadline first")
    async def list_referrals(  # noqa: PLR0913, PLR0917  (one parameter a filter)
        actor: Caller,
        unit: Annotated[str | None, Query(max_length=100, description="Who is asked.")] = None,
        state: Annotated[ReferralState, Query(description="Where it stands.")] = ReferralState.OPEN,
        overdue: Annotated[bool, Query(description="Only those past their deadline.")] = False,  # noqa: FBT002
        mine: Annotated[bool, Query(description="Only those with the caller, or asked by them.")] = False,  # noqa: FBT002
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> ReferralPage:
        """Those within reach: of the caller's units and of their desks' cases. The open ones by default."""
        after = from_cursor(cursor) if cursor else None
        rows = await watch.page(
            actor, state=state, unit=unit, overdue=overdue, mine=mine, after=after, limit=limit + 1
        )
        page, next_cursor = cut(rows, limit, "due_at")
        return ReferralPage(
            referrals=[ReferralSummary.model_validate(row) for row in page], next_cursor=next_cursor
        )

    @router.get("/referrals/{referral_id}", summary="A referral and its line")
    async def show(actor: Caller, referral_id: UUID, response: Response) -> ReferralWhole:
        """With the questions that led to it and what was asked because of it."""
        return await _whole(watch, actor, referral_id, response)

    @router.post("/referrals/{referral_id}/claim", summary="Take a referral on")
    async def claim(
        actor: Caller, referral_id: UUID, response: Response, if_match: IfMatch = None
    ) -> ReferralWhole:
        """409 with who has it if a colleague does; claiming it twice changes nothing."""
        await referrals.claim(actor, referral_id, version_of(if_match))
        return await _whole(watch, actor, referral_id, response)

    @router.post("/referrals/{referral_id}/answer", summary="Answer a referral")
    async def answer(
        actor: Caller, referral_id: UUID, body: AnswerRequest, response: Response, if_match: IfMatch = None
    ) -> ReferralWhole:
        """Back to whoever asked. Of two at once one is taken; the other is told who was first (409)."""
        await referrals.answer(actor, referral_id, body.text, version_of(if_match))
        return await _whole(watch, actor, referral_id, response)

    @router.post("/referrals/{referral_id}/return", summary="Send a referral back unanswered")
    async def send_back(
        actor: Caller, referral_id: UUID, body: ReasonRequest, response: Response, if_match: IfMatch = None
    ) -> ReferralWhole:
        """Not this unit's, or more is needed: the reason goes back to whoever asked."""
        await referrals.send_back(actor, referral_id, body.reason, version_of(if_match))
        return await _whole(watch, actor, referral_id, response)

    @router.post("/referrals/{referral_id}/forward", summary="Send a referral on to another unit")
    async def forward(
        actor: Caller, referral_id: UUID, body: ForwardRequest, response: Response, if_match: IfMatch = None
    ) -> ReferralWhole:
        """Its question goes on below it; what comes back there opens it again at this unit."""
        question = Question(body.tier, body.unit_id, body.question)
        await referrals.forward(actor, referral_id, question, version_of(if_match))
        return await _whole(watch, actor, referral_id, response)

    @router.post("/referrals/{referral_id}/recall", summary="Take a referral back")
    async def recall(
        actor: Caller, referral_id: UUID, body: ReasonRequest, response: Response, if_match: IfMatch = None
    ) -> ReferralWhole:
        """By whoever asked or a supervisor; what was asked because of it is taken back as well."""
        await referrals.recall(actor, referral_id, body.reason, version_of(if_match))
        return await _whole(watch, actor, referral_id, response)

    return router


async def _whole(watch: Watch, actor: Actor, referral_id: UUID, response: Response) -> ReferralWhole:
    given = ReferralWhole.model_validate(await watch.find(actor, referral_id))
    response.headers["ETag"] = f'"{given.version}"'
    return given
