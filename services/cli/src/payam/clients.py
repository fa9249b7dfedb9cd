"""The case store's API, as far as an operator needs it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from payam.errors import CaseStoreError

_SECONDS: Final = 30.0


class CaseStore:
    """Cases, dead letters and partners over HTTP."""

    def __init__(self, base_url: str, token: SecretStr) -> None:
        """Nothing is sent yet."""
        self._base_url = base_url.rstrip("/")
        self._token = token

    def dead_letters(self, *, topic: str | None, state: str | None, cursor: str | None) -> dict[str, Any]:
        """One page of dead letters, the newest first."""
        wanted = {"topic": topic, "state": state, "cursor": cursor}
        return self._call("GET", "/dead-letters", params={k: v for k, v in wanted.items() if v})

    def dead_letter(self, number: str) -> dict[str, Any]:
        """One dead letter with all that is known of it."""
        return self._call("GET", f"/dead-letters/{number}")

    def replay(self, number: str, actor: str) -> dict[str, Any]:
        """Send one dead letter to its topic again; `actor` is written down."""
        return self._call("POST", f"/dead-letters/{number}/replay", json={"actor": actor})

    def replay_all(self, topic: str | None, actor: str) -> dict[str, Any]:
        """Send every waiting dead letter again, of one topic or of all; `actor` is written down."""
        return self._call("POST", "/dead-letters/replay", json={"topic": topic, "actor": actor})

    def case(self, tracking_code: str) -> dict[str, Any]:
        """A case with its messages, answers and events."""
        return self._call("GET", f"/cases/{tracking_code}")

    def audit_verification(self, *, after: str | None, known: str | None, limit: int) -> dict[str, Any]:
        """Some of the audit trail's chain, from a place on it or from its beginning."""
        wanted = {"after": after, "known": known, "limit": str(limit)}
        return self._call("GET", "/audit/verification", params={k: v for k, v in wanted.items() if v})

    def partners(self) -> list[dict[str, Any]]:
        """Every partner, by name."""
        found: list[dict[str, Any]] = self._call("GET", "/partners")["partners"]
        return found

    def make_partner(self, fields: Mapping[str, object]) -> dict[str, Any]:
        """A new partner: `id`, `name`, and quotas where they are not everybody's."""
        return self._call("POST", "/partners", json=fields)

    def partner_keys(self, partner_id: str) -> list[dict[str, Any]]:
        """A partner's keys, the newest first; not what they are."""
        found: list[dict[str, Any]] = self._call("GET", f"/partners/{quote(partner_id, safe='')}/keys")[
            "keys"
        ]
        return found

    def give_key(self, partner_id: str, fields: Mapping[str, object]) -> dict[str, Any]:
        """A new key, this once as it is, in `key`."""
        return self._call("POST", f"/partners/{quote(partner_id, safe='')}/keys", json=fields)

    def revoke_key(self, partner_id: str, key_id: str, at: str | None) -> dict[str, Any]:
        """Take a key back at that moment, or now."""
        place = f"/partners/{quote(partner_id, safe='')}/keys/{quote(key_id, safe='')}/revocation"
        return self._call("POST", place, json={"at": at})

    def webhooks(self, partner_id: str) -> list[dict[str, Any]]:
        """Where a partner is told what happens."""
        found: list[dict[str, Any]] = self._call("GET", _webhooks(partner_id))["webhooks"]
        return found

    def deliveries(
        self, partner_id: str, webhook_id: str, state: str | None, most: int
    ) -> Iterator[dict[str, Any]]:
        """What an endpoint was told, the newest first, so many at most."""
        wanted, left = {"limit": str(min(most, 200))} | ({"state": state} if state else {}), most
        while True:
            page = self._call("GET", f"{_webhooks(partner_id, webhook_id)}/deliveries", params=wanted)
            yield from page["deliveries"][:left]
            left -= len(page["deliveries"])
            if left <= 0 or not page.get("next_cursor"):
                return
            wanted["cursor"] = page["next_cursor"]

    def replay_delivery(self, partner_id: str, webhook_id: str, delivery_id: str) -> dict[str, Any]:
        """Tell an endpoint something again."""
        place = f"{_webhooks(partner_id, webhook_id)}/deliveries/{quote(delivery_id, safe='')}/replay"
        return self._call("POST", place)

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, object] | None = None,
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token.get_secret_value()}"}
        try:
            answer = httpx.request(
                method,
                f"{self._base_url}/api/v1{path}",
                params=params,
                json=json,
                headers=headers,
                timeout=_SECONDS,
                trust_env=False,
            )
        except httpx.HTTPError as error:
            raise CaseStoreError(
                what=f"The case store at {self._base_url} does not answer ({type(error).__name__}).",
                mend="Start it (`payam up`), or set CASE_STORE_URL.",
            ) from None
        if answer.is_success:
            return _object(answer)
        problem = _object(answer)
        raise CaseStoreError(
            what=f"The case store answers {answer.status_code}: {problem.get('title', 'no reason given')}.",
            mend=_mend(answer.status_code, path, problem.get("detail")),
        )


_UNAUTHORIZED: Final = "Set CASE_STORE_TOKEN to a token that it knows."
_NOT_THERE: Final = "Look at the number again; `payam {} list` shows those that there are."


def _mend(status: int, path: str, detail: object) -> str:
    """What the operator can do about a refusal."""
    if status == httpx.codes.UNAUTHORIZED:
        return _UNAUTHORIZED
    if status == httpx.codes.NOT_FOUND:
        return _NOT_THERE.format("partner" if path.startswith("/partners") else "dlq")
    return str(detail or "Read its log.")


def _webhooks(partner_id: str, webhook_id: str | None = None) -> str:
    place = f"/partners/{quote(partner_id, safe='')}/webhooks"
    return place if webhook_id is None else f"{place}/{quote(webhook_id, safe='')}"


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {"items": body}
