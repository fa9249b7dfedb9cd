"""Recordings become text after they are messages: late, perhaps wrong, perhaps never; never in the way."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from bus.errors import BusUnavailableError
from bus.settings import KafkaSettings
from envelope import topics
from envelope.models import Transcript
from gateway_voice.handlers import transcribing
from gateway_voice.settings import TranscribeSettings
from tests.gateway_voice.house import House, house_at
from tests.gateway_voice.sounds import noise, speech, wav
from tests.gateway_voice.whisper import ROUTE, SAID, Whisper, segment, verbose, whisper

SPOKEN = wav(speech(3))


@pytest.fixture
def server():
    with whisper() as double:
        yield double


@pytest.fixture(autouse=True)
def _hurried(monkeypatch):
    monkeypatch.setattr(transcribing, "_FIRST_PAUSE", 0.05)


@pytest.fixture
def kafka_forgets() -> dict[str, KafkaSettings]:
    return {"kafka": KafkaSettings(forgetful=True)}


def asking(server: Whisper, **changes: object) -> dict[str, TranscribeSettings]:
    told = {"url": server.url, "timeout_seconds": 10}
    return {"transcribe": TranscribeSettings(**(told | changes))}  # type: ignore[arg-type]


async def until(condition, seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  (a test polls what it does not own)
            await asyncio.sleep(0.02)


def told(house: House) -> list[Transcript]:
    return [Transcript.from_json(record.value) for record in house.bus.of(topics.TRANSCRIBED)]


def noted(house: House) -> list[Path]:
    """What is whole on disk; a note that is being written anew lies beside itself for a moment."""
    return list((house.settings.spool_dir / "transcripts").glob("*.untold"))


def counted(result: str) -> float:
    return REGISTRY.get_sample_value("gateway_voice_transcripts_total", {"result": result}) or 0.0


async def test_a_pushed_recording_is_transcribed_after_it_is_a_message(tmp_path, server: Whisper):
    server.answer(verbose(segment()))
    server.waits.clear()
    async with house_at(tmp_path, **asking(server, key="a-key", model="large-v3")) as house:
        await house.push(SPOKEN)
        await until(lambda: server.asked)
        [envelope] = house.envelopes
        assert told(house) == []
        server.waits.set()
        await until(lambda: told(house) and not noted(house))
        [transcript] = told(house)
        [attachment] = envelope.attachments
        assert (transcript.message_id, transcript.sha256) == (envelope.message_id, attachment.sha256)
        assert (transcript.text, transcript.language, transcript.model) == (SAID, "fa", "large-v3")
        assert transcript.confidence == pytest.approx(0.763, abs=0.001)
        [record] = house.bus.of(topics.TRANSCRIBED)
        assert record.key == envelope.sender.key
        [asked] = server.asked
        assert (asked.path, asked.headers["Authorization"]) == (ROUTE, "Bearer a-key")
        assert asked.fields == {"model": "large-v3", "language": "fa", "response_format": "verbose_json"}
        assert (asked.file_name, asked.file_type) == ("recording.ogg", "audio/ogg")
        assert asked.file == await house.store.bytes_of(attachment.sound.playable.sha256)


async def test_by_default_nobody_is_asked(tmp_path, server: Whisper):
    async with house_at(tmp_path) as house:
        await house.push(SPOKEN)
        await until(lambda: house.envelopes and not list(house.recordings.glob("waiting/*")))
        assert noted(house) == []
    assert server.asked == []


@pytest.mark.parametrize(
    "audio",
    [pytest.param(wav(noise(3)), id="nobody spoke"), pytest.param(b"no sound at all" * 40, id="no sound")],
)
async def test_where_there_is_nothing_to_hear_nobody_is_asked(tmp_path, server: Whisper, audio):
    async with house_at(tmp_path, **asking(server)) as house:
        await house.push(audio)
        await until(lambda: house.envelopes and not list(house.recordings.glob("waiting/*")))
        assert noted(house) == []
    assert server.asked == []


@pytest.mark.parametrize(
    ("answer", "text", "confidence"),
    [
        pytest.param(verbose(segment()), SAID, 0.763, id="OpenAI"),
        pytest.param(
            verbose(
                segment(
                    no_speech_prob=..., compression_ratio=..., words=[{"word": "سلام", "probability": 0.9}]
                )
            ),
            SAID,
            0.779,
            id="whisper.cpp, which leaves two numbers out",
        ),
        pytest.param(
            {"text": SAID, "language": "fa", "duration": 3.0, "segments": [segment()], "words": None},
            SAID,
            0.763,
            id="speaches",
        ),
        pytest.param({"text": SAID}, SAID, None, id="text alone"),
        pytest.param({"text": SAID, "segments": None, "duration": "3.0"}, SAID, None, id="no segments"),
        pytest.param(verbose(segment(avg_logprob=None)), SAID, None, id="a number that is null"),
        pytest.param(
            json.dumps(verbose(segment())).replace("-0.25", "NaN").encode(),
            SAID,
            None,
            id="a number that is none",
        ),
        pytest.param(verbose(segment(avg_logprob=9.0, no_speech_prob=-3.0)), SAID, 1.0, id="beyond sense"),
        pytest.param(
            verbose(segment("سلام"), segment(" با تشکر از شما ", avg_logprob=-1.4, no_speech_prob=0.9)),
            "سلام",
            0.763,
            id="words made up in silence",
        ),
        pytest.param(
            verbose(segment("سلام"), segment("خب " * 90, compression_ratio=9.0)),
            "سلام",
            0.763,
            id="one word for ever",
        ),
        pytest.param(
            {"text": " یک\n دو\u202e\x00 می\u200cشود "},
            "یک دو می\u200cشود",
            None,
            id="unseen marks",
        ),
        pytest.param({"text": "آ" * 100_000}, "آ" * 20_000, None, id="words without end"),
    ],
)
async def test_what_real_servers_answer_is_understood(tmp_path, server: Whisper, answer, text, confidence):
    server.answer(answer)
    async with house_at(tmp_path, **asking(server)) as house:
        await house.push(SPOKEN)
        await until(lambda: told(house))
        [transcript] = told(house)
    assert transcript.text == text
    assert transcript.confidence == (None if confidence is None else pytest.approx(confidence, abs=0.001))


@pytest.mark.parametrize(
    ("body", "status", "headers"),
    [
        pytest.param({"error": "busy"}, 503, {}, id="5xx"),
        pytest.param({"error": "slow down"}, 429, {}, id="too many"),
        pytest.param({"error": "who?"}, 401, {}, id="a key that is mended later"),
        pytest.param(b"<html>gateway</html>", 200, {}, id="a page"),
        pytest.param(b"", 200, {}, id="nothing"),
        pytest.param({"error": "failed to process audio"}, 200, {}, id="an error as an answer"),
        pytest.param({"text": {"$gt": ""}}, 200, {}, id="text that is none"),
        pytest.param(b'{"text": "\\ud800"}', 200, {}, id="half a letter"),
        pytest.param(b"[" * 100_000, 200, {}, id="nested without end"),
        pytest.param(b'{"text": "' + b"a" * 9_000_000 + b'"}', 200, {}, id="nine megabytes"),
        pytest.param({"text": SAID}, 302, {"Location": "http://127.0.0.1:1/"}, id="sent elsewhere"),
        pytest.param(b"\x1f\x8b\x08\x00 packed", 200, {"Content_Encoding": "gzip"}, id="packed unasked"),
        pytest.param({"text": "too short"}, 200, {"Content_Length": "9000"}, id="broken off"),
    ],
)
async def test_an_answer_of_no_use_is_asked_for_again(tmp_path, server: Whisper, body, status, headers):
    server.answer(body, status, **headers)
    server.answer(verbose(segment()))
    async with house_at(tmp_path, **asking(server, timeout_seconds=2)) as house:
        await house.push(SPOKEN)
        await until(lambda: told(house))
        assert [one.text for one in told(house)] == [SAID]
        assert len(server.asked) == 2
        assert len(house.envelopes) == 1


async def test_one_that_never_answers_holds_up_no_message(tmp_path, server: Whisper):
    server.answer(verbose(segment()))
    server.waits.clear()
    async with house_at(tmp_path, **asking(server, timeout_seconds=0.3)) as house:
        for _ in range(3):
            await house.push(SPOKEN)
        await until(lambda: len(house.envelopes) == 3 and len(server.asked) > 3)
        assert told(house) == []
        answer = await house.pbx.get("/readyz")
        assert "transcribing" not in answer.text.replace('"transcribing":null', "")
        server.waits.set()
        await until(lambda: len(told(house)) == 3)


@pytest.mark.parametrize("status", [400, 413, 415, 422])
async def test_a_recording_that_is_refused_is_not_asked_for_again(tmp_path, server: Whisper, status):
    server.answer({"error": "bad"}, status)
    before = counted("refused")
    async with house_at(tmp_path, **asking(server)) as house:
        await house.push(SPOKEN)
        await until(lambda: counted("refused") > before)
        assert noted(house) == []
        assert len(house.envelopes) == 1
    assert len(server.asked) == 1


async def test_where_no_word_is_understood_nothing_is_told(tmp_path, server: Whisper):
    server.answer(verbose(segment("با تشکر", avg_logprob=-1.5, no_speech_prob=0.95)))
    before = counted("nothing_heard")
    async with house_at(tmp_path, **asking(server)) as house:
        await house.push(SPOKEN)
        await until(lambda: counted("nothing_heard") > before)
        assert (told(house), noted(house)) == ([], [])


async def test_what_waits_is_done_after_a_restart(tmp_path, server: Whisper):
    server.answer({}, 503)
    async with house_at(tmp_path, **asking(server)) as house:
        await house.push(SPOKEN)
        await until(lambda: server.asked and len(noted(house)) == 1)
    server.answers.clear()
    server.answer(verbose(segment()))
    async with house_at(tmp_path, **asking(server)) as house:
        await until(lambda: told(house) and not noted(house))
        assert house.envelopes == []


async def test_ended_before_its_note_it_is_handed_in_again_and_noted(tmp_path, server: Whisper, monkeypatch):
    """The message's id is the same, so that it counts once."""
    server.answer(verbose(segment()))

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(transcribing.Transcribing, "_keep", never)
        async with house_at(tmp_path, **asking(server)) as house:
            await house.push(SPOKEN)
            await until(lambda: house.envelopes)
            [first] = house.envelopes
    async with house_at(tmp_path, **asking(server)) as house:
        await until(lambda: told(house))
        assert [each.message_id for each in house.envelopes] == [first.message_id]


