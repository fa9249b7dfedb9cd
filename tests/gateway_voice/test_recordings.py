"""From a PBX's push to a message that cannot be lost: signed, idempotent, whatever is away."""

import asyncio
import errno
import hashlib
import os
import shutil
import time
from pathlib import Path

import httpx
import pytest
from prometheus_client import REGISTRY

from bus.errors import NotAcceptedError
from envelope.addresses import AddressKind
from envelope.models import Channel, Envelope, SoundFault, message_id_of
from envelope.tracking import parse
from gateway_voice.handlers.keeping import Keeping
from gateway_voice.repository.shelf import Shelf
from gateway_voice.routes import signed
from minting.mint import CodeMint
from tests.gateway_voice.house import AT, House, house_at, recording
from tests.gateway_voice.sounds import noise, speech, wav

SPOKEN = wav(speech(3))


@pytest.fixture
async def house(tmp_path):
    async with house_at(tmp_path) as house:
        yield house


async def until(condition, seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  (a test polls what it does not own)
            await asyncio.sleep(0.02)


async def handed_in(house: House, count: int = 1) -> list[Envelope]:
    await until(lambda: len(house.envelopes) >= count and not list(house.recordings.glob("waiting/*")))
    return house.envelopes


def left_over(house: House) -> list[Path]:
    """What a push may leave on disk, once it is a message: nothing but a note of its code."""
    folders = ("tmp", "waiting", "broken")
    return [path for name in folders for path in (house.recordings / name).iterdir()]


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_a_pushed_recording_is_a_message_with_its_sound(house: House):
    answer = await house.push(SPOKEN, id="call-7")
    assert answer.status_code == 202
    code = answer.json()["tracking_code"]
    assert parse(code) == code
    [envelope] = await handed_in(house)
    assert envelope.message_id == message_id_of(Channel.VOICE, "1420", "pbx", "call-7")
    assert (envelope.channel, envelope.line, envelope.tracking_code) == (Channel.VOICE, "1420", code)
    assert (envelope.sender.value, envelope.text, envelope.occurred_at) == ("+989121234567", "", AT)
    [attachment] = envelope.attachments
    assert (attachment.media_type, attachment.size, attachment.fault) == ("audio/wav", len(SPOKEN), None)
    assert attachment.seconds == pytest.approx(3, abs=0.1)
    assert attachment.sound is not None
    assert not attachment.sound.silent
    assert max(attachment.sound.peaks) == 100
    assert await house.store.bytes_of(attachment.sha256) == SPOKEN
    playable = attachment.sound.playable
    assert playable is not None
    copy = await house.store.bytes_of(playable.sha256)
    assert (playable.media_type, playable.size, copy[:4]) == ("audio/ogg", len(copy), b"OggS")
    assert hashlib.sha256(copy).hexdigest() == playable.sha256
    assert left_over(house) == []


async def test_the_same_recording_announced_again_is_the_same_message_with_the_same_code(house: House):
    first = await house.push(SPOKEN, id="once")
    await handed_in(house)
    again = await house.push(SPOKEN, id="once")
    assert (again.status_code, again.json()) == (202, first.json())
    other = await house.push(SPOKEN, id="another")
    assert other.json() != first.json()
    assert len(await handed_in(house, 2)) == 2
    assert left_over(house) == []


async def test_twenty_copies_at_once_are_one_message(tmp_path):
    async with house_at(tmp_path, pushes_at_once=20) as house:
        answers = await asyncio.gather(*(house.push(SPOKEN, id="burst") for _ in range(20)))
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["tracking_code"] for answer in answers}) == 1
        assert len({each.message_id for each in await handed_in(house)}) == len(house.envelopes) == 1


@pytest.mark.parametrize(
    ("how", "status"),
    [
        pytest.param({"secret": "not-ours"}, 401, id="signed by somebody else"),
        pytest.param({"age": 400}, 401, id="signed long ago"),
        pytest.param({"age": -400}, 401, id="signed in the future"),
        pytest.param({"tamper": b"x"}, 401, id="changed on the way"),
        pytest.param({"id": ""}, 422, id="without an id"),
        pytest.param({"id": "<none>"}, 422, id="without the field of the id"),
        pytest.param({"id": "x" * 201}, 422, id="an id without end"),
        pytest.param({"at": "yesterday"}, 422, id="no time"),
        pytest.param({"at": "2026-11-20T19:30:00"}, 422, id="a time without a zone"),
        pytest.param({"at": "9" * 40}, 422, id="a time beyond time"),
        pytest.param({"called": "our number"}, 422, id="no number of ours"),
        pytest.param({"caller": "<none>"}, 422, id="nothing said of the caller"),
        pytest.param({"extra": "field"}, 422, id="a field of no meaning"),
    ],
)
async def test_what_is_not_signed_or_not_as_documented_is_refused_and_leaves_nothing(
    house: House, how, status
):
    answer = await house.push(SPOKEN, **how)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert left_over(house) == []
    assert list((house.recordings / "known").iterdir()) == []
    assert house.envelopes == []


