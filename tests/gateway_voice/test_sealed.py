"""With keys, no sound of a caller is ever on our disk as it was spoken, neither on its way nor after."""

import asyncio
import json
from base64 import b64encode
from pathlib import Path

import httpx
import pytest

from gateway_voice.clients.ari import Ari
from gateway_voice.settings import AsteriskSettings
from objects.disk import Disk
from objects.keyring import MAGIC, Keyring
from objects.settings import ObjectsSettings
from tests.gateway_voice.asterisk_double import SOUND, AsteriskDouble, running
from tests.gateway_voice.house import house_at
from tests.gateway_voice.sounds import noise, wav
from tests.gateway_voice.test_mailboxes import leave
from tests.gateway_voice.test_recordings import handed_in, left_over, until

SPOKEN = wav(noise(3))
WORD = SPOKEN[20_000:20_032]
KEYS = {name: b64encode(name[:1].encode() * 32).decode() for name in ("first", "second")}


def keys(current: str = "first", *known: str) -> ObjectsSettings:
    told = {name: KEYS[name] for name in (current, *known)}
    return ObjectsSettings(keys=json.dumps(told), key=current)


def plain(folder: Path) -> list[Path]:
    """The files below a folder in which somebody can be heard: as they spoke, or in the small copy."""
    return [path for path in folder.rglob("*") if path.is_file() and heard_in(path.read_bytes())]


def heard_in(content: bytes) -> bool:
    return WORD in content or b"OpusHead" in content


@pytest.fixture
def gone(monkeypatch) -> list[bytes]:
    """What was in every file that was deleted: no look at the disk would find it in time."""
    contents: list[bytes] = []
    unlink = Path.unlink

    def remember(path: Path, *, missing_ok: bool = False) -> None:
        if path.is_file():
            contents.append(path.read_bytes())
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", remember)
    return contents


async def test_a_pushed_recording_is_sealed_from_its_first_byte_on_disk_to_its_last(tmp_path: Path, gone):
    async with house_at(tmp_path, away=True, objects=keys()) as house:
        assert (await house.push(SPOKEN)).status_code == 202
        await until(lambda: house.store.asked)
        [waiting] = house.recordings.glob("waiting/*")
        assert (waiting / "audio").read_bytes().startswith(MAGIC)
        assert (waiting / "copy").read_bytes().startswith(MAGIC)
        assert plain(tmp_path) == []
    async with house_at(tmp_path, objects=keys("second", "first")) as house:
        [envelope] = await handed_in(house)
        [attachment] = envelope.attachments
        assert (attachment.fault, attachment.size) == (None, len(SPOKEN))
        assert attachment.sound is not None
        assert attachment.sound.playable is not None
        assert await house.store.bytes_of(attachment.sha256) == SPOKEN
        copy = await house.store.bytes_of(attachment.sound.playable.sha256)
        assert (copy[:4], len(copy)) == (b"OggS", attachment.sound.playable.size)
        assert left_over(house) == []
    assert plain(tmp_path) == []
    assert [content[:20] for content in gone if heard_in(content)] == []
    assert len(gone) >= 2, "the body and the audio of the push"


async def test_without_keys_it_is_there_as_spoken(tmp_path: Path, gone):
    """What the other tests look for can be found."""
    async with house_at(tmp_path) as house:
        await house.push(SPOKEN)
        await handed_in(house)
        assert len(plain(tmp_path)) == 2
    assert any(heard_in(content) for content in gone)


async def test_what_waited_when_the_keys_came_becomes_a_message(tmp_path: Path):
    async with house_at(tmp_path, away=True) as house:
        await house.push(SPOKEN)
        await until(lambda: house.store.asked)
    async with house_at(tmp_path, objects=keys()) as house:
        [envelope] = await handed_in(house)
        assert await house.store.bytes_of(envelope.attachments[0].sha256) == SPOKEN


async def test_without_its_key_a_recording_waits_for_it(tmp_path: Path):
    async with house_at(tmp_path, away=True, objects=keys()) as house:
        await house.push(SPOKEN)
        await until(lambda: house.store.asked)
    async with house_at(tmp_path, objects=keys("second")) as house:
        await asyncio.sleep(0.5)
        assert [path.name for path in house.recordings.glob("broken/*")] == []
        assert house.envelopes == []
    async with house_at(tmp_path, objects=keys()) as house:
        [envelope] = await handed_in(house)
        assert await house.store.bytes_of(envelope.attachments[0].sha256) == SPOKEN


async def test_a_mailbox_is_emptied_into_sealed_files(tmp_path: Path, gone):
    inbox = tmp_path / "voicemail" / "default" / "1420" / "INBOX"
    inbox.mkdir(parents=True)
    leave(inbox, 0, audio=SPOKEN)
    told = {"voicemail_dir": tmp_path / "voicemail", "voicemail_every_seconds": 0.1}
    async with house_at(tmp_path, away=True, objects=keys(), **told) as house:
        await until(lambda: house.store.asked and not list(inbox.glob("msg*")))
        [waiting] = house.recordings.glob("waiting/*")
        assert (waiting / "audio").read_bytes().startswith(MAGIC)
    ours = [content for content in gone if content.startswith(MAGIC)]
    assert ours, "our copy, linked into its folder"
    assert plain(tmp_path / "spool") == []


async def test_what_is_fetched_from_asterisk_is_sealed(tmp_path: Path):
    disk = Disk(Keyring("k", {"k": bytes(32)}))
    async with running(AsteriskDouble()) as double:
        double.stored["payam.1-1"] = SOUND
        ari = Ari(AsteriskSettings(url=double.url), disk)
        await ari.fetch("payam.1-1", tmp_path / "a.wav")
        await ari.stop()
    assert (tmp_path / "a.wav").read_bytes().startswith(MAGIC)
    with disk.read(tmp_path / "a.wav") as file:
        assert file.read() == SOUND


async def test_a_body_that_is_refused_was_sealed_too(tmp_path: Path, gone):
    async with house_at(tmp_path, objects=keys()) as house:
        refused = await house.push(SPOKEN, tamper=b"x")
        assert isinstance(refused, httpx.Response)
        assert refused.status_code == 401
    assert gone
    assert not any(heard_in(content) for content in gone)
