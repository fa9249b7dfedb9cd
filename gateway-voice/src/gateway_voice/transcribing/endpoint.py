"""A server that answers as OpenAI's `/v1/audio/transcriptions` does: speaches, whisper.cpp, OpenAI."""

import asyncio
from http import HTTPStatus
from typing import Final

import httpx
from pydantic import ValidationError

from gateway_voice.errors import NotTranscribedError, TranscriberAwayError
from gateway_voice.settings import TranscribeSettings
from gateway_voice.transcribing.answers import Answer
from gateway_voice.transcribing.port import Understood, cleaned

_LONGEST_ANSWER: Final = 8_000_000
"""Bytes; whisper.cpp tells of every token, some 150 bytes each."""
_FOR_GOOD: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)
"""It will not take this recording; any other refusal may be our settings', or pass."""
_DEFAULT_MODEL: Final = "whisper-1"


class Endpoint:
    """One server, by the whole address of its route."""

    def __init__(
        self, settings: TranscribeSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        key = settings.key.get_secret_value()
        # What is not asked to be packed needs no bound on how large it unpacks.
        headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self._http = httpx.AsyncClient(
            headers=headers, timeout=settings.timeout_seconds, transport=transport, trust_env=False
        )
        self._url = str(settings.url)
        self._seconds = settings.timeout_seconds
        self._model = settings.model or _DEFAULT_MODEL
        self._language = settings.language

    async def transcribe(self, sound: bytes) -> Understood | None:
        """What the server understood.

        Raises:
            TranscriberAwayError: no answer in time, or none that can be used.
            NotTranscribedError: it will not take this recording.
        """
        try:
            async with asyncio.timeout(self._seconds):
                answer = Answer.model_validate_json(await self._ask(sound))
        except (httpx.HTTPError, TimeoutError, ValidationError) as error:
            message = f"the transcriber gave no answer that can be used: {type(error).__name__}"
            raise TranscriberAwayError(message) from None
        text = cleaned(answer.words())
        if not text:
            return None
        language = self._language or (answer.language and cleaned(answer.language)[:20])
        return Understood(text, answer.confidence(), language or None, self._model[:100])

    async def close(self) -> None:
        """Close connections."""
        await self._http.aclose()

    async def _ask(self, sound: bytes) -> bytes:
        told = {"model": self._model, "response_format": "verbose_json"}
        told |= {"language": self._language} if self._language else {}
        files = {"file": ("recording.ogg", sound, "audio/ogg")}
        async with self._http.stream("POST", self._url, data=told, files=files) as answer:
            if answer.status_code in _FOR_GOOD:
                message = f"the transcriber does not take this recording: {answer.status_code}"
                raise NotTranscribedError(message)
            if answer.status_code != HTTPStatus.OK:
                message = f"the transcriber answered {answer.status_code}"
                raise TranscriberAwayError(message)
            return await _bounded(answer)


async def _bounded(answer: httpx.Response) -> bytes:
    """The body as it came, unpacked by nobody."""
    body = bytearray()
    async for piece in answer.aiter_raw():
        body += piece
        if len(body) > _LONGEST_ANSWER:
            message = "the transcriber's answer has no end"
            raise TranscriberAwayError(message)
    return bytes(body)
