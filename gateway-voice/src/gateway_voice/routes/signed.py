"""A push is believed if our secret signed all of it, a short while ago; it is on disk before it is read."""

import asyncio
import hashlib
import hmac
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import IO, Final
from uuid import uuid4

from fastapi import Request
from pydantic import SecretStr
from starlette.requests import ClientDisconnect

from bus.errors import NotAcceptedError
from chassis.auth import Guard, declared
from chassis.problems import Problem
from gateway_voice.errors import BodyTooLargeError, BusyError, NotAuthenticError, UnreadableError
from gateway_voice.metrics import PUSHES_REFUSED
from gateway_voice.settings import GatewayVoiceSettings
from objects.disk import Disk

TIMESTAMP: Final = "X-Payam-Timestamp"
SIGNATURE: Final = "X-Payam-Signature"
_SIGNATURE: Final = re.compile(r"v1=([0-9a-f]{64})")
_SECONDS: Final = re.compile(r"[0-9]{1,12}")
_LONGEST_SECONDS: Final = 600.0
"""A push that takes longer to come has been given up by its sender."""
_STALLED_SECONDS: Final = 20.0
_WRITTEN_AT_ONCE: Final = 256 * 1024
_MILLION: Final = 1_000_000
_AROUND: Final = 64 * 1024
"""Bytes of a body beside its audio."""


@dataclass(slots=True)
class Signed:
    """What pushes are held to."""

    secret: SecretStr
    """Empty: nothing can be pushed."""
    networks: tuple[IPv4Network | IPv6Network, ...]
    """Where pushes may come from."""
    window_seconds: float
    most_bytes: int
    """Of a whole body."""
    at_once: int
    tmp: Path
    """On the disk that recordings are kept on."""
    disk: Disk
    """Writes them."""
    under_way: int = field(default=0, init=False)

    @classmethod
    def of(cls, settings: GatewayVoiceSettings, tmp: Path, disk: Disk) -> "Signed":
        """As the settings say."""
        return cls(
            secret=settings.push_secret,
            networks=settings.push_networks,
            window_seconds=settings.push_window_seconds,
            most_bytes=settings.largest_recording_mb * _MILLION + _AROUND,
            at_once=settings.pushes_at_once,
            tmp=tmp,
            disk=disk,
        )


def signature(secret: SecretStr, method: str, path: str, timestamp: str, body: IO[bytes] | bytes) -> str:
    """The header of a push as a PBX makes it."""
    digest = _begun(secret, method, path, timestamp)
    digest.update(body if isinstance(body, bytes) else body.read())
    return f"v1={digest.hexdigest()}"


def signed_body(signed: Signed) -> Guard:
    """Whoever signed the request; its body lies at `request.state.body` until it is answered."""

    async def guard(request: Request) -> AsyncIterator[None]:
        body = signed.tmp / f"{uuid4()}.body"
        try:
            await _receive(signed, request, body)
        except (NotAuthenticError, BodyTooLargeError, BusyError, UnreadableError, NotAcceptedError) as error:
            PUSHES_REFUSED.labels(type(error).__name__).inc()
            await asyncio.to_thread(body.unlink, missing_ok=True)
            raise
        request.state.body = body
        try:
            yield
        finally:
            await asyncio.to_thread(body.unlink, missing_ok=True)

    # A generator, so that the body goes when the request does; FastAPI takes both.
    return declared(guard, "HMAC over the whole request")  # type: ignore[arg-type]


async def _receive(signed: Signed, request: Request, body: Path) -> None:
    """Cheap refusals first: nothing is read of a push without a fresh time and a signature."""
    if not _is_in(request.client.host if request.client else "", signed.networks):
        raise Problem(HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND.phrase)
    timestamp, told = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
    claimed = _SIGNATURE.fullmatch(told)
    if not signed.secret.get_secret_value() or claimed is None or not _fresh(timestamp, signed):
        raise _not_authentic()
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > signed.most_bytes:
        raise _too_large(signed)
    if signed.under_way >= signed.at_once:
        message = "as many pushes are under way as are taken at a time; send it again"
        raise BusyError(message)
    signed.under_way += 1
    try:
        digest = _begun(signed.secret, request.method, request.url.path, timestamp)
        async with asyncio.timeout(_LONGEST_SECONDS):
            await _written(request, body, digest, signed)
    except TimeoutError:
        message = "the push did not come to its end in time"
        raise UnreadableError(message) from None
    except ClientDisconnect:
        message = "the push was cut off"
        raise UnreadableError(message) from None
    except OSError:
        message = "the disk does not take this recording now; send it again"
        raise NotAcceptedError(message) from None
    finally:
        signed.under_way -= 1
    if not hmac.compare_digest(digest.hexdigest(), claimed[1]):
        raise _not_authentic()


async def _written(request: Request, body: Path, digest: "hmac.HMAC", signed: Signed) -> None:
    received, gathered = 0, bytearray()
    with await asyncio.to_thread(signed.disk.write, body) as file:
        pieces = request.stream()
        while (piece := await _next(pieces)) is not None:
            received += len(piece)
            if received > signed.most_bytes:
                raise _too_large(signed)
            gathered += piece
            if len(gathered) >= _WRITTEN_AT_ONCE:
                await asyncio.to_thread(_take, file, digest, bytes(gathered))
                gathered.clear()
        await asyncio.to_thread(_take, file, digest, bytes(gathered))


async def _next(pieces: AsyncGenerator[bytes, None]) -> bytes | None:
    """The next piece, None at the end; who sends nothing for long holds a place that others want."""
    async with asyncio.timeout(_STALLED_SECONDS):
        return await anext(pieces, None)


def _is_in(host: str, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in networks)


def _take(file: IO[bytes], digest: "hmac.HMAC", piece: bytes) -> None:
    file.write(piece)
    digest.update(piece)


def _begun(secret: SecretStr, method: str, path: str, timestamp: str) -> "hmac.HMAC":
    start = f"{method}\n{path}\n{timestamp}\n".encode()
    return hmac.new(secret.get_secret_value().encode(), start, hashlib.sha256)


def _fresh(timestamp: str, signed: Signed) -> bool:
    with suppress(ValueError):
        if _SECONDS.fullmatch(timestamp):
            return abs(time.time() - int(timestamp)) <= signed.window_seconds
    return False


def _not_authentic() -> NotAuthenticError:
    return NotAuthenticError("the request is not signed with our secret, or was signed long ago")


def _too_large(signed: Signed) -> BodyTooLargeError:
    return BodyTooLargeError(f"a push may have {signed.most_bytes} bytes at most")
