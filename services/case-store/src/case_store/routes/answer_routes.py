"""Standard answers: list, write, decide, retire; and the ones that fit a case."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from case_store.approval import Step
from case_store.cursors import from_cursor
from case_store.handlers.standard_answers import Draft, StandardAnswers
from case_store.handlers.suggestions import Suggestions
from case_store.model import AnswerState
from case_store.repository.answer_lists import Wanted
from case_store.routes.guard import Caller
from case_store.routes.parameters import Code, Cursor, IfMatch, Limit, cut, version_of
from case_store.schemas import answers as schemas
from envelope.models import Language
from envelope.taxonomy import Topic
from persian.search import search_key, search_terms

Number = Annotated[int, Path(ge=1, description="Of the version.")]


def build(answers: StandardAnswers, suggestions: Suggestions) -> APIRouter:
    """The routes under `/answers`, and `/cases/{code}/suggestions`."""
    router = APIRouter(tags=["standard answers"])

    async def whole(actor: Caller, answer_id: UUID, response: Response) -> schemas.AnswerGiven:
        found = await answers.find(actor, answer_id)
        response.headers["ETag"] = f'"{found["version"]}"'
        return schemas.AnswerGiven.model_validate(found)

    @router.get("/answers", summary="List standard answers")
    async def list_answers(  # noqa: PLR0913, PLR0917  (one parameter a filter)
        actor: Caller,
        topic: Annotated[Topic | None, Query(description="What they answer.")] = None,
        q: Annotated[str | None, Query(max_length=200, description="Words, however spelled.")] = None,
        state: Annotated[AnswerState | None, Query(description="Having a version so far come.")] = None,
        language: Annotated[Language | None, Query(description="Of the version.")] = None,
        shortcut: Annotated[str | None, Query(max_length=31, description="Exactly this one.")] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> schemas.AnswerPage:
        """Whoever may write or approve sees all of them; everybody else what is offered today."""
        terms = search_terms(q or "")
        if q and not terms:
            return schemas.AnswerPage(answers=[], next_cursor=None)
        wanted = Wanted(topic, state, language, shortcut, terms, search_key(q or ""))
        rows = await answers.page(actor, wanted, from_cursor(cursor) if cursor else None, limit + 1)
        page, next_cursor = cut(rows, limit, "created_at")
        shown = [schemas.AnswerSummary.model_validate(row) for row in page]
        return schemas.AnswerPage(answers=shown, next_cursor=None if terms else next_cursor)

    @router.post("/answers", status_code=HTTPStatus.CREATED, summary="Write a standard answer")
    async def write(actor: Caller, body: schemas.AnswerRequest, response: Response) -> schemas.AnswerGiven:
        """Its first version is a draft: submit it, and somebody else approves it."""
        about = (body.topic, body.kind, body.shortcut)
        return await whole(actor, await answers.write(actor, *about, _draft(body)), response)

    @router.get("/answers/{answer_id}", summary="A standard answer with its versions")
    async def show(actor: Caller, answer_id: UUID, response: Response) -> schemas.AnswerGiven:
        """The newest version first; the highest number that is offered is the one that is used."""
        return await whole(actor, answer_id, response)

    @router.post(
        "/answers/{answer_id}/versions", status_code=HTTPStatus.CREATED, summary="Write a new version"
    )
    async def add_version(
        actor: Caller,
        answer_id: UUID,
        body: schemas.VersionRequest,
        response: Response,
        if_match: IfMatch = None,
    ) -> schemas.AnswerGiven:
        """A draft; what is offered stays offered until this one is approved and valid."""
        await answers.add_version(actor, answer_id, _draft(body), version_of(if_match))
        return await whole(actor, answer_id, response)

    @router.post("/answers/{answer_id}/versions/{number}/{step}", summary="Move a version on")
    async def decide(  # noqa: PLR0913, PLR0917  (what the path and the headers say)
        actor: Caller,
        answer_id: UUID,
        number: Number,
        step: Step,
        response: Response,
        body: schemas.DecisionRequest | None = None,
        if_match: IfMatch = None,
    ) -> schemas.AnswerGiven:
        """`submit`, `approve`, `refuse` or `withdraw`; nobody approves what they wrote."""
        reason = body.reason if body else None
        await answers.decide(actor, answer_id, number, step, reason, version_of(if_match))
        return await whole(actor, answer_id, response)

    @router.post("/answers/{answer_id}/retire", summary="Offer an answer no more")
    async def retire(
        actor: Caller, answer_id: UUID, response: Response, if_match: IfMatch = None
    ) -> schemas.AnswerGiven:
        """For good; its shortcut is free again."""
        await answers.retire(actor, answer_id, version_of(if_match))
        return await whole(actor, answer_id, response)

    @router.get("/cases/{tracking_code}/suggestions", summary="Standard answers that fit a case")
    async def suggest(actor: Caller, tracking_code: Code) -> schemas.Suggestions:
        """The same topic first, then the words of the person's latest message, then what is used most."""
        rows = await suggestions.of_case(actor, tracking_code)
        return schemas.Suggestions(suggestions=[schemas.Suggestion.model_validate(row) for row in rows])

    return router


def _draft(body: schemas.VersionRequest) -> Draft:
    return Draft(body.title, body.text, body.language, body.valid_from, body.valid_to)