async def test_a_refusal_never_says_the_value_back(house: House):
    answer = await house.push(
        SPOKEN, at="09121234567", id="0912 333 4455 secret", called="0912333445566 words"
    )
    assert answer.status_code == 422
    assert "0912" not in answer.text
    assert "words" not in answer.text


@pytest.mark.parametrize("caller", ["", "anonymous", "204", "Reception"])
async def test_who_cannot_be_called_back_is_still_heard(house: House, caller):
    answer = await house.push(SPOKEN, caller=caller)
    assert answer.status_code == 202
    [envelope] = await handed_in(house)
    assert envelope.sender.kind is AddressKind.ACCOUNT
    assert str(envelope.message_id.hex[:12]) in envelope.sender.value


async def test_two_who_withhold_their_number_are_two_people(house: House):
    for _ in range(2):
        await house.push(SPOKEN, caller="")
    first, second = await handed_in(house, 2)
    assert first.sender != second.sender


async def test_seconds_since_1970_are_a_time_too(house: House):
    await house.push(SPOKEN, at=str(int(AT.timestamp())))
    [envelope] = await handed_in(house)
    assert envelope.occurred_at == AT


async def test_a_form_with_a_mime_that_is_none_is_refused(house: House):
    for content_type in ("text/plain", "multipart/form-data", "multipart/form-data; boundary=x", ""):
        answer = await house.send(content_type, b"--y\r\nwhatever")
        assert answer.status_code == 422, content_type
    assert left_over(house) == []


async def test_a_form_that_was_cut_off_before_it_was_signed_is_refused(house: House):
    body = b'--b\r\nContent-Disposition: form-data; name="audio"; filename="a.wav"\r\n\r\n' + SPOKEN[:2_000]
    answer = await house.send("multipart/form-data; boundary=b", body)
    assert answer.status_code == 422
    assert left_over(house) == []


async def test_more_than_a_recording_may_have_is_not_even_read(tmp_path):
    async with house_at(tmp_path, largest_recording_mb=1) as house:
        answer = await house.push(bytes(1_200_000))
        assert answer.status_code == 413

        async def endless():
            while True:
                yield bytes(64 * 1024)

        headers = {
            "X-Payam-Timestamp": str(int(time.time())),
            "X-Payam-Signature": "v1=" + "0" * 64,
        }
        answer = await house.pbx.post("/recordings", content=endless(), headers=headers)
        assert answer.status_code == 413
        assert left_over(house) == []


async def test_without_a_secret_nothing_can_be_pushed(tmp_path):
    async with house_at(tmp_path, push_secret="") as house:
        assert (await house.push(SPOKEN, secret="")).status_code == 401


