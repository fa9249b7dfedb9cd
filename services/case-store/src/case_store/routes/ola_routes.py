"""Allowances, and what they come to: the table of OLAs, and a case's deadlines day by day."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from case_store.handlers.deadlines import Deadlines
from case_store.handlers.olas import Olas
from case_store.routes.calendar_routes import day_given
from case_store.routes.guard import Caller
from case_store.routes.parameters import Code, IfMatch, version_of
from case_store.schemas.deadlines import ClockGiven, DeadlinesGiven, ExplanationGiven, PauseGiven
from case_store.schemas.worktime import OlaGiven, OlaRequest
from case_store.worktime.clock import Clock
from case_store.worktime.explain import Explanation


def build(olas: Olas, deadlines: Deadlines) -> APIRouter:
    """The routes under `/olas`, and `/cases/{tracking_code}/deadlines`."""
    router = APIRouter(tags=["working time"])

    @router.get("/olas", summary="The table of allowances")
    async def list_olas() -> list[OlaGiven]:
        """The most specific row of a tier speaks: channel before topic before kind before section."""
        return [OlaGiven.model_validate(row) for row in await olas.all()]

    @router.post("/olas", status_code=HTTPStatus.CREATED, summary="Add an allowance")
    async def add_ola(actor: Caller, body: OlaRequest, response: Response) -> OlaGiven:
        """Running deadlines follow within the minute."""
        return _answered(response, await olas.put(actor, body.model_dump()))

    @router.put("/olas/{ola_id}", summary="Change an allowance")
    async def change_ola(
        actor: Caller, ola_id: UUID, body: OlaRequest, response: Response, if_match: IfMatch = None
    ) -> OlaGiven:
        """Whole: what is left out fits everything."""
        version = version_of(if_match)
        return _answered(response, await olas.put(actor, body.model_dump(), ola_id=ola_id, version=version))

    @router.delete("/olas/{ola_id}", status_code=HTTPStatus.NO_CONTENT, summary="Take an allowance away")
    async def remove_ola(actor: Caller, ola_id: UUID, if_match: IfMatch = None) -> None:
        """A less specific row speaks from now on; where none does, the law's ten working days."""
        await olas.remove(actor, ola_id, version=version_of(if_match))

    @router.get("/cases/{tracking_code}/deadlines", summary="Why a case is due when it is", tags=["cases"])
    async def show_deadlines(actor: Caller, tracking_code: Code) -> DeadlinesGiven:
        """Each of its clocks with every day from its beginning to its deadline, what counted and why."""
        case, told = await deadlines.of_case(actor, tracking_code)
        clocks = [_clock_given(clock, explanation) for clock, explanation in told]
        return DeadlinesGiven(tracking_code=case.tracking_code, due_at=case.due_at, clocks=clocks)

    return router


def _answered(response: Response, row: Mapping[str, Any]) -> OlaGiven:
    given = OlaGiven.model_validate(row)
    response.headers["ETag"] = f'"{given.version}"'
    return given


def _clock_given(clock: Clock, found: Explanation) -> ClockGiven:
    pauses = [PauseGiven(begin=begin, end=end) for begin, end in clock.pauses]
    if clock.paused_at is not None:
        pauses.append(PauseGiven(begin=clock.paused_at, end=None))
    names = ("id", "referral_id", "tier", "opened_at", "started_at", "warn_at", "due_at")
    told = {name: getattr(clock, name) for name in (*names, "warned_at", "breached_at", "stopped_at")}
    terms = {"allowance": clock.terms.allowance, "unit": clock.terms.unit}
    explanation = _explanation_given(found, current=found.due_at == clock.due_at)
    return ClockGiven.model_validate({**told, **terms, "pauses": pauses, "explanation": explanation})


def _explanation_given(found: Explanation, *, current: bool) -> ExplanationGiven:
    days = [
        {**day_given(of.day), "counted": of.counted, "days": of.days, "minutes": round(of.seconds / 60, 2)}
        for of in found.days
    ]
    return ExplanationGiven.model_validate(
        {
            "due_at": found.due_at,
            "law_due_at": found.law_due_at,
            "by_law": found.by_law,
            "current": current,
            "days": days,
        }
    )
