"""The case store's webhook work: claims and results, and what partners set up of their own."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import httpx
import structlog

from gateway_portal.clients.asked import Asked, S
from gateway_portal.errors import ChangedError, NotThereError, WebhookStateError
from gateway_portal.model import Caller
from gateway_portal.schemas.webhooks import Claimed, Outcome, Telling

_NO_SUCH: Final = "there is no such webhook of yours, or no such delivery"
_log = structlog.get_logger()


class WebhookWork(Asked):
    """Asked for webhooks; its trouble is told by `webhooks`."""

    name = "webhook-work"

    async def claim(self, limit: int, lease_seconds: int) -> Sequence[Telling]:
        """What is due, ours for so long.

        Raises:
            StoreAwayError: no answer in time, or none that can be read; so for every method here.
        """
        body = {"limit": limit, "lease_seconds": lease_seconds}
        answer = await self._ask(self._http.build_request("POST", "webhooks/claims", json=body))
        self._expect(answer)
        return self._read(Claimed, answer).work

    async def report(self, outcomes: Sequence[tuple[Telling, Outcome]]) -> None:
        """How tries went; what the store cannot read is let go: its lease runs out, and it is tried again."""
        results = [
            {"delivery_id": str(told.delivery_id), "attempt": told.attempt, **outcome.model_dump()}
            for told, outcome in outcomes
        ]
        request = self._http.build_request("POST", "webhooks/results", json={"results": results})
        answer = await self._ask(request)
        if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
            _log.error("webhook_results_refused", results=len(results))
            return
        self._expect(answer)

    async def own(
        self,
        caller: Caller,
        verb: str,
        path: str = "",
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        version: int | None = None,
    ) -> httpx.Response:
        """Something of a partner's own webhooks; of the sandbox alone, or of what is outside it.

        Raises:
            NotThereError: it has no such webhook in this world, no such delivery, no such page.
            WebhookStateError: it does not fit how the webhook stands; in the store's words.
            ChangedError: it is no longer of this `version`.
        """
        request = self._http.build_request(
            verb,
            f"partners/{caller.partner_id}/webhooks{path}",
            json=body,
            params={**(query or {}), "sandbox": caller.sandbox},
            headers={} if version is None else {"If-Match": f'"{version}"'},
        )
        answer = await self._ask(request)
        match answer.status_code:
            case HTTPStatus.NOT_FOUND:
                raise NotThereError(_NO_SUCH)
            case HTTPStatus.UNPROCESSABLE_ENTITY if query and query.get("cursor"):
                raise NotThereError(_NO_SUCH)
            case HTTPStatus.CONFLICT:
                raise WebhookStateError(str(_detail(answer)))
            case HTTPStatus.PRECONDITION_FAILED:
                message = "it has changed since you read it"
                raise ChangedError(message)
        self._expect(answer)
        return answer

    async def read_own(self, schema: type[S], caller: Caller, verb: str, path: str = "", **how: Any) -> S:  # noqa: ANN401  (as `own`)
        """The same, with what the store answered."""
        return self._read(schema, await self.own(caller, verb, path, **how))


def path_of(webhook_id: UUID, *further: object) -> str:
    """`/<id>`, and what lies below it."""
    return "".join(f"/{step}" for step in (webhook_id, *further))


def _detail(answer: httpx.Response) -> object:
    try:
        return answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return "it does not fit how the webhook stands"
