"""Asterisk's own mailboxes: what is left there becomes a message and only then goes."""

import asyncio
import os
import threading
import time
from pathlib import Path

import pytest

from envelope.addresses import AddressKind
from envelope.models import Envelope, message_id_of
from gateway_voice.errors import MailboxBusyError
from gateway_voice.repository.mailboxes import Mailboxes
from tests.gateway_voice.house import House, house_at
from tests.gateway_voice.sounds import speech, wav
from tests.gateway_voice.test_recordings import counted, full, until

SPOKEN = wav(speech(2))
TEXT = """;
; Message Information file
;
[message]
origmailbox=1420
context=macro-vm
exten=s
rdnis=unknown
priority=2
callerchan=PJSIP/trunk-00000012
callerid={caller}
origdate=Fri Nov 20 07:30:00 PM UTC 2026
origtime={at}
category=
msg_id={id}
flag=
duration=12
"""
AT = 1_795_203_000


@pytest.fixture
def spool(tmp_path) -> Path:
    """As Asterisk lays it out."""
    inbox = tmp_path / "voicemail" / "default" / "1420" / "INBOX"
    inbox.mkdir(parents=True)
    return inbox


def leave(
    inbox: Path,
    number: int,
    identity: str = "1795203000-00000001",
    caller: str = '"0912 123 4567" <09121234567>',
    audio: bytes | None = SPOKEN,
) -> None:
    """As app_voicemail does: the sound first, then the text that makes it a message."""
    if audio is not None:
        (inbox / f"msg{number:04d}.wav").write_bytes(audio)
    text = TEXT.format(caller=caller, at=AT + number, id=identity)
    if not identity:
        text = text.replace("msg_id=\n", "")
    (inbox / f"msg{number:04d}.txt").write_text(text)


async def emptied(house: House, inbox: Path, count: int = 1) -> list[Envelope]:
    await until(lambda: len(house.envelopes) >= count and not list(inbox.glob("msg*")))
    return house.envelopes


def house_with(tmp_path: Path, **changes: object):
    return house_at(tmp_path, voicemail_dir=tmp_path / "voicemail", voicemail_every_seconds=0.1, **changes)


async def test_what_is_left_in_a_mailbox_is_a_message_and_goes_from_there(tmp_path, spool):
    leave(spool, 0)
    (spool / "msg0000.gsm").write_bytes(b"another form of it")
    (spool.parent / "unavail.wav").write_bytes(b"a greeting, which is none of ours")
    async with house_with(tmp_path) as house:
        [envelope] = await emptied(house, spool)
        assert envelope.message_id == message_id_of(
            envelope.channel, "1420", "voicemail", "1795203000-00000001"
        )
        assert (envelope.sender.value, envelope.occurred_at.timestamp()) == ("+989121234567", AT)
        assert envelope.tracking_code is not None
        assert await house.store.bytes_of(envelope.attachments[0].sha256) == SPOKEN
    assert list(spool.iterdir()) == []
    assert (spool.parent / "unavail.wav").exists()


async def test_a_message_is_known_by_its_id_and_not_by_its_number(tmp_path, spool):
    """The same message under a new number is no new message; another under the old number is."""
    leave(spool, 3, "one")
    async with house_with(tmp_path) as house:
        await emptied(house, spool)
        leave(spool, 7, "one")
        await until(lambda: not list(spool.glob("msg*")))
        leave(spool, 3, "two")
        envelopes = await emptied(house, spool, 2)
    assert [each.provider_message_id for each in envelopes] == ["one", "two"]


@pytest.mark.parametrize("moved_to", [0, None], ids=["moved", "gone"])
def test_a_message_that_moves_between_two_looks_is_found_or_left_alone(tmp_path, spool, moved_to):
    leave(spool, 1, "one")
    mailboxes = Mailboxes(tmp_path / "voicemail")
    [left] = mailboxes.look(spool)
    for path in sorted(spool.glob("msg0001.*")):
        if moved_to is None:
            path.unlink()
        else:
            path.rename(spool / f"msg{moved_to:04d}{path.suffix}")
    leave(spool, 1, "another", audio=b"of somebody else")
    copy = mailboxes.take(left, tmp_path)
    assert (copy.read_bytes() if copy else None) == (SPOKEN if moved_to is not None else None)
    assert mailboxes.delete(left) is (moved_to is not None)
    assert sorted(path.name for path in spool.iterdir()) == ["msg0001.txt", "msg0001.wav"]


