"""A whisper server on a port of its own, that answers as the real ones do and misbehaves as they can."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SAID = "سلام مقرری بیمه بیکاری من این ماه واریز نشده"
ROUTE = "/v1/audio/transcriptions"


def verbose(*segments: dict[str, Any], text: str = "", language: str = "persian") -> dict[str, Any]:
    """`verbose_json` as OpenAI writes it: the language by its name, seconds as numbers."""
    whole = text or "".join(segment["text"] for segment in segments)
    return {
        "task": "transcribe",
        "language": language,
        "duration": 3.0,
        "text": whole,
        "segments": list(segments),
    }


def segment(text: str = SAID, **changes: object) -> dict[str, Any]:
    """One segment of it, all of OpenAI's fields."""
    told: dict[str, Any] = {
        "id": 0,
        "seek": 0,
        "start": 0.0,
        "end": 3.0,
        "text": f" {text}",
        "tokens": [50364, 2],
        "temperature": 0.0,
        "avg_logprob": -0.25,
        "compression_ratio": 1.2,
        "no_speech_prob": 0.02,
    }
    return {name: value for name, value in (told | changes).items() if value is not ...}


@dataclass
class Asked:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    fields: dict[str, str]
    file: bytes
    file_name: str
    file_type: str


@dataclass
class Whisper:
    """What it answers, in turn; the last for ever."""

    url: str
    answers: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    waits: threading.Event = field(default_factory=threading.Event)
    """Answers come once it is set."""

    def answer(self, body: object, status: int = 200, **headers: str) -> None:
        """From now on, or after those before."""
        written = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append(
            (status, written, {name.replace("_", "-"): value for name, value in headers.items()})
        )

    def next(self) -> tuple[int, bytes, dict[str, str]]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def whisper() -> Iterator[Whisper]:
    """Listening; answers what was said by default."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            double.asked.append(_read(self.path, dict(self.headers), body))
            double.waits.wait(30)
            status, said, headers = double.next()
            self.send_response(status)
            for name, value in (
                {"Content-Type": "application/json", "Content-Length": str(len(said))} | headers
            ).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    double = Whisper(f"http://127.0.0.1:{server.server_address[1]}{ROUTE}")
    double.waits.set()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield double
    finally:
        double.waits.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _read(path: str, headers: dict[str, str], body: bytes) -> Asked:
    whole = message_from_bytes(
        b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body, policy=HTTP
    )
    fields, file, name, kind = {}, b"", "", ""
    for part in whole.iter_parts():
        field_name = re.search(r'name="([^"]+)"', part["Content-Disposition"])[1]  # type: ignore[index]
        if part.get_filename():
            file, name, kind = part.get_payload(decode=True), part.get_filename(), part.get_content_type()
        else:
            fields[field_name] = part.get_payload(decode=True).decode()
    return Asked(path, headers, fields, file, name, kind)