async def test_while_kafka_is_away_the_transcript_waits_and_is_not_asked_for_again(tmp_path, server: Whisper):
    server.answer(verbose(segment()))
    async with house_at(tmp_path, **asking(server)) as house:
        publish = house.bus.publish

        async def refuse(records):
            if records[0].topic == topics.TRANSCRIBED:
                message = "away"
                raise BusUnavailableError(message)
            await publish(records)

        house.bus.publish = refuse  # type: ignore[method-assign]
        await house.push(SPOKEN)
        await until(lambda: counted("later") and any(SAID in note.read_text() for note in noted(house)))
        house.bus.publish = publish  # type: ignore[method-assign]
        await until(lambda: told(house) and not noted(house))
        assert len(server.asked) == 1


async def test_what_was_told_to_a_broker_that_forgot_is_told_again(tmp_path, server: Whisper, kafka_forgets):
    server.answer(verbose(segment()))
    async with house_at(tmp_path, **asking(server), **kafka_forgets) as house:
        await house.push(SPOKEN)
        await until(lambda: told(house))
        for listener in house.bus.listeners:
            listener()
        await until(lambda: len(told(house)) == 2)
        assert told(house)[0] == told(house)[1]
    async with house_at(tmp_path, **asking(server), **kafka_forgets) as house:
        await until(lambda: told(house))
    assert len(server.asked) == 1