async def test_of_an_old_asterisk_without_ids_a_message_is_known_by_what_does_not_change(tmp_path, spool):
    leave(spool, 0, "")
    first = Mailboxes(tmp_path / "voicemail").look(spool)[0].id
    for path in spool.glob("msg0000.*"):
        path.rename(spool / f"msg0009{path.suffix}")
    leave(spool, 1, "")
    second, moved = (left.id for left in reversed(Mailboxes(tmp_path / "voicemail").look(spool)))
    assert moved == first
    assert second != first


async def test_while_asterisk_is_at_work_in_a_mailbox_it_is_left_alone(tmp_path, spool):
    leave(spool, 0)
    (spool / ".lock").touch()
    busy = counted("gateway_voice_mailbox_total", result="busy")
    async with house_with(tmp_path) as house:
        await until(lambda: counted("gateway_voice_mailbox_total", result="busy") > busy + 2)
        assert house.envelopes == []
        assert sorted(path.name for path in spool.iterdir()) == [".lock", "msg0000.txt", "msg0000.wav"]
        (spool / ".lock").unlink()
        await emptied(house, spool)


def test_a_lock_that_a_dead_process_left_is_broken_and_a_fresh_one_is_not(tmp_path, spool):
    leave(spool, 0)
    (spool / ".lock").touch()
    with pytest.raises(MailboxBusyError):
        Mailboxes(tmp_path / "voicemail").look(spool)
    os.utime(spool / ".lock", (0, 0))
    assert len(Mailboxes(tmp_path / "voicemail").look(spool)) == 1
    assert not (spool / ".lock").exists()


def test_only_one_has_a_mailbox_at_a_time(tmp_path, spool):
    """Our lock is the one that Asterisk makes: while either has it, the other has not."""
    leave(spool, 0)
    seen: list[int] = []
    mailboxes = Mailboxes(tmp_path / "voicemail")

    def look() -> None:
        for _ in range(100):
            try:
                mailboxes.look(spool)
            except MailboxBusyError:
                seen.append(0)
            else:
                seen.append(1)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 300
    assert sum(seen) > 0
    assert [path.name for path in spool.iterdir() if path.name.startswith(".lock")] == []


async def test_a_full_disk_leaves_the_message_where_it_is(tmp_path, spool, monkeypatch):
    leave(spool, 0)
    async with house_with(tmp_path) as house:
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            refused = counted("gateway_voice_mailbox_total", result="refused")
            leave(spool, 1, "two")
            await until(lambda: counted("gateway_voice_mailbox_total", result="refused") > refused)
            assert (spool / "msg0001.wav").read_bytes() == SPOKEN
        await emptied(house, spool, 2)


@pytest.mark.parametrize("text", ["", "no section", "[message]\norigtime=soon\n", "\0" * 90, "x" * 70_000])
async def test_a_text_that_cannot_be_read_holds_up_no_other_and_is_not_touched(tmp_path, spool, text):
    (spool / "msg0000.txt").write_text(text)
    leave(spool, 1, "two")
    async with house_with(tmp_path) as house:
        await until(lambda: house.envelopes)
        await until(lambda: len(list(spool.glob("msg*"))) == 1)
    assert (spool / "msg0000.txt").read_text() == text


async def test_a_message_without_its_sound_is_not_deleted(tmp_path, spool):
    leave(spool, 0, audio=None)
    alarms = counted("gateway_voice_mailbox_total", result="without sound")
    async with house_with(tmp_path):
        await until(lambda: counted("gateway_voice_mailbox_total", result="without sound") > alarms)
    assert (spool / "msg0000.txt").exists()


async def test_a_caller_without_a_number_is_heard_all_the_same(tmp_path, spool):
    leave(spool, 0, caller='"Anonymous" <anonymous>')
    async with house_with(tmp_path) as house:
        [envelope] = await emptied(house, spool)
    assert envelope.sender.kind is AddressKind.ACCOUNT


async def test_mailboxes_that_are_not_there_show_in_health(tmp_path):
    async with house_with(tmp_path) as house:
        begun = time.monotonic()
        reasons: dict[str, str] = {}
        while "mailboxes" not in reasons and time.monotonic() - begun < 10:
            reasons = (await house.pbx.get("/readyz")).json()["reasons"]
            await asyncio.sleep(0.05)
        assert "in a row" in reasons["mailboxes"]
