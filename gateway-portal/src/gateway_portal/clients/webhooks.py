"""Webhooks on their way out: to public addresses alone, and never further than they say.

A name is resolved once for a try. Every address that it leads to must be allowed, and the connection is made
to one of those very addresses: a name that leads elsewhere a moment later (DNS rebinding) leads us nowhere.
Each try has a connection of its own, so that what was verified for one name never serves another at the same
address.
"""

import asyncio
import contextlib
import json
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Any, Final

import httpx

from gateway_portal.clients.signatures import signed
from gateway_portal.public_addresses import Address, Networks, allowed, fault_of, literal, named
from gateway_portal.schemas.webhooks import Outcome, Telling, Why

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
"""A host's name and port → where it leads; `OSError` if nowhere."""
_SECONDS: Final = 10.0
_STATUSES: Final = range(100, 600)
"""All that there are (RFC 9110)."""
_REDIRECTS: Final = 3
_MOST_READ: Final = 64 * 1024
_TRIED: Final = 3
"""Addresses of one name that are tried, one after another."""
_LONGEST_PAUSE: Final = 86_400
_HEADERS: Final = {"content-type": "application/cloudevents+json", "user-agent": "Payam-Webhooks/1"}


class Refused(Exception):  # noqa: N818  (how a try ended, not a fault of ours)
    """It was not sent, or nothing came back; the word says why."""

    def __init__(self, why: Why) -> None:
        """`why` stands in the partner's log of deliveries."""
        super().__init__(why)
        self.why = why


class WebhookSender:
    """Posts one event once, and says how that went; it never raises."""

    def __init__(
        self,
        networks: Networks,
        *,
        resolve: Resolve | None = None,
        seconds: float = _SECONDS,
        verify: ssl.SSLContext | bool = True,
    ) -> None:
        """Take what may be gone to; nothing is opened yet.

        Args:
            networks: Private networks that may be gone to all the same, also without TLS.
            resolve: Another way to look names up, for a test.
            seconds: The longest that one try may take, from the look-up to the end of the answer.
            verify: Whom to trust, for a test.
        """
        self._networks = tuple(networks)
        # Threads of its own: a name server that never answers must not hold up what else needs threads.
        self._lookups = ThreadPoolExecutor(8, thread_name_prefix="webhook-lookup")
        self._resolve = resolve or self._look_up
        self._seconds = seconds
        self._http = httpx.AsyncClient(
            verify=verify,
            timeout=seconds,
            trust_env=False,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )

    async def close(self) -> None:
        """Let go of the threads."""
        await self._http.aclose()
        self._lookups.shutdown(wait=False, cancel_futures=True)

    async def post(self, telling: Telling) -> Outcome:
        """One try."""
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._posted(telling)
        except (Refused, TimeoutError) as error:
            why = error.why if isinstance(error, Refused) else Why.TIMEOUT
            return Outcome(error=why, milliseconds=_since(begun))
        await _drain(answer, begun + self._seconds - time.monotonic())
        return Outcome(
            status=answer.status_code,
            error=_why_not(answer),
            milliseconds=_since(begun),
            retry_after=_retry_after(answer),
        )

    async def _posted(self, telling: Telling) -> httpx.Response:
        try:
            url = httpx.URL(telling.url)
        except httpx.InvalidURL:
            raise Refused(Why.ADDRESS) from None
        if fault_of(telling.url) or url.scheme not in {"https", "http"}:
            raise Refused(Why.ADDRESS)
        addresses = await self._whither(url)
        body = json.dumps(telling.event, ensure_ascii=False, separators=(",", ":")).encode()
        secrets = [secret.get_secret_value() for secret in telling.secrets]
        headers = _HEADERS | signed(secrets, str(telling.event["id"]), int(time.time()), body)
        for address in addresses[:-1]:
            try:
                return await self._post_to(address, url, headers, body)
            except Refused as refused:
                if refused.why is not Why.REFUSED:
                    raise
        return await self._post_to(addresses[-1], url, headers, body)

    async def _whither(self, url: httpx.URL) -> Sequence[Address]:
        address = literal(url.host)
        try:
            port = url.port or (443 if url.scheme == "https" else 80)
            found = [address] if address else await self._resolve(url.raw_host.decode("ascii"), port)
        except (OSError, UnicodeError):
            raise Refused(Why.UNRESOLVED) from None
        if not found:
            raise Refused(Why.UNRESOLVED)
        if not all(allowed(one, self._networks) for one in found):
            raise Refused(Why.PRIVATE_ADDRESS)
        if url.scheme != "https" and not all(named(one, self._networks) for one in found):
            raise Refused(Why.NO_TLS)
        return found[:_TRIED]

    async def _post_to(
        self, address: Address, url: httpx.URL, headers: dict[str, str], body: bytes
    ) -> httpx.Response:
        request = self._http.build_request(
            "POST",
            url.copy_with(host=str(address), fragment=None),
            headers={**headers, "host": url.netloc.decode("ascii")},
            content=body,
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        try:
            answer = await self._http.send(request, stream=True)
        except httpx.TimeoutException:
            raise Refused(Why.TIMEOUT) from None
        except httpx.ConnectError as error:
            raise Refused(Why.TLS if _is_tls(error) else Why.REFUSED) from None
        except httpx.HTTPError:
            raise Refused(Why.BROKEN) from None
        if answer.status_code not in _STATUSES:
            await answer.aclose()
            raise Refused(Why.BROKEN)
        return answer

    async def _look_up(self, host: str, port: int) -> Sequence[Address]:
        def ask() -> list[Any]:
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)

        found = await asyncio.get_running_loop().run_in_executor(self._lookups, ask)
        return list(dict.fromkeys(ip_address(str(each[4][0]).partition("%")[0]) for each in found))


async def _drain(answer: httpx.Response, seconds: float) -> None:
    """Hear a short answer out, so that the receiver is not cut off; what it says is kept nowhere."""
    read = 0
    with contextlib.suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(seconds):
            async for piece in answer.aiter_raw():
                read += len(piece)
                if read > _MOST_READ:
                    break
    await answer.aclose()


def _since(begun: float) -> int:
    return int((time.monotonic() - begun) * 1000)


def _why_not(answer: httpx.Response) -> Why | None:
    if answer.is_success:
        return None
    return Why.REDIRECT if answer.status_code // 100 == _REDIRECTS else Why.STATUS


def _retry_after(answer: httpx.Response) -> int | None:
    """Seconds; a date is not looked at, our own pauses are long enough for it."""
    told = answer.headers.get("retry-after", "").strip()
    if not (told.isascii() and told.isdigit()):
        return None
    return min(int(told[:9]), _LONGEST_PAUSE)


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
