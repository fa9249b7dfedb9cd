"""A telephone at the other end of a real Asterisk, and what is said into it."""

import math
import struct
import sys
from array import array
from dataclasses import dataclass, field
from itertools import count, pairwise

from envelope.models import Language
from gateway_voice.calls.prompts import wording
from gateway_voice.clients.ari import Ari
from gateway_voice.clients.events import Event
from tests.gateway_voice.calling import until, write_wav
from tests.integration.asterisk_server import AsteriskServer

RATE = 8_000
TONE = 700
_ids = count(1)


def furnish(server: AsteriskServer) -> None:
    """Prompts that are over at once, and three seconds of speech."""
    for language in Language:
        folder = server.prompts / language.value
        folder.mkdir(parents=True)
        for name in wording(language):
            write_wav(folder / f"{name}.wav", b"\0\0" * (RATE // 50))
    write_wav(server.prompts / "speech.wav", tone(3.0))


@dataclass
class Caller:
    """A telephone: the far end of a Local channel."""

    ari: Ari
    asterisk: AsteriskServer
    id: str = ""
    playing: int = 0
    finished: int = 0
    up: bool = False
    heard: list[str] = field(default_factory=list)
    """The prompts that were played to it, without folders, and `tone`."""

    def hear(self, event: Event) -> None:
        self.up |= event["type"] == "StasisStart" and event["channel"]["id"] == self.id
        playback = event.get("playback", {})
        if event["type"] == "PlaybackStarted":
            self.heard.append(playback["media_uri"].rpartition("/")[2])
        elif event["type"] == "RecordingStarted":
            self.heard.append("tone")
        ours = playback.get("target_uri") == f"channel:{self.id}"
        self.finished += event["type"] == "PlaybackFinished" and ours

    async def connected(self) -> None: ...

    async def call(self, number: str = "09121234567") -> None:
        self.id, self.up = f"caller-{next(_ids)}", False
        await self.ari.order(
            "POST",
            "/channels",
            endpoint="Local/1420@from-trunk",
            app=self.ari._app,
            formats="slin",
            callerId=number,
            channelId=self.id,
        )
        await until(lambda: self.up, what="somebody who answers")

    async def press(self, keys: str) -> None:
        await self.ari.order("POST", f"/channels/{self.id}/dtmf", dtmf=keys)

    async def speak(self) -> None:
        """Three seconds of it."""
        self.playing += 1
        await self.ari.play(self.id, f"{self.id}.{self.playing}", [f"sound:{self.asterisk.prompts}/speech"])
        await until(lambda: self.finished == self.playing, what="the end of the speech")

    async def hang_up(self) -> None:
        await self.ari.hang_up(self.id)


def tone(seconds: float) -> bytes:
    heights = (math.sin(2 * math.pi * TONE * at / RATE) for at in range(int(seconds * RATE)))
    return b"".join(struct.pack("<h", int(12_000 * height)) for height in heights)


def has_the_tone(wav: bytes, seconds: float) -> bool:
    """As many periods of it as so many seconds have, whatever the header says of the length."""
    samples = array("h", wav[44 : len(wav) - len(wav) % 2])
    if sys.byteorder == "big":
        samples.byteswap()
    rising = sum(a < -1_000 <= b or a < 0 <= b for a, b in pairwise(samples))
    return rising > seconds * TONE * 0.9
