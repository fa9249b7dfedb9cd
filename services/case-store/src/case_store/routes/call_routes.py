"""Calling people: the task of a case, its tries, and the calls that a gateway makes for agents."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Response

from case_store.handlers.call_backs import CallBacks
from case_store.handlers.calls import Calls
from case_store.handlers.casework import Casework
from case_store.routes.guard import Caller, demand
from case_store.routes.parameters import Code, IfMatch, version_of
from case_store.routes.shown import shown
from case_store.schemas import call_backs as schemas
from case_store.schemas.cases import CaseGiven
from case_store.staffing import Right
from envelope.models import Attachment


def build(work: Casework) -> APIRouter:
    """The routes under `/cases/{code}/call-back`, `/cases/{code}/calls` and `/calls`."""
    router = APIRouter(tags=["calls"])
    router.include_router(_tasks(work, work.call_backs))
    router.include_router(_settling(work, work.call_backs))
    router.include_router(_making(work, work.calls))
    router.include_router(_gateway(work.calls))
    return router


def _tasks(work: Casework, tasks: CallBacks) -> APIRouter:
    router = APIRouter(prefix="/cases/{tracking_code}/call-back")

    @router.post("", summary="Have the person called back")
    async def ask(
        actor: Caller,
        tracking_code: Code,
        body: schemas.CallBackRequest,
        response: Response,
        if_match: IfMatch = None,
    ) -> CaseGiven:
        """One task a case: of one that is live it changes the number, and when to call."""
        await tasks.ask(actor, tracking_code, body, version_of(if_match))
        return await shown(work.cases, actor, tracking_code, response)

    @router.post("/tries", status_code=HTTPStatus.CREATED, summary="Log that the person was called")
    async def log(
        actor: Caller,
        tracking_code: Code,
        body: schemas.TryRequest,
        response: Response,
        if_match: IfMatch = None,
    ) -> CaseGiven:
        """Without an answer it leaves the list for a while; after a wrong number it waits for another."""
        await tasks.tried(actor, tracking_code, body, version_of(if_match))
        return await shown(work.cases, actor, tracking_code, response)

    return router


def _settling(work: Casework, tasks: CallBacks) -> APIRouter:
    router = APIRouter(prefix="/cases/{tracking_code}/call-back")

    @router.post("/done", summary="The person was told on the telephone")
    async def done(
        actor: Caller,
        tracking_code: Code,
        body: schemas.DoneRequest,
        response: Response,
        if_match: IfMatch = None,
    ) -> CaseGiven:
        """The answer of the case; nothing is sent."""
        await tasks.done(actor, tracking_code, body, version_of(if_match))
        return await shown(work.cases, actor, tracking_code, response)

    @router.post("/give-up", summary="Stop calling the person")
    async def give_up(
        actor: Caller,
        tracking_code: Code,
        response: Response,
        body: schemas.GiveUpRequest | None = None,
        if_match: IfMatch = None,
    ) -> CaseGiven:
        """After so many tries without an answer; they are written to once, and the clock waits for them."""
        author = body.author if body else None
        await tasks.give_up(actor, tracking_code, author, version_of(if_match))
        return await shown(work.cases, actor, tracking_code, response)

    return router


def _making(work: Casework, calls: Calls) -> APIRouter:
    router = APIRouter(prefix="/cases/{tracking_code}/calls")

    @router.post("", status_code=HTTPStatus.CREATED, summary="Call the person")
    async def call(
        actor: Caller,
        tracking_code: Code,
        response: Response,
        body: schemas.CallRequest | None = None,
        if_match: IfMatch = None,
    ) -> CaseGiven:
        """The caller's own telephone rings first; one call at a time. The try is logged by itself."""
        number = body.number if body else None
        await calls.ask(actor, tracking_code, number, version_of(if_match))
        return await shown(work.cases, actor, tracking_code, response)

    return router


def _gateway(calls: Calls) -> APIRouter:
    router = APIRouter(prefix="/calls", dependencies=[demand(Right.OPERATE)])

    @router.post("/claims", summary="Claim calls to make")
    async def claim(actor: Caller, body: schemas.CallsRequest, response: Response) -> schemas.CallsToMake:
        """For the gateway, every second. What nothing is said of within ten seconds is given out again."""
        response.headers["Cache-Control"] = "no-store"
        rows = await calls.claim(actor, body.limit)
        return schemas.CallsToMake(calls=[schemas.CallToMake.model_validate(row) for row in rows])

    @router.post("/{call_id}/progress", status_code=HTTPStatus.NO_CONTENT, summary="How far a call has come")
    async def progress(actor: Caller, call_id: UUID, body: schemas.ProgressRequest) -> None:
        """Forward only; what is told again or too late changes nothing."""
        await calls.progress(actor, call_id, body)

    @router.post(
        "/{call_id}/recording", status_code=HTTPStatus.NO_CONTENT, summary="What was recorded of a call"
    )
    async def record(actor: Caller, call_id: UUID, body: Attachment) -> None:
        """Its bytes are in the object store by then."""
        await calls.keep_recording(actor, call_id, body)

    return router
