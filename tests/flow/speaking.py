"""A PBX that pushes what people said."""

import hashlib
import hmac
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx

from tests.flow.running import Flow


def push(flow: Flow, audio: bytes, caller: str, identity: str | None = None) -> httpx.Response:
    """As a PBX does, with the secret that `payam secrets` prints."""
    facts = {
        "caller": caller,
        "called": "1420",
        "at": (datetime.now(UTC) - timedelta(hours=2)).isoformat(),
        "id": identity or str(uuid4()),
    }
    with httpx.Client(base_url=flow.url("GATEWAY_VOICE"), timeout=30) as pbx:
        files = {"audio": ("m.wav", audio, "audio/wav")}
        request = pbx.build_request("POST", "/recordings", data=facts, files=files)
        body, timestamp = request.read(), str(int(time.time()))
        secret = flow.secrets["GATEWAY_VOICE_PUSH_SECRET"].encode()
        signed = f"POST\n/recordings\n{timestamp}\n".encode() + body
        request.headers["X-Payam-Timestamp"] = timestamp
        request.headers["X-Payam-Signature"] = f"v1={hmac.new(secret, signed, hashlib.sha256).hexdigest()}"
        return pbx.send(request)
