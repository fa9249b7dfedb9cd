"""The `kavenegar` package over httpx: its methods and paths, without its blocking, endless waits and leaks.

Its own `_request` is synchronous, has no time-out, ignores the HTTP status, and shows the API key in every
connection error. Overriding that one method cures all of it; the rest of the package is used as it is.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, NoReturn

import httpx
from kavenegar import KavenegarAPI

from gateway_sms.errors import (
    ProviderAlarmError,
    ProviderError,
    ProviderRefusedError,
    ProviderSlowDownError,
    ProviderUnavailableError,
    ProviderUndecidedError,
)
from gateway_sms.providers.kavenegar.tables import BUSY, OK, Verdict, result_of

Params = Mapping[str, object]
Entry = dict[str, Any]

_ERRORS: Final[Mapping[Verdict, type[ProviderError]]] = {
    Verdict.RETRY: ProviderUndecidedError,
    Verdict.SLOW_DOWN: ProviderSlowDownError,
    Verdict.PAGE: ProviderAlarmError,
    Verdict.REJECT: ProviderRefusedError,
}


class HttpxKavenegar(KavenegarAPI):  # type: ignore[misc]  # the package is untyped
    """`KavenegarAPI` whose methods are awaited: `entries = await api.sms_send({...})`."""

    name = "kavenegar"

    def __init__(self, client: httpx.AsyncClient) -> None:
        """`client` knows the base URL with the key in it; the package itself is not given the key."""
        super().__init__("***")
        self._client = client

    def __repr__(self) -> str:
        """Without the key."""
        return "HttpxKavenegar(***)"

    __str__ = __repr__

    async def sms_inboxpaged(self, params: Params) -> list[Entry]:
        """One page of an inbox, a method that the package came too early for."""
        return await self._request("sms", "inboxpaged", params)

    async def start(self) -> None:
        """Nothing to do: connections are made when they are needed."""

    async def stop(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def health(self) -> str | None:
        """The gate in front of the provider knows better."""
        return None

    async def _request(self, action: str, method: str, params: Params | None = None) -> list[Entry]:
        fields = {name: _field(value) for name, value in (params or {}).items()}
        try:
            answer = await self._client.post(f"{action}/{method}.json", data=fields)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            _unavailable(type(error).__name__, maybe_taken=False)
        except httpx.HTTPError as error:
            _unavailable(type(error).__name__, maybe_taken=True)
        return _entries(answer)


def _field(value: object) -> str:
    """A list goes as JSON in one field: repeated fields, the package's way, the server does not read."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | tuple) else str(value)


def _entries(answer: httpx.Response) -> list[Entry]:
    """The entries; the code inside counts first, then the HTTP status, for proxies answer too."""
    try:
        body = answer.json()
        code = int(body["return"]["status"])
        entries = body["entries"]
    except (ValueError, TypeError, KeyError, RecursionError):
        _unavailable(f"HTTP {answer.status_code} and no answer that can be read", maybe_taken=True)
    if code != OK:
        _refuse(code)
    if answer.is_error:
        _unavailable(f"HTTP {answer.status_code}", maybe_taken=True)
    found = entries if isinstance(entries, list) else [entries] if entries else []
    if not all(isinstance(entry, dict) for entry in found):
        _unavailable("entries that are none", maybe_taken=True)
    return found


def _refuse(code: int) -> NoReturn:
    verdict, reason = result_of(code)
    if code == BUSY:
        raise ProviderUnavailableError(reason, code, maybe_taken=False) from None
    raise _ERRORS[verdict](reason, code) from None


def _unavailable(reason: str, *, maybe_taken: bool) -> NoReturn:
    # `from None`: what httpx raises names the URL, and the key is in it.
    raise ProviderUnavailableError(reason, maybe_taken=maybe_taken) from None
