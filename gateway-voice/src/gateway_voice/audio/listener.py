"""Listening from outside: a process a file, with a deadline; its death says something of the file alone."""

import asyncio
import contextlib
import os
import shutil
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL, SIGXCPU, SIGXFSZ
from typing import Final

from envelope.models import SoundFault
from gateway_voice.audio.child import NO_ROOM, READY
from gateway_voice.audio.heard import Heard
from gateway_voice.errors import InspectionError
from gateway_voice.settings import GatewayVoiceSettings
from objects.disk import Disk

_COSTLY: Final = frozenset({-SIGKILL, -SIGXCPU, -SIGXFSZ})
_PIECE: Final = 256 * 1024
_MODULE: Final = ("-m", "gateway_voice.audio.child")
_BARE: Final = {"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
"""All that the process is told of our surroundings: no secret is among it."""


class Listener:
    """Two at a time are enough for fifty recordings a minute."""

    def __init__(self, settings: GatewayVoiceSettings, disk: Disk | None = None) -> None:
        """`inspect_…` and `longest_sound_seconds` of the settings bound each process; `disk` may seal."""
        self._disk = disk or Disk()
        self._turns = asyncio.Semaphore(settings.inspect_at_once)
        self._deadline = settings.inspect_seconds
        self._bounds = (
            str(settings.longest_sound_seconds),
            str(settings.inspect_memory_mb),
            str(settings.inspect_seconds),
        )

    async def listen(self, source: Path, copy: Path) -> Heard:
        """What a recording is; `copy` is written, and worth something where there is no fault.

        Raises:
            InspectionError: nothing is said of the file: no process could be run, or the disk is full.
        """
        async with self._turns:
            if not self._disk.seals:
                return await self._run(str(source), str(copy))
            # The process gets no key: it is handed both files unsealed, in memory alone.
            with _in_memory() as unsealed, _in_memory() as made:
                await asyncio.to_thread(self._unseal, source, unsealed)
                heard = await self._run(_path(unsealed), _path(made), (unsealed, made))
                if heard.fault is None:
                    await asyncio.to_thread(self._seal, made, copy)
                return heard

    def _unseal(self, source: Path, into: int) -> None:
        with self._disk.read(source) as sealed, Path(_path(into)).open("wb") as file:
            shutil.copyfileobj(sealed, file, _PIECE)

    def _seal(self, made: int, copy: Path) -> None:
        with Path(_path(made)).open("rb") as file, self._disk.write(copy) as sealed:
            shutil.copyfileobj(file, sealed, _PIECE)
        with copy.open("rb") as written:
            os.fsync(written.fileno())

    async def _run(self, source: str, copy: str, handed: tuple[int, ...] = ()) -> Heard:
        arguments = ("-I", *_MODULE, source, copy, *self._bounds)
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *arguments,
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=DEVNULL,
                env=_BARE,
                pass_fds=handed,
            )
        except OSError as error:
            message = f"the listening process could not be started: {type(error).__name__}"
            raise InspectionError(message) from None
        return await self._told(process)

    async def _told(self, process: Process) -> Heard:
        try:
            said, _ = await asyncio.wait_for(process.communicate(), self._deadline)
        except TimeoutError:
            return Heard(fault=SoundFault.TOO_COSTLY)
        finally:
            await _end(process)
        status = process.returncode
        if not said.startswith(READY) or status == NO_ROOM:
            message = f"the listening process ended with {status} and said nothing of the recording"
            raise InspectionError(message)
        heard = Heard.read(said.removeprefix(READY)) if status == 0 else None
        if heard is None:
            costly = status in _COSTLY
            return Heard(fault=SoundFault.TOO_COSTLY if costly else SoundFault.BROKEN)
        return heard


@contextlib.contextmanager
def _in_memory() -> Iterator[int]:
    """A file without a disk, by its descriptor."""
    descriptor = os.memfd_create("recording")
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _path(descriptor: int) -> str:
    """The same in our process and in the one that is handed it."""
    return f"/proc/self/fd/{descriptor}"


async def _end(process: Process) -> None:
    """However the waiting ended, nothing is left running."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
