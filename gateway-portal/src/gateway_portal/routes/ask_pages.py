"""The pages under `/ask` that carry a draft: the form, the last look, what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, NamedTuple

import segno
from fastapi import Request, Response

from envelope.taxonomy import SECTION_OF
from gateway_portal.errors import CodesUnavailableError, RedisAwayError, TooManyError
from gateway_portal.handlers.asking import KINDS, Asking, Sent
from gateway_portal.handlers.drafts import Draft, Opened
from gateway_portal.handlers.one_time_codes import OneTimeCodes
from gateway_portal.pages import Pages, language_of
from gateway_portal.routes.uploading import MOST_FILES
from gateway_portal.schemas import CaseSummary
from gateway_portal.words import say

STEPS: Final = 5
PATH: Final = "/ask"
_RETRY: Final = {"Retry-After": "60"}


class Trouble(NamedTuple):
    """What the page of the last look says above everything else."""

    words: str
    """Its sentences, under `ask.review.`"""
    status: int = HTTPStatus.OK
    seconds: int = 0
    """Until it may be tried again."""


NOT_CHECKED: Final = Trouble("not_checked", HTTPStatus.SERVICE_UNAVAILABLE)
SIGNED_OUT: Final = Trouble("signed_out")


@dataclass(frozen=True, slots=True)
class AskPages:
    """What they are made of."""

    pages: Pages
    asking: Asking
    codes: OneTimeCodes
    largest_file_mb: int

    def opened(self, told: Mapping[str, str]) -> Opened | None:
        """The draft that a page sent back."""
        return self.asking.drafts.open(told.get("draft", ""))

    def form(
        self,
        request: Request,
        draft: Draft,
        *,
        mobile: str = "",
        faults: Mapping[str, str] | None = None,
        late: bool = False,
    ) -> Response:
        """The page where one writes, with all that is filled in so far."""
        return self.pages.render(
            *(request, "ask/write.html", HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK),
            path=PATH,
            steps=STEPS,
            draft=draft,
            section=SECTION_OF[draft.topic],
            sealed=self.asking.drafts.seal(draft),
            mobile=mobile or (draft.msisdn or "").replace("+98", "0"),
            faults=faults or {},
            late=late,
            ask_kinds=KINDS,
            most_files=MOST_FILES,
            largest_file_mb=self.largest_file_mb,
        )

    async def review(
        self, request: Request, visitor: str, draft: Draft, *, fault: str = "", trouble: Trouble | None = None
    ) -> Response:
        """The last look, with what is still needed: a code, a choice, or nothing."""
        cases: Sequence[CaseSummary] = []
        if proved := is_proved(request, draft):
            cases = await self.asking.open_cases(str(draft.msisdn), draft.topic)
            draft = draft.model_copy(update={"offered": tuple(case.tracking_code for case in cases)})
        elif draft.handle is None:
            draft, unsent = await self.with_code(request, visitor, draft)
            trouble = unsent or trouble
        faults = {"code": say(language_of(request), f"ask.fault.{fault}")} if fault else {}
        return self.pages.render(
            *(request, "ask/review.html", _status(fault, trouble), _headers(trouble)),
            path=PATH,
            steps=STEPS,
            draft=draft,
            sealed=self.asking.drafts.seal(draft),
            proved=proved,
            cases=cases,
            faults=faults,
            trouble=trouble,
        )

    async def with_code(self, request: Request, visitor: str, draft: Draft) -> tuple[Draft, Trouble | None]:
        """A one-time code is sent; where none can be, the one before may still be typed."""
        msisdn = str(draft.msisdn)
        try:
            async with self.asking.turn(msisdn):
                handle = await self.codes.send(msisdn, visitor, language_of(request))
                self.asking.remember_code(msisdn, visitor, handle)
        except TooManyError as error:
            if draft.handle is None and (waiting := await self._waiting(msisdn, visitor)):
                return draft.model_copy(update={"handle": waiting}), None
            return draft, Trouble("wait", seconds=error.seconds)
        except (CodesUnavailableError, RedisAwayError):
            return draft, Trouble("no_code")
        return draft.model_copy(update={"handle": handle}), None

    async def _waiting(self, msisdn: str, visitor: str) -> str | None:
        """The code that the same person was sent a moment ago, while it can still be typed."""
        handle = self.asking.code_of(msisdn, visitor)
        try:
            return handle if handle and await self.codes.standing(handle) else None
        except CodesUnavailableError:
            return None

    def sent(self, request: Request, draft: Draft, sent: Sent) -> Response:
        """It is registered: the code, and what happens now."""
        code = sent.joined or draft.code
        picture = segno.make_qr(code).svg_inline(omitsize=True, border=2, light="#fff") if code else None
        return self.pages.render(
            *(request, "ask/sent.html"), path=PATH, draft=draft, sent=sent, code=code, picture=picture
        )

    def again(self, request: Request, draft: Draft, decision: str) -> Response:
        """It could not be kept: the same, ready to be sent once more."""
        return self.pages.render(
            *(request, "ask/again.html", HTTPStatus.SERVICE_UNAVAILABLE, _RETRY),
            path=PATH,
            draft=draft,
            sealed=self.asking.drafts.seal(draft),
            decision=decision,
        )

    def stale(self, request: Request) -> Response:
        """What came back is not what we gave."""
        return self.pages.render(request, "ask/stale.html", HTTPStatus.UNPROCESSABLE_ENTITY, path=PATH)


def is_proved(request: Request, draft: Draft) -> bool:
    """Whether the draft's number is known to be the person's: signed in with it, or proved on the way."""
    return draft.msisdn is not None and (draft.proved or request.state.person == draft.msisdn)


def _status(fault: str, trouble: Trouble | None) -> int:
    if fault:
        return HTTPStatus.UNPROCESSABLE_ENTITY
    return trouble.status if trouble else HTTPStatus.OK


def _headers(trouble: Trouble | None) -> Mapping[str, str]:
    return {"Retry-After": str(trouble.seconds)} if trouble and trouble.seconds else {}
