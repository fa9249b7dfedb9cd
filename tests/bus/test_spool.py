"""The spool keeps what it answered for, in order, through torn writes and full disks."""

import os

import pytest

from bus.errors import SpoolUnusableError
from bus.settings import SpoolSettings
from bus.spool import Entry, Spool


def entries(*names: str) -> list[Entry]:
    return [Entry(b"+98912", name.encode()) for name in names]


@pytest.fixture
def settings(tmp_path):
    return SpoolSettings(directory=tmp_path / "spool", segment_bytes=4096)


async def test_what_was_appended_is_read_back_in_order_after_a_restart(settings):
    spool = Spool(settings)
    spool.open()
    await spool.append(entries("a", "b"))
    await spool.append(entries("c"))
    again = Spool(settings)
    again.open()
    assert [entry.value for entry in await again.read(again.first, 10)] == [b"a", b"b", b"c"]


async def test_a_torn_tail_is_cut_and_what_came_before_is_kept(settings):
    spool = Spool(settings)
    spool.open()
    await spool.append(entries("a", "b"))
    spool.close()
    segment = next(settings.directory.glob("*.spool"))
    whole = segment.read_bytes()
    segment.write_bytes(whole + b"\x00\x00\x00\x09torn")
    again = Spool(settings)
    again.open()
    assert segment.read_bytes() == whole
    assert again.end == 2
    await again.append(entries("c"))
    assert [entry.value for entry in await again.read(0, 10) + await again.read(2, 10)] == [b"a", b"b", b"c"]


async def test_segments_are_read_across_and_forgotten_once_sent(settings):
    spool = Spool(settings)
    spool.open()
    for number in range(20):
        await spool.append([Entry(b"k", bytes([number]) * 1000)])
    number = 0
    seen = []
    while number < spool.end:
        read = await spool.read(number, 3)
        seen += [entry.value[0] for entry in read]
        number += len(read)
    assert seen == list(range(20))
    await spool.forget(before=spool.end)
    assert len(list(settings.directory.glob("*.spool"))) == 1
    assert spool.end == 20


async def test_what_is_within_retention_is_kept_although_it_was_sent(settings):
    spool = Spool(settings.model_copy(update={"retention_seconds": 3600}))
    spool.open()
    for number in range(10):
        await spool.append([Entry(b"k", bytes([number]) * 1000)])
    await spool.forget(before=spool.end)
    assert spool.first == 0


async def test_what_the_disk_did_not_confirm_was_not_kept_and_spoils_nothing_after_it(settings, monkeypatch):
    def broken(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    spool = Spool(settings)
    spool.open()
    await spool.append(entries("a"))
    with monkeypatch.context() as disk:
        disk.setattr(os, "fdatasync", broken)
        with pytest.raises(OSError, match="Input/output error"):
            await spool.append(entries("lost"))
    await spool.append(entries("b"))
    again = Spool(settings)
    again.open()
    assert [entry.value for entry in await again.read(0, 10)] == [b"a", b"b"]


def test_a_folder_that_cannot_be_written_is_refused_with_the_mend(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SpoolUnusableError, match="make it writable"):
        Spool(SpoolSettings(directory=tmp_path / "file" / "spool")).open()
