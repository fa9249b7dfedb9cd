"""A recording is what its bytes say, is heard within bounds, and gets a copy that every browser plays."""

import io
import os
import random
import time
from pathlib import Path

import av
import psutil
import pytest

from envelope.models import SoundFault
from gateway_voice.audio import listener as listener_module
from gateway_voice.audio.heard import Heard
from gateway_voice.audio.levels import MOST_PEAKS, Levels
from gateway_voice.audio.listener import Listener
from gateway_voice.audio.listening import listen
from gateway_voice.errors import InspectionError
from gateway_voice.settings import GatewayVoiceSettings
from minting.settings import CaseStoreSettings
from tests.gateway_voice.sounds import RATE, encoded, noise, speech, telephone, wav

LONG = 4 * 3_600.0


def heard(content: bytes, longest: float = LONG) -> tuple[Heard, bytes]:
    copy = io.BytesIO()
    return listen(io.BytesIO(content), copy, longest), copy.getvalue()


def seconds_of(copy: bytes) -> float:
    """How long a browser would play it."""
    with av.open(io.BytesIO(copy), "r") as container:
        frames = list(container.decode(audio=0))
    assert container.format.name == "ogg"
    return sum(frame.samples / frame.sample_rate for frame in frames)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        pytest.param(wav(speech(4)), "audio/wav", id="Asterisk's wav"),
        pytest.param(wav(speech(4, 16_000), 16_000), "audio/wav", id="wav16"),
        pytest.param(encoded(speech(4), "ogg", "libopus"), "audio/ogg", id="Opus"),
        pytest.param(encoded(speech(4), "mp3", "libmp3lame"), "audio/mpeg", id="MP3"),
        pytest.param(encoded(speech(4), "ipod", "aac"), "audio/mp4", id="AAC of a browser"),
        pytest.param(encoded(speech(4), "amr", "libopencore_amrnb"), "audio/amr", id="AMR of a mobile"),
        pytest.param(encoded(speech(4), "wav", "pcm_alaw"), "audio/wav", id="A-law of a trunk"),
    ],
)
def test_what_telephones_record_is_heard_and_copied(content, media_type):
    found, copy = heard(content)
    assert (found.media_type, found.fault, found.silent) == (media_type, None, False)
    assert found.seconds == pytest.approx(4, abs=0.3)
    assert found.loudness == pytest.approx(-24, abs=6)
    assert seconds_of(copy) == pytest.approx(4, abs=0.3)
    assert len(copy) < 20_000


def test_the_picture_is_loud_where_somebody_speaks_and_flat_where_they_pause():
    found, _ = heard(wav(speech(6)))
    per_second = len(found.peaks) // 6
    spoken, paused = found.peaks[:per_second], found.peaks[2 * per_second : 3 * per_second]
    assert max(spoken) > 90
    assert max(paused) <= 2
    assert 0 < len(found.peaks) <= MOST_PEAKS


def test_a_line_that_only_hums_is_drawn_low():
    found, _ = heard(wav(noise(3)))
    assert 5 < max(found.peaks) < 50


@pytest.mark.parametrize("seconds", [0.03, 1, 59])
def test_a_picture_never_has_more_bars_than_are_drawn(seconds):
    found, _ = heard(wav(speech(seconds)))
    assert 0 < len(found.peaks) <= MOST_PEAKS


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param([0] * 5 * RATE, id="digital silence"),
        pytest.param(noise(5), id="a noisy line"),
        pytest.param(noise(5, 12), id="a quiet line"),
    ],
)
def test_where_nobody_spoke_is_said_so_and_still_can_be_played(samples):
    found, copy = heard(wav(samples))
    assert (found.silent, found.fault) == (True, None)
    assert seconds_of(copy) == pytest.approx(5, abs=0.15)


def test_a_word_in_a_long_silence_is_no_silence():
    found, _ = heard(wav([*noise(30, 12), *speech(1.5), *noise(5, 12)]))
    assert not found.silent


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(b"", SoundFault.EMPTY, id="no bytes"),
        pytest.param(wav([]), SoundFault.EMPTY, id="a head and no sound"),
        pytest.param(b"#EXTM3U\nfile:///etc/hostname\n", SoundFault.UNKNOWN, id="a playlist"),
        pytest.param(
            b"ffconcat version 1.0\nfile '/etc/hostname'\n", SoundFault.UNKNOWN, id="a list of files"
        ),
        pytest.param(b"%PDF-1.7\n" + b"x" * 500, SoundFault.UNKNOWN, id="a paper"),
        pytest.param(b"\x7fELF" + bytes(2_000), SoundFault.UNKNOWN, id="a program"),
        pytest.param(b"RIFF\xff\xff\xff\xffWAVEfmt ", SoundFault.BROKEN, id="a head cut off"),
        pytest.param(
            b"OggS\0\2" + bytes(22) + b"OpusHead" + b"\xff" * 400, SoundFault.BROKEN, id="an Ogg of nothing"
        ),
        pytest.param(b"ID3\x04" + b"\x7f" * 4_000, SoundFault.BROKEN, id="an MP3 of nothing"),
    ],
)
def test_what_cannot_be_played_says_why(content, fault):
    found, _ = heard(content)
    assert found == Heard(fault=fault)


def test_a_file_is_what_its_bytes_say_whatever_it_was_called():
    found, _ = heard(encoded(speech(2), "mp3", "libmp3lame"))
    assert found.media_type == "audio/mpeg"