async def test_it_is_given_up_after_a_day(tmp_path, server: Whisper):
    server.answer({}, 503)
    before, later = counted("given_up"), counted("later")
    async with house_at(tmp_path, **asking(server)) as house:
        await house.push(SPOKEN)
        await until(lambda: counted("later") > later)
    [note] = noted(house)
    kept = json.loads(note.read_text())
    long_ago = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
    note.write_text(json.dumps(kept | {"since": long_ago, "next_at": long_ago}))
    async with house_at(tmp_path, **asking(server)) as house:
        await until(lambda: counted("given_up") > before)
        assert noted(house) == []


async def test_a_recording_that_is_too_large_is_not_sent(tmp_path, server: Whisper):
    before = counted("too_large")
    async with house_at(tmp_path, **asking(server, largest_mb=0.001)) as house:
        await house.push(SPOKEN)
        await until(lambda: counted("too_large") > before)
    assert server.asked == []


async def test_a_full_disk_keeps_nobody_from_a_message(tmp_path, server: Whisper, monkeypatch):
    server.answer(verbose(segment()))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(transcribing.Untolds, "write", full)
    async with house_at(tmp_path, **asking(server)) as house:
        await house.push(SPOKEN)
        await until(lambda: told(house))
        assert len(house.envelopes) == 1


async def test_neither_words_nor_numbers_are_in_the_log(tmp_path, server: Whisper, capsys):
    server.answer({"text": SAID}, 503)
    server.answer({"text": ["بیکاری"]})
    server.answer(verbose(segment()))
    async with house_at(tmp_path, **asking(server)) as house:
        await house.push(SPOKEN, caller="09121234567")
        await until(lambda: told(house))
    log = "".join(capsys.readouterr())
    assert "recording_transcribed" in log
    assert "transcript_waits" in log
    assert "بیکاری" not in log
    assert "9121234567" not in log


async def test_notes_are_for_nobodys_eyes_but_ours(tmp_path, server: Whisper):
    server.answer({}, 503)
    async with house_at(tmp_path, **asking(server)) as house:
        await house.push(SPOKEN)
        await until(lambda: server.asked and noted(house))
        [note] = noted(house)
        assert note.stat().st_mode & 0o777 == 0o600
        assert note.parent.stat().st_mode & 0o777 == 0o700
