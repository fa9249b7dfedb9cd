"""The case store, asked for partners: who they are, what they handed in, how it stands."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import httpx

from envelope.models import Envelope
from gateway_portal.clients.asked import Asked
from gateway_portal.errors import ChangedError, NotThereError, PastWithdrawalError
from gateway_portal.model import Caller
from gateway_portal.schemas.partners import Book, PartnerCase, PartnerSubmission, SubmissionPage

_NO_SUCH_CASE: Final = "there is no such submission of yours"


class BookCopy(NamedTuple):
    """The partners as they were told."""

    book: Book
    told: bytes
    """The answer itself, to be kept."""
    tag: str | None
    """Its ETag, to ask for a newer one."""


class PartnerStore(Asked):
    """Asked for partners; its trouble is told by `partner-book`."""

    name = "partner-store"

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

    def _expect_there(self, answer: httpx.Response) -> None:
        if answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}:
            raise NotThereError(_NO_SUCH_CASE)
        self._expect(answer)
