"""A vosk model on this machine: a process a recording, within bounds; refused at the start if not there."""

import io
from pathlib import Path

import pytest

from gateway_voice.audio.listening import listen
from gateway_voice.errors import NotTranscribedError, TranscriberAwayError, TranscriberUnusableError
from gateway_voice.settings import TranscribeSettings
from gateway_voice.transcribing import local
from gateway_voice.transcribing.choosing import chosen
from gateway_voice.transcribing.endpoint import Endpoint
from gateway_voice.transcribing.local import LocalModel
from tests.gateway_voice.house import settings_for
from tests.gateway_voice.sounds import speech, wav

FAKE = '''
"""Hears a word in every piece that is not silent; says so as vosk does."""
import json, os, sys, time

def SetLogLevel(level): ...

class Model:
    def __init__(self, path):
        print("LOG (VoskAPI:ReadDataFiles():model.cc:213) talks on stdout", flush=True)
        if os.path.exists(os.path.join(path, "broken")):
            raise Exception("Failed to create a model")

class KaldiRecognizer:
    def __init__(self, model, rate):
        self.rate, self.pieces, self.what = rate, 0, {what}
    def SetWords(self, enable_words): ...
    def AcceptWaveform(self, data):
        self.pieces += len(data) / 2 / self.rate
        exec(self.what)
        return self.pieces % 2 == 0
    def Result(self):
        return json.dumps({{"result": [{{"conf": 0.8, "word": "سلام", "start": 0}}], "text": "سلام"}})
    def FinalResult(self):
        length, rate = str(round(self.pieces)) + "s", str(self.rate)
        said = [{{"conf": 1.0, "word": length}}, {{"conf": 0.6, "word": rate}}]
        return json.dumps({{"result": said, "text": "…"}} if self.pieces else {{"text": ""}})
'''
CALLED = "from gateway_voice.transcribing.child import main; sys.exit(main(*sys.argv[1:]))"


def copy_of(seconds: float) -> bytes:
    """As the gateway makes it."""
    copy = io.BytesIO()
    assert listen(io.BytesIO(wav(speech(seconds))), copy, 60).fault is None
    return copy.getvalue()


@pytest.fixture
def a_model(tmp_path: Path, monkeypatch):
    """A folder with a model, and a vosk that does `what` at each piece."""

    def make(what: str = "pass", **changes: object) -> LocalModel:
        packages, folder = tmp_path / "packages", tmp_path / "vosk-model-small-fa"
        (packages / "vosk").mkdir(parents=True)
        folder.mkdir()
        (packages / "vosk" / "__init__.py").write_text(FAKE.format(what=repr(what)), "utf-8")
        monkeypatch.setattr(
            local, "_MODULE", ("-I", "-c", f"import sys; sys.path.insert(0, {str(packages)!r}); {CALLED}")
        )
        monkeypatch.setattr(local.importlib.util, "find_spec", lambda name: name == "vosk")
        told = {"model": str(folder), "timeout_seconds": 20} | changes
        model = chosen(TranscribeSettings(**told))  # type: ignore[arg-type]
        assert isinstance(model, LocalModel)
        return model

    return make


async def test_it_hears_all_of_a_recording_at_the_rate_of_its_model(a_model):
    found = await a_model().transcribe(copy_of(3))
    assert found is not None
    assert found.text == "سلام 3s 16000"
    assert found.confidence == pytest.approx(0.8)
    assert (found.language, found.model) == ("fa", "vosk:vosk-model-small-fa")


async def test_a_model_that_does_not_load_says_nothing_of_the_recording(a_model, tmp_path):
    model = a_model()
    (tmp_path / "vosk-model-small-fa" / "broken").touch()
    with pytest.raises(TranscriberAwayError):
        await model.transcribe(copy_of(1))


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        pytest.param("os.abort()", {}, id="crashes"),
        pytest.param("time.sleep(60)", {"timeout_seconds": 3}, id="hangs"),
        pytest.param("bytearray(3_000_000_000)", {"memory_mb": 1_500}, id="eats memory"),
        pytest.param("open('written', 'w').write('x' * 9_000)", {}, id="writes"),
        pytest.param("os._exit(0)", {}, id="ends without a word"),
    ],
)
async def test_a_recording_that_ends_the_process_is_not_tried_again(
    a_model, what, changes, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotTranscribedError):
        await a_model(what, **changes).transcribe(copy_of(1))


async def test_it_is_told_nothing_of_our_surroundings(a_model, monkeypatch):
    monkeypatch.setenv("CASE_STORE_TOKEN", "secret")
    assert await a_model("assert 'CASE_STORE_TOKEN' not in os.environ").transcribe(copy_of(1))


async def test_what_is_no_sound_is_not_tried_again(a_model):
    with pytest.raises(NotTranscribedError):
        await a_model().transcribe(b"no sound")


@pytest.mark.parametrize(
    ("there", "word"), [(False, "folder"), (True, "vosk")], ids=["no folder", "no package"]
)
def test_a_model_that_cannot_be_used_keeps_the_gateway_from_starting(tmp_path, monkeypatch, there, word):
    monkeypatch.setattr(local.importlib.util, "find_spec", lambda _: None)
    folder = tmp_path / "model"
    if there:
        folder.mkdir()
    from gateway_voice.app import create_app  # noqa: PLC0415

    settings = settings_for(tmp_path, transcribe=TranscribeSettings(model=str(folder)))
    with pytest.raises(TranscriberUnusableError, match=word) as refusal:
        create_app(settings)
    assert "GATEWAY_VOICE_TRANSCRIBE_MODEL" in str(refusal.value)


def test_an_address_comes_before_a_folder_and_nobody_is_asked_by_default(monkeypatch):
    monkeypatch.setenv("GATEWAY_VOICE_TRANSCRIBE_MODEL", "large-v3")
    monkeypatch.setenv("GATEWAY_VOICE_TRANSCRIBE_URL", "http://127.0.0.1:1/v1/audio/transcriptions")
    monkeypatch.setenv("GATEWAY_VOICE_TRANSCRIBE_KEY", "a-key")
    settings = TranscribeSettings()
    assert isinstance(chosen(settings), Endpoint)
    assert "a-key" not in repr(settings)
    for name in ("MODEL", "URL", "KEY"):
        monkeypatch.setenv(f"GATEWAY_VOICE_TRANSCRIBE_{name}", "")
    assert chosen(TranscribeSettings()) is None
