# ruff: noqa: INP001 - a script, not a package
"""Makes a sound of every prompt with espeak-ng, for Asterisk: `prompts.py <folder>`.

Whatever is in the folder already stays: a studio's recording of the same name is never overwritten.
"""

import argparse
import io
import shlex
import subprocess
import sys
import wave
from array import array
from pathlib import Path
from typing import Final

import av
from av.audio.resampler import AudioResampler

from envelope.models import Language
from gateway_voice.calls.prompts import wording

RATE: Final = 8_000
"""A telephone's, in Hz; 16 bits, one channel."""
BREATH_SECONDS: Final = 0.35
"""Where there are no words."""
QUIET: Final = 200
"""Of 32,767: what is less is silence."""
WORDS_A_MINUTE: Final = 140


def main() -> int:
    """Make what is missing; 1 if espeak-ng cannot be run."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path, help="becomes <folder>/<language>/<prompt>.wav")
    arguments.add_argument("--espeak", default="espeak-ng", help="the command, with its options")
    given = arguments.parse_args()
    try:
        made = sum(make(given.folder, language, shlex.split(given.espeak)) for language in Language)
    except OSError as error:
        sys.stderr.write(f"prompts: {given.espeak}: {error.strerror}\n")
        return 1
    sys.stdout.write(f"prompts: {made} made in {given.folder}\n")
    return 0


def make(folder: Path, language: Language, espeak: list[str]) -> int:
    """The sounds of one language that are not there yet; how many."""
    (folder / language.value).mkdir(parents=True, exist_ok=True)
    made = 0
    for name, words in wording(language).items():
        path = folder / language.value / f"{name}.wav"
        if any(path.parent.glob(f"{name}.*")):
            continue
        write(path, spoken(words, language, espeak) if words else b"\0\0" * int(RATE * BREATH_SECONDS))
        made += 1
    return made


def spoken(words: str, language: Language, espeak: list[str]) -> bytes:
    """16-bit samples of the words."""
    command = [*espeak, "-v", language.value, "-s", str(WORDS_A_MINUTE), "--stdin", "--stdout"]
    said = subprocess.run(command, input=words.encode(), capture_output=True, check=True)  # noqa: S603  (the caller's own command)
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
    samples = bytearray()
    with av.open(io.BytesIO(said.stdout), format="wav") as sound:
        for frame in (*sound.decode(audio=0), None):
            for part in resampler.resample(frame):
                samples += bytes(part.planes[0])[: part.samples * 2]
    return trimmed(bytes(samples))


def trimmed(samples: bytes) -> bytes:
    """Without the silence before and behind: ten digits in a row are waited for."""
    heard = array("h", samples)
    loud = [at for at, each in enumerate(heard) if abs(each) > QUIET]
    return heard[loud[0] : loud[-1] + 1].tobytes() if loud else samples


def write(path: Path, samples: bytes) -> None:
    """As Asterisk reads it."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples)


if __name__ == "__main__":
    sys.exit(main())
