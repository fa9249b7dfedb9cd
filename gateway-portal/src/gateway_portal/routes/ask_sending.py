"""The last step: prove the number or not, join a case or not, and hand the message in once."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response

from bus.errors import NotAcceptedError
from gateway_portal.errors import CodesUnavailableError, RedisAwayError, TooManyError
from gateway_portal.handlers.drafts import Draft
from gateway_portal.repository.sessions import Sessions
from gateway_portal.routes.ask_pages import NOT_CHECKED, SIGNED_OUT, AskPages, Trouble, is_proved
from gateway_portal.routes.guard import SESSION_COOKIE, Visitor
from gateway_portal.routes.typed import Typed

NEW: Final = "new"
"""A message of its own, whatever else is open."""
JOIN: Final = "join:"
"""More of the case whose code follows."""
PROVE: Final = "prove"
UNPROVEN: Final = "unproven"
_LONGEST_CODE: Final = 40


def build(ask: AskPages, sessions: Sessions, *, secure: bool) -> APIRouter:
    """The routes `/ask/code` and `/ask/send`."""
    router = APIRouter()
    sending = _Sending(ask, sessions, secure=secure)

    @router.post("/code")
    async def send_code(request: Request, told: Typed, visitor: Visitor) -> Response:
        opened = ask.opened(told)
        if opened is None or opened.draft.id is None:
            return ask.stale(request)
        if opened.late:
            return ask.form(request, opened.draft, late=True)
        draft, trouble = await ask.with_code(request, visitor, opened.draft)
        return await ask.review(request, visitor, draft, trouble=trouble)

    @router.post("/send")
    async def send(request: Request, told: Typed, visitor: Visitor) -> Response:
        opened = ask.opened(told)
        if opened is None or opened.draft.id is None:
            return ask.stale(request)
        draft = opened.draft
        async with ask.asking.turn(str(draft.id)):
            if sent := ask.asking.sent(draft):
                return ask.sent(request, draft, sent)
            if opened.late:
                return ask.form(request, draft, late=True)
            return await sending.send(request, visitor, draft, told)

    return router


class _Sending:
    def __init__(self, ask: AskPages, sessions: Sessions, *, secure: bool) -> None:
        self._ask = ask
        self._sessions = sessions
        self._secure = secure

    async def send(self, request: Request, visitor: str, draft: Draft, told: Mapping[str, str]) -> Response:
        decision = told.get("do", "")
        if is_proved(request, draft):
            return await self._deliver(request, visitor, draft, decision)
        if decision == UNPROVEN:
            try:
                self._ask.asking.let_through(visitor)
            except TooManyError as error:
                limited = Trouble("limited", HTTPStatus.TOO_MANY_REQUESTS, error.seconds)
                return await self._ask.review(request, visitor, draft, trouble=limited)
            return await self._hand_in(request, draft, UNPROVEN)
        if decision != PROVE or draft.handle is None:
            return await self._ask.review(request, visitor, draft, trouble=SIGNED_OUT)
        return await self._prove(request, visitor, draft, told.get("code", "").strip()[:_LONGEST_CODE])

    async def _prove(self, request: Request, visitor: str, draft: Draft, typed: str) -> Response:
        if not typed:
            return await self._ask.review(request, visitor, draft, fault="code_missing")
        try:
            msisdn = await self._ask.codes.check(str(draft.handle), typed)
        except (CodesUnavailableError, RedisAwayError):
            return await self._ask.review(request, visitor, draft, trouble=NOT_CHECKED)
        if msisdn is None or msisdn != draft.msisdn:
            return await self._ask.review(request, visitor, draft, fault="code_wrong")
        token = await self._begin(msisdn, request.cookies.get(SESSION_COOKIE))
        request.state.person = msisdn
        # Sealed as proved: the code is spent, and whoever has to try again has no other.
        draft = draft.model_copy(update={"proved": True})
        response = await self._deliver(request, visitor, draft, PROVE)
        if token is not None:
            response.set_cookie(SESSION_COOKIE, token, httponly=True, samesite="lax", secure=self._secure)
        return response

    async def _begin(self, msisdn: str, before: str | None) -> str | None:
        """Signed in as well; a message does not wait for that."""
        try:
            await self._sessions.end(before)
            return await self._sessions.begin(msisdn)
        except RedisAwayError:
            return None

    async def _deliver(self, request: Request, visitor: str, draft: Draft, decision: str) -> Response:
        """Of a person whose number is proved: where they have a case of this topic, it is theirs to say."""
        joined = decision.removeprefix(JOIN)
        if decision == NEW or (decision.startswith(JOIN) and joined in draft.offered):
            return await self._hand_in(request, draft, decision)
        if await self._ask.asking.open_cases(str(draft.msisdn), draft.topic):
            return await self._ask.review(request, visitor, draft)
        return await self._hand_in(request, draft, NEW)

    async def _hand_in(self, request: Request, draft: Draft, decision: str) -> Response:
        joined = decision.removeprefix(JOIN) if decision.startswith(JOIN) else None
        try:
            sent = await self._ask.asking.hand_in(draft, proved=decision != UNPROVEN, joined=joined)
        except NotAcceptedError:
            return self._ask.again(request, draft, decision)
        return self._ask.sent(request, draft, sent)