@pytest.mark.parametrize(("networks", "status"), [(["10.0.0.0/8"], 404), (["127.0.0.0/8", "::1/128"], 202)])
async def test_pushes_come_from_the_networks_that_were_named(tmp_path, networks, status):
    async with house_at(tmp_path, push_networks=networks) as house:
        assert (await house.push(SPOKEN)).status_code == status
        assert (await house.push(SPOKEN, secret="not-ours")).status_code == (404 if status == 404 else 401)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("127.0.0.1", 202),
        ("10.20.30.40", 202),
        ("192.168.1.7", 202),
        ("fd00::7", 202),
        ("::ffff:10.1.2.3", 202),
        ("8.8.8.8", 404),
        ("172.32.0.1", 404),
        ("2001:db8::1", 404),
    ],
    ids=str,
)
async def test_unless_somebody_says_otherwise_pushes_come_from_networks_of_our_own(house, address, status):
    transport = httpx.ASGITransport(house.app, client=(address, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://voice") as house.pbx:
        assert (await house.push(SPOKEN)).status_code == status


async def test_who_stops_sending_in_the_middle_gives_their_place_back(tmp_path, monkeypatch):
    monkeypatch.setattr(signed, "_STALLED_SECONDS", 0.2)
    async with house_at(tmp_path, pushes_at_once=1) as house:

        async def stalled():
            yield b"--b"
            await asyncio.sleep(60)

        headers = {"X-Payam-Timestamp": str(int(time.time())), "X-Payam-Signature": "v1=" + "0" * 64}
        answer = await house.pbx.post("/recordings", content=stalled(), headers=headers)
        assert answer.status_code == 422
        assert left_over(house) == []
        assert (await house.push(SPOKEN)).status_code == 202


async def test_more_pushes_than_are_taken_at_a_time_come_again(tmp_path):
    async with house_at(tmp_path, pushes_at_once=1) as house:
        hold = asyncio.Event()

        async def slow():
            yield b"--b"
            await hold.wait()

        headers = {
            "X-Payam-Timestamp": str(int(time.time())),
            "X-Payam-Signature": "v1=" + "0" * 64,
        }
        first = asyncio.create_task(house.pbx.post("/recordings", content=slow(), headers=headers))
        await until(lambda: list((house.recordings / "tmp").iterdir()))
        answer = await house.push(SPOKEN)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        hold.set()
        assert (await first).status_code == 401
        assert (await house.push(SPOKEN)).status_code == 202


@pytest.mark.parametrize(
    ("audio", "fault"),
    [
        pytest.param(b"", SoundFault.EMPTY, id="no bytes"),
        pytest.param(wav([]), SoundFault.EMPTY, id="no sound"),
        pytest.param(b"<script>alert(1)</script>" * 9, SoundFault.UNKNOWN, id="no sound at all"),
        pytest.param(b"ID3\x04" + b"\x7f" * 4_000, SoundFault.BROKEN, id="broken"),
    ],
)
async def test_what_cannot_be_played_is_kept_as_it_came_with_a_reason_and_an_alarm(
    house: House, audio, fault
):
    alarms = counted("gateway_voice_unreadable_total", fault=fault.value)
    assert (await house.push(audio)).status_code == 202
    [envelope] = await handed_in(house)
    [attachment] = envelope.attachments
    assert (attachment.media_type, attachment.fault, attachment.sound) == (
        "application/octet-stream",
        fault,
        None,
    )
    assert await house.store.bytes_of(attachment.sha256) == audio
    assert counted("gateway_voice_unreadable_total", fault=fault.value) == alarms + 1


async def test_noise_is_a_message_marked_as_such(house: House):
    await house.push(wav(noise(3)))
    [envelope] = await handed_in(house)
    sound = envelope.attachments[0].sound
    assert sound is not None
    assert sound.silent
    assert sound.playable is not None


async def test_while_the_object_store_is_away_recordings_are_taken_and_wait(tmp_path):
    async with house_at(tmp_path, away=True) as house:
        answer = await house.push(SPOKEN, id="patient")
        assert answer.status_code == 202
        await until(lambda: house.store.asked >= 2)
        assert house.envelopes == []
        house.store.away = False
        [envelope] = await handed_in(house)
        assert envelope.tracking_code == answer.json()["tracking_code"]
        assert left_over(house) == []


async def test_what_waits_outlives_a_restart_and_is_not_listened_to_again(tmp_path):
    async with house_at(tmp_path, away=True) as house:
        code = (await house.push(SPOKEN, id="patient")).json()["tracking_code"]
        await until(lambda: house.store.asked >= 1)
        [waiting] = (house.recordings / "waiting").iterdir()
        told = (waiting / "heard.json").stat().st_mtime_ns
        (house.recordings / "tmp" / "half-written").mkdir()
    async with house_at(tmp_path, away=True) as house:
        await until(lambda: house.store.asked >= 1)
        assert (waiting / "heard.json").stat().st_mtime_ns == told
        house.store.away = False
        [envelope] = await handed_in(house)
        assert envelope.tracking_code == code
        assert left_over(house) == []
        again = await house.push(SPOKEN, id="patient")
        assert again.json()["tracking_code"] == code
    assert len(house.envelopes) == 1


async def test_a_restart_between_the_hand_over_and_its_note_makes_no_second_message(tmp_path):
    async with house_at(tmp_path, away=True) as house:
        await house.push(SPOKEN, id="twice")
        await until(lambda: house.store.asked >= 1)
        shutil.copytree(house.recordings / "waiting", tmp_path / "before")
        house.store.away = False
        [first] = await handed_in(house)
    shutil.copytree(tmp_path / "before", house.recordings / "waiting", dirs_exist_ok=True)
    async with house_at(tmp_path) as house:
        [second] = await handed_in(house)
    assert (first.message_id, first.attachments) == (second.message_id, second.attachments)
    assert (first.tracking_code, first.received_at) == (second.tracking_code, second.received_at)


async def test_one_recording_that_cannot_be_finished_holds_up_no_other(house: House, monkeypatch):
    alarms = counted("gateway_voice_unreadable_total", fault="set_aside")
    put = house.store.put

    async def picky(sha256: str, content) -> None:
        if sha256 == hashlib.sha256(b"poison").hexdigest():
            message = "a fault of ours"
            raise RuntimeError(message)
        await put(sha256, content)

    monkeypatch.setattr(house.store, "put", picky)
    await house.push(b"poison", id="poison")
    await house.push(SPOKEN, id="sound")
    [envelope] = await handed_in(house)
    assert envelope.provider_message_id == "sound"
    [kept] = (house.recordings / "broken").iterdir()
    assert (kept / "audio").read_bytes() == b"poison"
    assert counted("gateway_voice_unreadable_total", fault="set_aside") == alarms + 1
    assert (await house.pbx.get("/readyz")).status_code == 200


def full(*_arguments: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("call", ["link", "write", "fsync", "rename"])
async def test_a_full_disk_takes_nothing_and_says_so(house: House, monkeypatch, call):
    """Whichever step of keeping it is that the disk refuses."""
    with monkeypatch.context() as patched:
        patched.setattr(Path if call == "rename" else os, call, full)
        answer = await house.push(SPOKEN, id="refused")
    assert answer.status_code == 503
    assert (house.envelopes, left_over(house)) == ([], [])
    assert (await house.push(SPOKEN, id="refused")).status_code == 202
    assert len(await handed_in(house)) == 1


async def test_a_recording_that_the_disk_refused_is_still_where_it_was(tmp_path, monkeypatch):
    """Asterisk's copy is deleted only when ours is safe: what was fetched is not lost with a refusal."""
    shelf = Shelf(tmp_path / "shelf", 60)
    keeping = Keeping(shelf, CodeMint(None, None, bytes(32), 100))  # type: ignore[arg-type]  # codes are given
    await keeping.start()
    audio = tmp_path / "fetched.wav"
    audio.write_bytes(SPOKEN)
    given = recording(audio, code="1234567897")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(NotAcceptedError):
            await keeping.keep(given)
    assert audio.read_bytes() == SPOKEN
    await keeping.keep(given)
    assert not audio.exists()
    assert await keeping.code_of(given) == "1234567897"
    [waiting] = shelf.waiting()
    assert waiting.audio.read_bytes() == SPOKEN
    assert waiting.facts().recording(waiting.audio) == recording(waiting.audio, code="1234567897")


async def test_everything_is_on_disk_before_anybody_is_told(tmp_path, monkeypatch):
    """The audio, its facts and the folders that lead to them are flushed before `keep` returns."""
    shelf = Shelf(tmp_path / "shelf", 60)
    keeping = Keeping(shelf, CodeMint(None, None, bytes(32), 100))  # type: ignore[arg-type]  # codes are given
    await keeping.start()
    audio = tmp_path / "fetched.wav"
    audio.write_bytes(SPOKEN)
    flushed: set[str] = set()
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        flushed.add(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    await keeping.keep(recording(audio, code="1234567897"))
    assert {"audio", "facts.new", "waiting"} <= flushed


async def test_ids_are_remembered_for_as_long_as_was_set_and_no_longer(tmp_path):
    async with house_at(tmp_path) as house:
        await house.push(SPOKEN, id="old")
        await handed_in(house)
        [note] = (house.recordings / "known").iterdir()
        shelf = Shelf(house.recordings, 3_600)
        shelf.forget()
        assert note.exists()
        os.utime(note, (0, 0))
        shelf.forget()
        assert not note.exists()


async def test_a_recording_that_waits_for_long_shows_in_health(tmp_path):
    async with house_at(tmp_path, away=True) as house:
        await house.push(SPOKEN)
        await until(lambda: house.store.asked >= 1)
        [facts] = house.recordings.glob("waiting/*/facts.json")
        assert "recordings" not in (await house.pbx.get("/readyz")).json()["reasons"]
        os.utime(facts, (0, 0))
        answer = await house.pbx.get("/readyz")
        assert "recordings" in answer.json()["reasons"]
        assert answer.status_code == httpx.codes.OK  # it is degraded, and takes recordings all the same


async def test_nothing_of_people_is_in_logs_or_metrics(house: House, capfd):
    answer = await house.push(SPOKEN, id="id-of-a-call", caller="09121234567")
    await handed_in(house)
    metrics = (await house.pbx.get("/metrics")).text
    said = "".join(capfd.readouterr())
    for word in ("9121234567", "id-of-a-call", answer.json()["tracking_code"]):
        assert word not in metrics
        assert word not in said
