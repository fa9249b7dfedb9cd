"""A PBX that records what people say, and pushes it to gateway-voice, signed over every byte."""

import hashlib
import hmac
import time
from datetime import UTC, datetime
from http import HTTPStatus

import httpx

from simulator.errors import NetworkError
from simulator.settings import SimulatorSettings


class Pbx:
    """A part: connections to gateway-voice."""

    name = "pbx"

    def __init__(self, settings: SimulatorSettings) -> None:
        """Push to the gateway of the settings."""
        self._url = f"{str(settings.voice_url).rstrip('/')}/recordings"
        self._secret = settings.voice_secret.get_secret_value().encode()
        self._line = settings.voice_line
        self._client = httpx.AsyncClient(timeout=settings.push_timeout_seconds, trust_env=False)

    async def start(self) -> None:
        """Connections open as they are needed."""

    async def stop(self) -> None:
        """Hang up."""
        await self._client.aclose()

    def health(self) -> str | None:
        """A gateway that is away is no fault of the world's."""
        return None

    async def push(self, sound: bytes, *, caller: str, at: float, identity: str) -> None:
        """Hand a WAV over; the same `identity` is the same recording.

        Raises:
            NetworkError: our gateway did not take it; it may be given again.
        """
        facts = {"caller": caller, "called": self._line, "id": identity}
        facts["at"] = datetime.fromtimestamp(at, UTC).isoformat()
        files = {"audio": ("message.wav", sound, "audio/wav")}
        request = self._client.build_request("POST", self._url, data=facts, files=files)
        timestamp = str(int(time.time()))
        signed = f"POST\n/recordings\n{timestamp}\n".encode() + await request.aread()
        request.headers["X-Payam-Timestamp"] = timestamp
        request.headers["X-Payam-Signature"] = (
            f"v1={hmac.new(self._secret, signed, hashlib.sha256).hexdigest()}"
        )
        try:
            answer = await self._client.send(request)
        except httpx.HTTPError as error:
            message = f"the gateway cannot be reached: {type(error).__name__}"
            raise NetworkError(message) from None
        if answer.status_code != HTTPStatus.ACCEPTED:
            message = f"the gateway answers {answer.status_code}"
            raise NetworkError(message)