@pytest.mark.parametrize("told", [0, 0xFFFFFFFF, 12], ids=["nothing", "everything", "too little"])
def test_a_head_that_was_never_finished_hides_nothing_of_what_was_said(told):
    """A PBX that dies while it records leaves the length of the sound unwritten."""
    content = bytearray(wav(speech(3)))
    content[40:44] = told.to_bytes(4, "little")
    found, _ = heard(bytes(content))
    assert found.fault is None
    if told != 12:  # a length is believed if it is one
        assert found.seconds == pytest.approx(3, abs=0.15)


def test_what_was_said_before_a_file_breaks_off_is_heard():
    found, copy = heard(encoded(speech(6), "mp3", "libmp3lame")[:3_000])
    assert found.fault is None
    assert found.seconds is not None
    assert 1 < found.seconds < 5
    assert seconds_of(copy) == pytest.approx(found.seconds, abs=0.15)


def test_a_sound_longer_than_any_call_is_not_listened_to_for_ever():
    found, _ = heard(telephone(6, bytes(20 * RATE)), longest=10)
    assert found == Heard(fault=SoundFault.TOO_LONG)


@pytest.mark.parametrize("seed", range(60))
def test_bytes_turned_over_anywhere_end_in_a_sound_or_a_fault(seed):
    chance = random.Random(seed)
    forms = (("wav", "pcm_s16le"), ("ogg", "libopus"), ("mp3", "libmp3lame"), ("ipod", "aac"))
    content = bytearray(encoded(speech(0.7), *chance.choice(forms)))
    for _ in range(chance.randint(1, 40)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    found, _ = heard(bytes(content))
    assert found.fault is not None or found.seconds


def test_levels_come_out_the_same_however_the_samples_come_in():
    samples = speech(3)
    at_once, in_drops = Levels(RATE), Levels(RATE)
    at_once.add(memoryview(samples))
    for start in range(0, len(samples), 313):
        in_drops.add(memoryview(samples)[start : start + 313])
    for levels in (at_once, in_drops):
        levels.end()
    assert at_once.peaks() == in_drops.peaks()
    assert at_once.seconds == in_drops.seconds == 3


def listener(**changes: object) -> Listener:
    values = {"TRACKING_CODE_KEY": "ab" * 32, "case_store": CaseStoreSettings(token="x")} | changes
    return Listener(GatewayVoiceSettings(**values))  # type: ignore[arg-type]


def on_disk(folder: Path, content: bytes) -> tuple[Path, Path]:
    (folder / "audio").write_bytes(content)
    return folder / "audio", folder / "copy"


def ours_running() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "gateway_voice.audio.child" in child.cmdline()]


async def test_a_process_of_its_own_hears_the_same(tmp_path):
    content = wav(speech(3))
    source, copy = on_disk(tmp_path, content)
    assert await listener().listen(source, copy) == heard(content)[0]
    assert seconds_of(copy.read_bytes()) == pytest.approx(3, abs=0.15)


async def test_what_takes_too_long_is_ended_and_said_to_be_costly(tmp_path):
    source, copy = tmp_path / "audio", tmp_path / "copy"
    os.mkfifo(source)  # opening it waits for ever
    begun = time.monotonic()
    found = await listener(inspect_seconds=3).listen(source, copy)
    assert found == Heard(fault=SoundFault.TOO_COSTLY)
    assert time.monotonic() - begun < 10
    assert ours_running() == []


async def test_what_takes_too_much_of_the_processor_is_ended(tmp_path):
    source, copy = on_disk(tmp_path, telephone(6, random.Random(1).randbytes(RATE * 3_600)))
    found = await listener(inspect_seconds=1, inspect_at_once=1).listen(source, copy)
    assert found == Heard(fault=SoundFault.TOO_COSTLY)


async def test_a_file_that_kills_its_listener_is_broken_and_nothing_else_is_hurt(tmp_path, monkeypatch):
    killer = tmp_path / "killer.py"
    killer.write_text("import os\nos.write(1, b'ready\\n')\nos.abort()\n")
    source, copy = on_disk(tmp_path, b"x")
    monkeypatch.setattr(listener_module, "_MODULE", (str(killer),))
    assert await listener().listen(source, copy) == Heard(fault=SoundFault.BROKEN)


async def test_a_machine_on_which_no_listener_runs_says_nothing_of_the_file(tmp_path, monkeypatch):
    source, copy = on_disk(tmp_path, b"x")
    monkeypatch.setattr(listener_module, "_MODULE", ("-m", "a_module_that_is_not_there"))
    with pytest.raises(InspectionError):
        await listener().listen(source, copy)


async def test_a_full_disk_says_nothing_of_the_file(tmp_path):
    source, _ = on_disk(tmp_path, wav(speech(1)))
    with pytest.raises(InspectionError):
        await listener().listen(source, Path("/dev/full"))


async def test_the_listener_is_told_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("CASE_STORE_TOKEN", "a-secret")
    teller = tmp_path / "teller.py"
    teller.write_text(
        "import os\nos.write(1, b'ready\\n')\n"
        f"open({str(tmp_path / 'told')!r}, 'w').write(repr(dict(os.environ)))\n"
    )
    source, copy = on_disk(tmp_path, b"x")
    monkeypatch.setattr(listener_module, "_MODULE", (str(teller),))
    await listener().listen(source, copy)
    assert "a-secret" not in (tmp_path / "told").read_text()
