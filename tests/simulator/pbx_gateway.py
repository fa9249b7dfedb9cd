"""In the place of gateway-voice: believes what its README says is signed, and keeps what was pushed."""

import hashlib
import hmac
import time
from dataclasses import dataclass, field

from fastapi import FastAPI, Request, Response

SECRET = "a-secret-of-the-pbx"


@dataclass
class VoiceGateway:
    """`away`: answers 503; what is not signed is answered 401."""

    away: bool = False
    pushed: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    app: FastAPI = field(default_factory=FastAPI)

    def __post_init__(self) -> None:
        self.app.add_api_route("/recordings", self._receive, methods=["POST"])

    def begin_anew(self) -> None:
        self.away = False
        self.pushed.clear()

    async def _receive(self, request: Request) -> Response:
        body = await request.body()
        timestamp = request.headers.get("X-Payam-Timestamp", "0")
        signed = f"POST\n/recordings\n{timestamp}\n".encode() + body
        right = "v1=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        if request.headers.get("X-Payam-Signature") != right or abs(time.time() - int(timestamp)) > 300:
            return Response(status_code=401)
        if self.away:
            return Response(status_code=503)
        async with request.form() as form:
            audio = form["audio"]
            assert not isinstance(audio, str)
            facts = {name: str(value) for name, value in form.items() if name != "audio"}
            self.pushed.append((facts, await audio.read()))
        return Response('{"tracking_code": null}', status_code=202, media_type="application/json")
