"""The case store's API, as far as an operator needs it."""

from collections.abc import Mapping
from typing import Any, Final

import httpx
from pydantic import SecretStr

from payam.errors import CaseStoreError

_SECONDS: Final = 30.0


class CaseStore:
    """Cases and dead letters over HTTP."""

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

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, str | None] | None = None,
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
            mend=_MENDS.get(answer.status_code, str(problem.get("detail") or "Read its log.")),
        )


_MENDS: Final[Mapping[int, str]] = {
    401: "Set CASE_STORE_TOKEN to a token that it knows.",
    404: "Look at the number again; `payam dlq list` shows those that there are.",
}


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {"items": body}
