"""The case store, asked for partners: who they are, what they handed in, how it stands."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple, NoReturn, TypeVar

import httpx
from pydantic import ValidationError

from envelope.models import Envelope
from gateway_portal.errors import ChangedError, NotThereError, PastWithdrawalError, StoreAwayError
from gateway_portal.model import Caller
from gateway_portal.schemas import Shown
from gateway_portal.schemas.partners import Book, PartnerCase, PartnerSubmission, SubmissionPage
from gateway_portal.settings import GatewayPortalSettings

S = TypeVar("S", bound=Shown)
_AWAY: Final = "the case store does not answer"
_NO_SUCH_CASE: Final = "there is no such submission of yours"


class BookCopy(NamedTuple):
    """The partners as they were told."""

    book: Book
    told: bytes
    """The answer itself, to be kept."""
    tag: str | None
    """Its ETag, to ask for a newer one."""


class PartnerStore:
    """The connections to the store; lives as long as the portal."""

    name = "partner-store"

    def __init__(
        self, settings: GatewayPortalSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`settings` say where it is and how long to wait; a test brings its own way there."""
        self._http = httpx.AsyncClient(
            base_url=f"{str(settings.case_store.url).rstrip('/')}/api/v1/",
            headers={"Authorization": f"Bearer {settings.case_store.token.get_secret_value()}"},
            timeout=httpx.Timeout(settings.call_timeout_seconds, connect=2),
            transport=transport,
        )

    async def start(self) -> None:
        """Connections are made when they are needed."""

    async def stop(self) -> None:
        """Close them."""
        await self._http.aclose()

    def health(self) -> str | None:
        """Its trouble is told by `partner-book`, which asks all the time."""
        return None

    async def book(self, tag: str | None = None) -> BookCopy | None:
        """Who may ask; None where it is the same as under `tag`.

        Raises:
            StoreAwayError: no answer in time, or none that can be read; so for every method here.
        """
        headers = {"If-None-Match": tag} if tag else {}
        answer = await self._ask(self._http.build_request("GET", "partners/book", headers=headers))
        if answer.status_code == HTTPStatus.NOT_MODIFIED:
            return None
        self._expect(answer)
        return BookCopy(self._read(Book, answer), answer.content, answer.headers.get("etag"))

    async def submissions(
        self,
        caller: Caller,
        limit: int = 50,
        cursor: str | None = None,
        reference: str | None = None,
        until: datetime | None = None,
    ) -> SubmissionPage:
        """A page of what a partner handed in, the newest first; with `until` from then back.

        Raises:
            NotThereError: the cursor is none of the store's.
        """
        body: dict[str, Any] = {"limit": limit, "cursor": cursor, "reference": reference}
        if until is not None:
            body["until"] = until.isoformat()
        answer = await self._post("partner/submissions", caller, body)
        if cursor and answer.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}:
            message = "there is no such page"
            raise NotThereError(message)
        self._expect(answer)
        return self._read(SubmissionPage, answer)

    async def case(self, caller: Caller, code: str) -> PartnerCase:
        """How a submission stands.

        Raises:
            NotThereError: an unknown code, another partner's, or one of the other world (sandbox or live).
        """
        answer = await self._post("partner/case", caller, {"code": code})
        self._expect_there(answer)
        return self._read(PartnerCase, answer)

    async def withdraw(self, caller: Caller, code: str, version: int | None = None) -> PartnerCase:
        """Take a submission back.

        Raises:
            NotThereError: as above.
            PastWithdrawalError: answered or closed already, or joined to a person's own case.
            ChangedError: it is no longer of this `version`.
        """
        answer = await self._post("partner/withdrawal", caller, {"code": code, "version": version})
        if answer.status_code == HTTPStatus.CONFLICT:
            message = "answered or closed already, or joined to a person's own case"
            raise PastWithdrawalError(message)
        if answer.status_code == HTTPStatus.PRECONDITION_FAILED:
            message = "it has changed since you read it"
            raise ChangedError(message)
        self._expect_there(answer)
        return self._read(PartnerCase, answer)

    async def put_in_sandbox(self, caller: Caller, envelope: Envelope) -> PartnerSubmission:
        """Keep what came by a sandbox key where nobody works on it; a second time changes nothing."""
        declared = envelope.declared
        body = {
            "partner_id": caller.partner_id,
            "message_id": str(envelope.message_id),
            "tracking_code": envelope.tracking_code,
            "reference": envelope.reference,
            "submitted_at": envelope.received_at.isoformat(),
        }
        if declared and declared.topic:
            body["topic"] = declared.topic
        if declared and declared.kind:
            body["kind"] = declared.kind
        answer = await self._ask(self._http.build_request("POST", "partner/sandbox", json=body))
        self._expect(answer)
        return self._read(PartnerSubmission, answer)

    async def _post(self, path: str, caller: Caller, body: Mapping[str, Any]) -> httpx.Response:
        whose = {"partner_id": caller.partner_id, "sandbox": caller.sandbox}
        return await self._ask(self._http.build_request("POST", path, json={**whose, **body}))

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._http.send(request)
        except httpx.HTTPError:
            self._fail()

    def _expect_there(self, answer: httpx.Response) -> None:
        if answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}:
            raise NotThereError(_NO_SUCH_CASE)
        self._expect(answer)

    def _expect(self, answer: httpx.Response) -> None:
        if not answer.is_success:
            self._fail()

    def _read(self, schema: type[S], answer: httpx.Response) -> S:
        try:
            return schema.model_validate_json(answer.content)
        except ValidationError:
            self._fail()

    def _fail(self) -> NoReturn:
        raise StoreAwayError(_AWAY) from None
