"""The script that makes the sounds of the prompts; here with a command that always says the same."""

import subprocess
import sys
import wave
from pathlib import Path

import pytest

from envelope.models import Language
from gateway_voice.calls.prompts import wording
from tests.gateway_voice.calling import write_wav

SCRIPT = Path(__file__).parents[2] / "deploy" / "asterisk" / "prompts.py"
_SILENCE = b"\0\0" * 4_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("prompts")
    said = write_wav(folder / "said.wav", _SILENCE + b"\0\x20" * 1_600 + _SILENCE)
    (folder / "fa").mkdir()
    (folder / "fa" / "welcome.alaw").write_bytes(b"a studio's")
    run = [sys.executable, SCRIPT, folder, "--espeak", f"sh -c 'cat {said}'"]
    subprocess.run(run, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("language", Language)
def test_every_prompt_has_a_sound(folder: Path, language: Language):
    assert {path.stem for path in (folder / language.value).iterdir()} == wording(language).keys()


def test_a_sound_is_as_a_telephone_has_it_without_silence_around_it(folder: Path):
    with wave.open(str(folder / "en" / "welcome.wav")) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8_000, 1, 2)
        assert sound.getnframes() == pytest.approx(1_600, abs=40)


def test_a_studios_recording_is_left_alone(folder: Path):
    assert [path.name for path in (folder / "fa").glob("welcome.*")] == ["welcome.alaw"]


def test_where_there_are_no_words_there_is_a_breath(folder: Path):
    with wave.open(str(folder / "fa" / "breath.wav")) as sound:
        assert not any(sound.readframes(sound.getnframes()))
