"""`python -I -m gateway_voice.transcribing.child <model> <memory MB> <seconds>`: vosk hears one recording.

The recording comes on stdin; what was understood goes out as one line of JSON. `ready` is said before, once
the model is loaded: a model that does not load is told from a recording that ends the process.
"""

import importlib
import io
import json
import os
import resource
import sys
from typing import Any, Final

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

READY: Final = b"ready\n"
_RATE: Final = 16_000
_MILLION: Final = 1_000_000
_NICE: Final = 10
_BLOCK: Final = 8_000


def main(model: str, memory_mb: str, cpu_seconds: str) -> int:
    """Say `ready`, then what was understood: `{"text": …, "confidence": …}`."""
    _bind(int(memory_mb), int(float(cpu_seconds)) + 1)
    said = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # Kaldi talks; what is said here is read by a machine
    vosk: Any = importlib.import_module("vosk")
    vosk.SetLogLevel(-1)
    recognizer = vosk.KaldiRecognizer(vosk.Model(model), _RATE)
    recognizer.SetWords(enable_words=True)
    os.write(said, READY)
    words = listen(recognizer, sys.stdin.buffer.read())
    sure = [float(word["conf"]) for word in words if "conf" in word]
    told = {
        "text": " ".join(str(word["word"]) for word in words),
        "confidence": round(sum(sure) / len(sure), 3) if sure else None,
    }
    os.write(said, json.dumps(told).encode())
    return 0


def listen(recognizer: Any, sound: bytes) -> list[dict[str, Any]]:  # noqa: ANN401  (vosk is untyped)
    """The words of all of it, in order, each with its `conf`."""
    words: list[dict[str, Any]] = []
    for samples in _samples(sound):
        if recognizer.AcceptWaveform(samples):
            words += json.loads(recognizer.Result()).get("result", [])
    words += json.loads(recognizer.FinalResult()).get("result", [])
    return words


def _samples(sound: bytes) -> list[bytes]:
    """16-bit mono at 16 kHz, half a second a piece."""
    resampler = AudioResampler("s16", "mono", _RATE)
    whole = bytearray()
    with av.open(io.BytesIO(sound), "r", format="ogg", metadata_errors="ignore") as source:
        for frame in source.decode(audio=0):
            whole += _plain(resampler.resample(frame))
        whole += _plain(resampler.resample(None))
    return [bytes(whole[start : start + 2 * _BLOCK]) for start in range(0, len(whole), 2 * _BLOCK)]


def _plain(frames: list[AudioFrame]) -> bytes:
    return b"".join(bytes(frame.planes[0])[: 2 * frame.samples] for frame in frames)


def _bind(memory_mb: int, cpu_seconds: int) -> None:
    """What one recording may cost; nothing is written."""
    os.nice(_NICE)
    for what, most in (
        (resource.RLIMIT_AS, memory_mb * _MILLION),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
