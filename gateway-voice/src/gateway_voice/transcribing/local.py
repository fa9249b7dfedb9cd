"""A vosk model on this machine: a process a recording, so that neither of them takes calls with it."""

import asyncio
import contextlib
import importlib.util
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway_voice.errors import NotTranscribedError, TranscriberAwayError, TranscriberUnusableError
from gateway_voice.settings import TranscribeSettings
from gateway_voice.transcribing.child import READY
from gateway_voice.transcribing.port import Understood, cleaned

_MODULE: Final = ("-I", "-m", "gateway_voice.transcribing.child")
_BARE: Final = {"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
"""All that the process is told of our surroundings: no secret is among it."""


class _Told(BaseModel):
    """As the process says it."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    text: str
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None


class LocalModel:
    """A folder with a model in it."""

    def __init__(self, settings: TranscribeSettings) -> None:
        """Look whether it can be used at all.

        Raises:
            TranscriberUnusableError: there is no such folder, or nothing that reads it.
        """
        folder = Path(settings.model)
        if not folder.is_dir():
            message = (
                "GATEWAY_VOICE_TRANSCRIBE_MODEL names no folder; without an URL it is that of a vosk model"
            )
            raise TranscriberUnusableError(message)
        if importlib.util.find_spec("vosk") is None:
            message = "GATEWAY_VOICE_TRANSCRIBE_MODEL needs the package vosk (pip install vosk)"
            raise TranscriberUnusableError(message)
        self._name = f"vosk:{folder.name}"[:100]
        self._language = settings.language or None
        self._deadline = settings.timeout_seconds
        self._arguments = (str(folder), str(settings.memory_mb), str(settings.timeout_seconds))

    async def transcribe(self, sound: bytes) -> Understood | None:
        """What the model understood.

        Raises:
            TranscriberAwayError: the process could not be run, or its model not be loaded.
            NotTranscribedError: this recording ended it, or took too long.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, *_MODULE, *self._arguments, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=_BARE
            )
        except OSError as error:
            message = f"the transcribing process could not be started: {type(error).__name__}"
            raise TranscriberAwayError(message) from None
        told = await self._told(process, sound)
        text = cleaned(told.text)
        return Understood(text, told.confidence, self._language, self._name) if text else None

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _told(self, process: Process, sound: bytes) -> _Told:
        try:
            said, _ = await asyncio.wait_for(process.communicate(sound), self._deadline)
        except TimeoutError:
            message = "the transcribing process took too long"
            raise NotTranscribedError(message) from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if not said.startswith(READY):
            message = f"the transcribing process ended with {process.returncode} before its model was loaded"
            raise TranscriberAwayError(message)
        try:
            return _Told.model_validate_json(said.removeprefix(READY))
        except ValidationError:
            message = f"the transcribing process ended with {process.returncode} and understood nothing"
            raise NotTranscribedError(message) from None
