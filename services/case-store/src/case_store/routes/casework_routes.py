"""What staff do to a case: claim, release, assign, reply, note, close, reopen, reclassify, link, draft."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from case_store.handlers.casework import Casework
from case_store.handlers.sorting import Sorted
from case_store.handlers.staff import AnswerUsed
from case_store.repository.corrections import Class
from case_store.routes.guard import Caller
from case_store.routes.parameters import Code, IdempotencyKey, IfMatch, unquoted, version_of
from case_store.routes.shown import shown
from case_store.schemas.beside import DraftGiven, NoteGiven
from case_store.schemas.cases import CaseGiven
from case_store.schemas.casework import (
    AssignRequest,
    DraftRequest,
    LinkRequest,
    NoteRequest,
    ReclassifyRequest,
    ReopenRequest,
)
from case_store.schemas.conversation import OutboundGiven
from case_store.schemas.requests import CloseRequest, ReplyRequest


def build(work: Casework) -> APIRouter:
    """The routes under `/cases/{code}` that change something."""
    router = APIRouter(prefix="/cases/{tracking_code}", tags=["cases"])
    _holding(router, work)
    _talking(router, work)
    _ending(router, work)
    _sorting(router, work)
    _drafting(router, work)
    return router


def _holding(router: APIRouter, work: Casework) -> None:
    @router.post("/claim", summary="Take a case")
    async def claim(
        actor: Caller, tracking_code: Code, response: Response, if_match: IfMatch = None
    ) -> CaseGiven:
        """Of two at once one gets it; the other gets 409 with `holder` and `since`."""
        await work.claims.claim(actor, tracking_code, version_of(if_match))
        return await shown(work.cases, actor, tracking_code, response)

    @router.post("/release", summary="Let go of a case")
    async def release(
        actor: Caller, tracking_code: Code, response: Response, if_match: IfMatch = None
    ) -> CaseGiven:
        """One's own, or anybody's with the right to assign."""
        await work.claims.release(actor, tracking_code, version_of(if_match))
        return await shown(work.cases, actor, tracking_code, response)

    @router.post("/assign", summary="Give a case to a colleague")
    async def assign(
        actor: Caller, tracking_code: Code, body: AssignRequest, response: Response, if_match: IfMatch = None
    ) -> CaseGiven:
        """To one who works at its desk, whoever has it now; null gives it to nobody."""
        await work.claims.assign(actor, tracking_code, body.staff_id, body.author, version_of(if_match))
        return await shown(work.cases, actor, tracking_code, response)


def _talking(router: APIRouter, work: Casework) -> None:
    @router.post("/replies", status_code=HTTPStatus.CREATED, summary="Write to the person")
    async def reply(
        actor: Caller,
        tracking_code: Code,
        body: ReplyRequest,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> OutboundGiven:
        """By SMS to the number the person last wrote from. The same reply_id or key writes once.

        With `If-Match`, whoever is second of two gets 412; its `since` tells who did what meanwhile.
        """
        given = str(body.reply_id) if body.reply_id else unquoted(idempotency_key or "")
        sent = await work.staff.reply(
            actor,
            tracking_code,
            body.text,
            body.author,
            key=given or None,
            version=version_of(if_match),
            answer=_used(body),
            awaits_citizen=body.awaits_citizen,
        )
        return OutboundGiven.model_validate(sent)

    @router.post("/notes", status_code=HTTPStatus.CREATED, summary="Note something for colleagues")
    async def note(
        actor: Caller, tracking_code: Code, body: NoteRequest, if_match: IfMatch = None
    ) -> NoteGiven:
        """The person never sees it."""
        written = await work.staff.note(actor, tracking_code, body.text, body.author, version_of(if_match))
        return NoteGiven.model_validate(written)


def _ending(router: APIRouter, work: Casework) -> None:
    @router.post("/close", summary="Close a case")
    async def close(
        actor: Caller, tracking_code: Code, body: CloseRequest, response: Response, if_match: IfMatch = None
    ) -> CaseGiven:
        """Closing a closed case changes nothing. A reply within the reopen window opens it again."""
        await work.staff.close(
            actor, tracking_code, body.reason, body.author, notify=body.notify, version=version_of(if_match)
        )
        return await shown(work.cases, actor, tracking_code, response)

    @router.post("/reopen", summary="Open a closed or answered case again")
    async def reopen(
        actor: Caller, tracking_code: Code, body: ReopenRequest, response: Response, if_match: IfMatch = None
    ) -> CaseGiven:
        """It goes back to whoever had it, with a new deadline."""
        await work.staff.reopen(actor, tracking_code, body.reason, body.author, version_of(if_match))
        return await shown(work.cases, actor, tracking_code, response)


def _sorting(router: APIRouter, work: Casework) -> None:
    @router.post("/reclassification", summary="Say what a case is really about")
    async def reclassify(
        actor: Caller,
        tracking_code: Code,
        body: ReclassifyRequest,
        response: Response,
        if_match: IfMatch = None,
    ) -> CaseGiven:
        """It moves to the desk of its new section, and the classifier learns from it."""
        wanted = Sorted(Class(body.topic, body.kind, body.audience), body.province, body.desk)
        await work.sorting.reclassify(actor, tracking_code, wanted, body.author, version_of(if_match))
        return await shown(work.cases, actor, tracking_code, response, anywhere=True)

    @router.post("/links", status_code=HTTPStatus.CREATED, summary="Link two cases")
    async def link(
        actor: Caller, tracking_code: Code, body: LinkRequest, response: Response, if_match: IfMatch = None
    ) -> CaseGiven:
        """Seen from both."""
        await work.links.link(
            actor, tracking_code, body.other_code, body.relation, body.author, version_of(if_match)
        )
        return await shown(work.cases, actor, tracking_code, response)

    @router.delete("/links/{other_code}", summary="Link them no longer")
    async def unlink(
        actor: Caller, tracking_code: Code, other_code: Code, response: Response, if_match: IfMatch = None
    ) -> CaseGiven:
        """From either end."""
        await work.links.unlink(actor, tracking_code, other_code, version=version_of(if_match))
        return await shown(work.cases, actor, tracking_code, response)


def _drafting(router: APIRouter, work: Casework) -> None:
    @router.put("/draft", summary="Keep what is being written")
    async def keep_draft(actor: Caller, tracking_code: Code, body: DraftRequest) -> DraftGiven:
        """One for each member of the staff; sending the reply deletes it."""
        saved_at = await work.drafts.keep(actor, tracking_code, body.text)
        return DraftGiven(text=body.text, saved_at=saved_at)

    @router.delete("/draft", status_code=HTTPStatus.NO_CONTENT, summary="Let a draft go")
    async def drop_draft(actor: Caller, tracking_code: Code) -> None:
        """The caller's own; one that is not there may go as well."""
        await work.drafts.drop(actor, tracking_code)


def _used(body: ReplyRequest) -> AnswerUsed | None:
    if body.answer_id is None or body.answer_number is None:
        return None
    return AnswerUsed(body.answer_id, body.answer_number)
