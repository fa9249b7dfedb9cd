"""The case store, asked for what the portal shows; nothing of a person is remembered here."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final, NamedTuple, NoReturn, TypeVar

import httpx
from pydantic import ValidationError

from chassis.turns import InTurns
from gateway_portal.clients.kept import Kept
from gateway_portal.errors import NotThereError, StoreAwayError
from gateway_portal.schemas import (
    Announcement,
    AnnouncementPage,
    AnswerPage,
    Calendar,
    CasePage,
    CitizenCase,
    Day,
    Owner,
    Shown,
    StandardAnswer,
    Standing,
    Verdict,
)
from gateway_portal.settings import GatewayPortalSettings

S = TypeVar("S", bound=Shown)
_AWAY: Final = "the case store does not answer"
_UNKNOWN: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY})
_BAD_CURSOR: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
_A_PAGE: Final = 20
_MOST_ANSWERS: Final = 200
_MINUTE: Final = 60.0
_DAY: Final = 86_400.0
_EXPORT_SECONDS: Final = 30.0
"""Everything of a person takes longer than a page."""


class File(NamedTuple):
    """A file that can be read."""

    media_type: str
    size: int
    chunks: AsyncIterator[bytes]


class CaseStore:
    """The connections to the store; lives as long as the portal."""

    name = "case-store"

    def __init__(
        self, settings: GatewayPortalSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`settings` say where it is and how long to wait; a test brings its own way there."""
        self._trouble: str | None = None
        self._http = httpx.AsyncClient(
            base_url=f"{str(settings.case_store.url).rstrip('/')}/api/v1/",
            headers={"Authorization": f"Bearer {settings.case_store.token.get_secret_value()}"},
            timeout=httpx.Timeout(settings.call_timeout_seconds, connect=2),
            transport=transport or InTurns(),
        )
        self._answers: Kept[str, Sequence[StandardAnswer]] = Kept(_MINUTE, _DAY)
        self._days: Kept[tuple[date, date], Sequence[Day]] = Kept(_MINUTE, _DAY)
        self._standing: Kept[None, Standing] = Kept(
            _MINUTE, _DAY, holds=lambda standing: standing.holds(datetime.now(UTC))
        )
        self._announcements: Kept[None, Sequence[Announcement]] = Kept(_MINUTE, _DAY)

    async def start(self) -> None:
        """Connections are made when they are needed."""

    async def stop(self) -> None:
        """Close them."""
        await self._http.aclose()

    def health(self) -> str | None:
        """Why the last call failed, if it did."""
        return self._trouble

    async def verify(self, code: str) -> Verdict:
        """What stands behind a code, however it was typed.

        Raises:
            StoreAwayError: no answer in time, or none that can be read; so for every method here.
        """
        refused = frozenset({HTTPStatus.UNPROCESSABLE_ENTITY})
        answer = await self._post("verifications", {"code": code}, without=refused)
        return Verdict(known=False, genuine=False) if answer is None else self._read(Verdict, answer)

    async def owner(self, code: str) -> str | None:
        """The number of the person whose case this is; None for an unknown code, or a person without one."""
        answer = await self._post("citizen/owner", {"code": code}, without=_UNKNOWN)
        return None if answer is None else self._read(Owner, answer).msisdn

    async def cases(self, msisdn: str, cursor: str | None = None) -> CasePage:
        """A page of a person's cases.

        Raises:
            NotThereError: the cursor is none of the store's.
        """
        body = {"msisdn": msisdn, "limit": _A_PAGE, "cursor": cursor}
        answer = await self._post("citizen/cases", body, without=_BAD_CURSOR if cursor else frozenset())
        if answer is None:
            message = "no such page"
            raise NotThereError(message)
        return self._read(CasePage, answer)

    async def case(self, msisdn: str, code: str) -> CitizenCase | None:
        """A case of this person; None for an unknown code and for another person's alike."""
        answer = await self._post("citizen/case", {"msisdn": msisdn, "code": code}, without=_UNKNOWN)
        return None if answer is None else self._read(CitizenCase, answer)

    async def answers(self, language: str) -> Sequence[StandardAnswer]:
        """The standard answers that are offered today, those used most first."""
        return await self._answers.get(language, partial(self._fetch_answers, language))

    async def standing(self) -> Standing:
        """Whether it is worked now."""
        return await self._standing.get(None, self._fetch_standing)

    async def days(self, first: date, last: date) -> Sequence[Day]:
        """What is worked when, from one day to another."""
        return await self._days.get((first, last), partial(self._fetch_days, first, last))

    async def announcements(self) -> Sequence[Announcement]:
        """What is told to everybody now, the important first."""
        known = await self._announcements.get(None, self._fetch_announcements)
        now = datetime.now(UTC)
        return [one for one in known if one.holds(now)]

    async def export(self, msisdn: str) -> bytes:
        """Everything of a person, as JSON."""
        answer = await self._post("citizen/export", {"msisdn": msisdn}, timeout=_EXPORT_SECONDS)
        if answer is None or not answer.headers.get("content-type", "").startswith("application/json"):
            self._fail("export")
        return answer.content

    async def file(self, msisdn: str, code: str, sha256: str) -> File | None:
        """A file that this person sent in this case; None for any other, also one that staff added."""
        body = {"msisdn": msisdn, "code": code, "sha256": sha256}
        # As it is, so that its length is what the store says.
        headers = {"Accept-Encoding": "identity"}
        request = self._http.build_request("POST", "citizen/file", json=body, headers=headers)
        try:
            answer = await self._http.send(request, stream=True)
        except httpx.HTTPError as error:
            self._fail(type(error).__name__)
        if answer.is_success and "content-length" in answer.headers:
            media_type = answer.headers.get("content-type", "").partition(";")[0]
            return File(media_type, int(answer.headers["content-length"]), _pieces(answer))
        await answer.aclose()
        if answer.status_code not in _UNKNOWN:
            self._fail(f"citizen/file: {answer.status_code}")
        return None

    async def _fetch_answers(self, language: str) -> Sequence[StandardAnswer]:
        query = {"state": "approved", "language": language, "limit": _MOST_ANSWERS}
        page = self._read(AnswerPage, await self._get("answers", query))
        return sorted((each for each in page.answers if each.offered), key=lambda each: -each.uses)

    async def _fetch_standing(self) -> Standing:
        return self._read(Standing, await self._get("calendar/open"))

    async def _fetch_days(self, first: date, last: date) -> Sequence[Day]:
        query = {"from": first.isoformat(), "to": last.isoformat()}
        return self._read(Calendar, await self._get("calendar", query)).days

    async def _fetch_announcements(self) -> Sequence[Announcement]:
        page = self._read(AnnouncementPage, await self._get("announcements", {"at": "now"}))
        return page.announcements

    async def _get(self, path: str, query: Mapping[str, Any] | None = None) -> httpx.Response:
        return await self._ask(self._http.build_request("GET", path, params=query))

    async def _post(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        without: frozenset[HTTPStatus] = frozenset(),
        timeout: float | None = None,  # noqa: ASYNC109  (httpx keeps it)
    ) -> httpx.Response | None:
        """The answer; None for a status that means there is nothing."""
        waiting = self._http.timeout if timeout is None else httpx.Timeout(timeout, connect=2)
        request = self._http.build_request("POST", path, json=body, timeout=waiting)
        answer = await self._ask(request, without)
        return None if answer.status_code in without else answer

    async def _ask(
        self, request: httpx.Request, without: frozenset[HTTPStatus] = frozenset()
    ) -> httpx.Response:
        try:
            answer = await self._http.send(request)
            if answer.status_code not in without:
                answer.raise_for_status()
        except httpx.HTTPError as error:
            self._fail(type(error).__name__)
        self._trouble = None
        return answer

    def _read(self, schema: type[S], answer: httpx.Response) -> S:
        try:
            return schema.model_validate_json(answer.content)
        except ValidationError:
            self._fail(f"{schema.__name__} cannot be read")

    def _fail(self, reason: str) -> NoReturn:
        self._trouble = reason
        raise StoreAwayError(_AWAY) from None


async def _pieces(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in answer.aiter_bytes():
            yield piece
    finally:
        await answer.aclose()
