"""Each call of the API as a flow: the sync and the async client run the same ones."""

from typing import Final
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx

from payam_client.exchange import Flow, Patience, exchanged, read
from payam_client.models import Case, NewMessage, Page, Receipt

_LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_PATH: Final = "/api/v1"


class Calls:
    """What to send where, with which key."""

    def __init__(self, address: str, key: str, patience: Patience) -> None:
        """Keep the key off the open wire: anything but this machine is spoken to over TLS alone.

        Raises:
            ValueError: the address would give the key away.
        """
        parts = urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
            message = "the address must begin with https://"
            raise ValueError(message)
        self._base = address.rstrip("/") + _PATH
        self._headers = {"Authorization": f"Bearer {key}", "User-Agent": "payam-client/0.1.0"}
        self._patience = patience

    def hand_in(self, message: NewMessage, idempotency_key: str | None) -> Flow[Receipt]:
        """Hand in what a person says, once however often it is tried."""
        key = idempotency_key or str(uuid4())
        body = message.model_dump_json(exclude_none=True).encode()
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        request = self._request("POST", "/messages", headers=headers, content=body)
        answer = yield from exchanged(request, self._patience, key)
        receipt = read(Receipt, answer, key)
        replayed = answer.headers.get("idempotency-replayed") == "true"
        return receipt.model_copy(update={"idempotency_key": key, "replayed": replayed})

    def page(self, limit: int, cursor: str | None, reference: str | None) -> Flow[Page]:
        """What was handed in, the newest first."""
        query = {"limit": str(limit), "cursor": cursor, "reference": reference}
        told = {name: value for name, value in query.items() if value is not None}
        answer = yield from exchanged(self._request("GET", "/messages", params=told), self._patience)
        return read(Page, answer)

    def case(self, code: str) -> Flow[Case]:
        """How it stands."""
        answer = yield from exchanged(self._request("GET", f"/cases/{_segment(code)}"), self._patience)
        return read(Case, answer)

    def case_if_newer(self, known: Case) -> Flow[Case | None]:
        """How it stands, or None where that is known."""
        headers = {"If-None-Match": f'"{known.version}"'}
        request = self._request("GET", f"/cases/{_segment(known.tracking_code)}", headers=headers)
        answer = yield from exchanged(request, self._patience)
        return None if answer.status_code == httpx.codes.NOT_MODIFIED else read(Case, answer)

    def withdraw(self, code: str, version: int | None) -> Flow[Case]:
        """Take it back; doing so twice is the same as once."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        request = self._request("POST", f"/cases/{_segment(code)}/withdrawal", headers=headers)
        answer = yield from exchanged(request, self._patience)
        return read(Case, answer)

    def _request(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Request:
        told = self._headers | (headers or {})
        return httpx.Request(method, self._base + path, headers=told, params=params, content=content)


def _segment(code: str) -> str:
    """Nothing in a code leads to another path."""
    return quote(code, safe="")
