"""Put a question or complaint, page by page, without a script; each choice is an address that can be kept."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar

from fastapi import APIRouter, Request, Response

from envelope.taxonomy import SECTION_OF, Kind, Section, Topic
from gateway_portal.handlers.asking import KINDS, Asking
from gateway_portal.handlers.drafts import Draft
from gateway_portal.handlers.enclosing import Enclosing
from gateway_portal.handlers.one_time_codes import OneTimeCodes
from gateway_portal.pages import Pages, language_of
from gateway_portal.repository.sessions import Sessions
from gateway_portal.routes import ask_sending, ask_writing
from gateway_portal.routes.ask_pages import PATH, STEPS, AskPages
from gateway_portal.settings import GatewayPortalSettings

Term = TypeVar("Term", bound=StrEnum)
_READ: Final = "read"
"""In the address of whoever has seen the standard answer and writes all the same."""


class Choice(NamedTuple):
    """What was chosen so far, by the address."""

    kind: Kind | None
    section: Section | None
    topic: Topic | None
    unknown: bool
    """Something in the address is none of ours."""

    @property
    def step(self) -> str:
        """What is to be chosen now."""
        if self.kind is None:
            return "kind"
        return "section" if self.section is None else "topic"


def build(
    pages: Pages,
    asking: Asking,
    enclosing: Enclosing,
    codes: OneTimeCodes,
    sessions: Sessions,
    settings: GatewayPortalSettings,
) -> APIRouter:
    """The routes under `/ask`."""
    ask = AskPages(pages, asking, codes, settings.largest_file_mb)
    router = APIRouter(prefix=PATH)
    _choosing(router, ask)
    router.include_router(ask_writing.build(ask, enclosing))
    router.include_router(ask_sending.build(ask, sessions, secure=settings.secure))
    return router


def _choosing(router: APIRouter, ask: AskPages) -> None:
    pages, asking = ask.pages, ask.asking

    @router.get("")
    async def choose(request: Request) -> Response:
        choice = _chosen(request)
        if choice.kind is None or choice.section is None or choice.topic is None:
            return pages.render(request, "ask/choose.html", choice=choice, steps=STEPS, ask_kinds=KINDS)
        if request.query_params.get("answer") != _READ:
            answer = await asking.answer(choice.topic, language_of(request))
            if answer is not None:
                return pages.render(request, "ask/answer.html", choice=choice, steps=STEPS, answer=answer)
        return ask.form(request, Draft(kind=choice.kind, topic=choice.topic, text=""))

    @router.get("/helped")
    async def helped(request: Request) -> Response:
        return pages.render(request, "ask/helped.html", path=PATH, choice=_chosen(request))

    @router.get("/write")
    @router.get("/edit")
    @router.get("/code")
    @router.get("/send")
    async def begin_anew(request: Request) -> Response:
        """Pages that come of a form alone: somebody kept their address."""
        return pages.redirect(request, PATH)


def _chosen(request: Request) -> Choice:
    told = request.query_params
    kind, topic = _term(Kind, told.get("kind"), KINDS), _term(Topic, told.get("topic"), list(Topic))
    section = _term(Section, told.get("section"), list(Section))
    if section is None and topic is not None:
        section = SECTION_OF[topic]
    if topic is not None and SECTION_OF[topic] is not section:
        topic = None
    found = {"kind": kind, "section": section, "topic": topic}
    return Choice(kind, section, topic, any(told.get(name) and not found[name] for name in found))


def _term(terms: type[Term], value: str | None, allowed: Collection[Term]) -> Term | None:
    try:
        term = terms(value or "")
    except ValueError:
        return None
    return term if term in allowed else None
