"""Sounds as telephones make them, and files as nobody should make them."""

import io
import math
import random
import struct
import wave
from array import array
from collections.abc import Sequence
from typing import Any

import av

RATE = 8_000


def speech(seconds: float, rate: int = RATE) -> "array[int]":
    """Rises and falls like syllables, with a pause every third second: what levels know speech by."""
    chance = random.Random(1420)
    return array(
        "h",
        (
            int(
                chance.uniform(-1, 1)
                * 9_000
                * max(0.0, math.sin(step * 6 * math.pi / rate))
                * (0.004 if (step // rate) % 3 == 2 else 1)
            )
            for step in range(int(seconds * rate))
        ),
    )


def noise(seconds: float, loud: int = 500) -> "array[int]":
    """A line on which nobody speaks."""
    chance = random.Random(7)
    return array("h", (chance.randint(-loud, loud) for _ in range(int(seconds * RATE))))


def wav(samples: Sequence[int], rate: int = RATE) -> bytes:
    """As Asterisk's `wav`: 16-bit mono."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(array("h", samples).tobytes())
    return written.getvalue()


def encoded(samples: "array[int]", form: str, codec: str, rate: int = RATE) -> bytes:
    """The same in another kind of file."""
    written = io.BytesIO()
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples))
    frame.sample_rate = rate
    frame.planes[0].update(samples.tobytes())
    with av.open(written, "w", format=form) as container:
        stream: Any = container.add_stream(codec, rate=rate)
        stream.layout = "mono"
        for ready in av.AudioResampler(stream.format, "mono", rate, stream.frame_size or None).resample(
            frame
        ):
            container.mux(stream.encode(ready))
        container.mux(stream.encode(None))
    return written.getvalue()


def telephone(codec: int, samples: bytes) -> bytes:
    """A WAV of G.711, 8 bits a sample: 6 is A-law, 7 µ-law."""
    told = struct.pack("<HHIIHH", codec, 1, RATE, RATE, 1, 8)
    body = (
        b"WAVEfmt "
        + struct.pack("<I", len(told))
        + told
        + b"data"
        + struct.pack("<I", len(samples))
        + samples
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body
