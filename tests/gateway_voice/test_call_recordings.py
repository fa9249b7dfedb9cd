"""What was recorded of a call that an agent asked for: kept as any recording, told to the store alone."""

import asyncio
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from envelope.models import Attachment
from gateway_voice.handlers import finishing
from gateway_voice.handlers.keeping import Keeping
from gateway_voice.repository.shelf import Shelf
from tests.gateway_voice.desk_double import Desk
from tests.gateway_voice.house import House, house_at, recording
from tests.gateway_voice.sounds import speech, wav

SPOKEN = wav(speech(3))


async def until(condition, seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  (a test polls what it does not own)
            await asyncio.sleep(0.02)


class _Mint:
    """Has a code for everybody."""

    def take(self) -> str:
        return "1234567890"


async def _kept(folder: Path) -> UUID:
    """Before the gateway starts, as if it had been killed just then."""
    call, audio = uuid4(), folder / "call.wav"
    audio.write_bytes(SPOKEN)
    keeping = Keeping(Shelf(folder / "spool" / "recordings", 3_600), _Mint())  # type: ignore[arg-type]  # of a mint, this
    await keeping.start()
    what = recording(audio, id=f"payam.out.{call}", caller=None, of_call=call)
    await keeping.keep(what)
    assert await keeping.code_of(what) is None
    return call


def _waits(house: House, name: str = "waiting") -> list[Path]:
    return list((house.recordings / name).iterdir())


async def test_it_goes_with_its_call_and_is_no_message_and_no_case(tmp_path):
    call = await _kept(tmp_path)
    async with house_at(tmp_path) as house:
        await until(lambda: house.desk.recordings and not _waits(house))
        [(told_of, told)] = house.desk.recordings
        attachment = Attachment.model_validate(told)
        assert told_of == call
        assert (attachment.media_type, attachment.size) == ("audio/wav", len(SPOKEN))
        assert attachment.seconds == pytest.approx(3, abs=0.2)
        assert attachment.sound is not None
        assert attachment.sound.playable is not None
        assert await house.store.bytes_of(attachment.sha256) == SPOKEN
        assert await house.store.bytes_of(attachment.sound.playable.sha256)
        assert house.envelopes == []


async def test_while_the_case_store_is_away_it_waits_over_a_restart(tmp_path, monkeypatch):
    monkeypatch.setattr(finishing, "_FIRST_PAUSE", 0.05)
    call = await _kept(tmp_path)
    async with house_at(tmp_path, desk=Desk(away=True)) as house:
        await until(lambda: house.desk.turned_away > 2)
        assert len(_waits(house)) == 1
    async with house_at(tmp_path) as house:
        await until(lambda: house.desk.recordings and not _waits(house))
        assert [each for each, _ in house.desk.recordings] == [call]
        assert house.envelopes == []


async def test_what_the_case_store_will_not_have_is_set_aside_for_a_person(tmp_path):
    await _kept(tmp_path)
    async with house_at(tmp_path, desk=Desk(refuses={"recording"})) as house:
        await until(lambda: _waits(house, "broken"))
        assert _waits(house) == []
        assert house.envelopes == []
