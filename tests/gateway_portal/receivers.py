"""A partner's receiver on a real socket: it keeps what came to it, and answers what a test wants."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SECRET = "whsec_" + "QUJD" * 10 + "QUI="
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Came:
    """One request."""

    line: str
    headers: dict[str, str]
    body: bytes
    sni: str | None = None


@dataclass
class Receiver:
    """`answer` is bytes, or writes them itself."""

    port: int = 0
    answer: bytes | Answer = OK
    came: list[Came] = field(default_factory=list)
    open: int = 0
    most_open: int = 0

    def url(self, path: str = "/hook", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *rest = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in rest)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        tls = writer.get_extra_info("ssl_object")
        self.came.append(Came(line, headers, body, getattr(tls, "asked_for", None)))
        if isinstance(self.answer, bytes):
            writer.write(self.answer)
            await writer.drain()
        else:
            await self.answer(writer)


@asynccontextmanager
async def receiving(
    answer: bytes | Answer = OK, context: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    receiver = Receiver(answer=answer)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=context)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


def certified(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context for this name, and a client's that trusts it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    kept = folder / "certificate.pem"
    kept.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(kept)

    def remember(tls: ssl.SSLObject, asked_for: str | None, _context: ssl.SSLContext) -> None:
        tls.asked_for = asked_for  # type: ignore[attr-defined]

    server.sni_callback = remember  # type: ignore[assignment]
    return server, ssl.create_default_context(
        cadata=certificate.public_bytes(serialization.Encoding.PEM).decode()
    )


def work_for(url: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """A claim as the store gives it."""
    event_id = str(uuid4())
    at = "2026-11-22T11:20:00Z"
    data = {"tracking_code": "1234567897", "reference": "پروندهٔ ۷", "state": "answered"}
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": "/api/v1",
        "type": "ir.payam.case.answered",
        "subject": "1234567897",
        "time": at,
        "datacontenttype": "application/json",
        "data": {**data, "occurred_at": at, "sandbox": False},
    }
    return {
        "delivery_id": str(uuid4()),
        "attempt": 1,
        "url": url,
        "secrets": [SECRET],
        "event": event,
        **more,
    }
