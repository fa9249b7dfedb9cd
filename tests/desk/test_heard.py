"""What a machine heard in a recording, at the desk: a hint, with a topic that somebody may accept."""

import json
import re
from datetime import UTC, datetime

import pytest

from case_store.handlers.transcripts import Transcripts
from desk.reading.hearing import sureness
from desk.words import LANGUAGES, say
from envelope.models import (
    Attachment,
    Channel,
    Classification,
    DecisionSource,
    Playable,
    Sound,
    Suggestion,
    Transcript,
)
from envelope.taxonomy import SECTION_OF, Audience, Kind, Topic
from tests.desk.conftest import CODE, routed

DIGEST = "e" * 64
HEARD = "مستمری <b>پدرم</b> واریز نشده"
RECORDING = Attachment(
    uri="a",
    sha256=DIGEST,
    media_type="audio/wav",
    size=9,
    seconds=3,
    sound=Sound(playable=Playable(sha256="c" * 64, media_type="audio/ogg", size=9), peaks=(1, 100)),
)


@pytest.fixture
async def hear(store):
    """A recording in the case's message, and what a machine took it for."""
    message = routed("", code=CODE, topic=Topic.OTHER, desk="retirement", channel=Channel.VOICE)
    await store.file(message)
    files = json.dumps([json.loads(RECORDING.to_json())])
    await store.rows("UPDATE message SET attachments = $1", files)

    async def put(
        confidence: float | None = 0.7,
        *,
        topic: Topic = Topic.SURVIVOR_PENSION,
        audience: Audience = Audience.SURVIVOR,
        sure: float = 0.8,
    ) -> None:
        told = Transcript(
            message_id=message.envelope.message_id,
            sha256=DIGEST,
            text=HEARD,
            confidence=confidence,
            model="whisper-1",
            transcribed_at=datetime.now(UTC),
        )
        found = Classification(
            topic=topic,
            section=SECTION_OF[topic],
            kind=Kind.COMPLAINT,
            audience=audience,
            confidence=sure,
            source=DecisionSource.RULES,
            version="test",
        )
        await Transcripts(store.database).keep([Suggestion(transcript=told, classification=found)])

    return put


def form_of(html: str) -> dict[str, str]:
    part = html.partition('class="heard"')[2].partition("</figure>")[0]
    return dict(re.findall(r'name="([^"]+)" value="([^"]*)"', part))


async def test_it_stands_under_the_player_marked_as_a_hint_and_without_its_markup(hear, sign_in):
    await hear()
    agent = await sign_in("agent")
    html = await agent.html(f"/cases/{CODE}")
    part = html.partition("data-player")[2].partition("</figure>")[0]
    assert "ماشین چنین شنیده است؛ شاید اشتباه باشد" in part
    assert "نه‌چندان روشن شنیده شده" in part
    assert "مستمری &lt;b&gt;پدرم&lt;/b&gt; واریز نشده" in part
    assert "<b>" not in part
    assert "بازماندگان" in part


async def test_without_one_there_is_nothing_of_it(hear, sign_in):
    agent = await sign_in("agent")
    assert 'class="heard"' not in await agent.html(f"/cases/{CODE}")


@pytest.mark.parametrize(
    ("confidence", "word"),
    [(0.9, "high"), (0.8, "high"), (0.79, "fair"), (0.5, "low"), (0.0, "low"), (None, "unknown")],
)
async def test_how_sure_the_machine_was_is_told_in_words(hear, sign_in, confidence, word):
    await hear(confidence)
    assert sureness(confidence) == word
    agent = await sign_in("agent")
    assert say("fa", f"case.heard.sure.{word}") in await agent.html(f"/cases/{CODE}")


def test_each_has_words_of_its_own_in_every_language():
    for language in LANGUAGES:
        told = {say(language, f"case.heard.sure.{word}") for word in ("high", "fair", "low", "unknown")}
        assert len(told) == 4


async def test_who_accepts_its_topic_reclassifies_the_case_and_teaches_by_it(hear, store, sign_in):
    await hear()
    agent = await sign_in("agent")
    html = await agent.html(f"/cases/{CODE}")
    assert 'data-key="t"' in html
    form = form_of(html)
    assert (form["topic"], form["kind"], form["audience"]) == ("survivor_pension", "complaint", "survivor")
    answer = await agent.post(f"/cases/{CODE}/reclassify", data=form)
    assert answer.status_code == 303
    case = await store.case(CODE)
    assert (case["topic"], case["kind"], case["desk"]) == ("survivor_pension", "complaint", "retirement")
    assert await store.count("correction") == 1
    again = await agent.html(f"/cases/{CODE}")
    assert "ماشین چنین شنیده است" in again
    assert 'data-key="t"' not in again


async def test_who_somebody_is_stays_as_known_where_the_machine_did_not_hear_it(hear, store, sign_in):
    await store.rows("UPDATE cases SET audience = 'employer'")
    await hear(audience=Audience.UNKNOWN)
    agent = await sign_in("agent")
    assert form_of(await agent.html(f"/cases/{CODE}"))["audience"] == "employer"


@pytest.mark.parametrize("why", ["nothing found", "known already", "a person has decided", "not theirs"])
async def test_nothing_is_offered_where_there_is_nothing_to_accept(hear, store, sign_in, why):
    if why == "known already":
        await store.rows("UPDATE cases SET topic = 'survivor_pension', kind = 'complaint'")
    await hear(sure=0 if why == "nothing found" else 0.8)
    agent = await sign_in("auditor" if why == "not theirs" else "agent")
    if why == "a person has decided":
        decided = form_of(await agent.html(f"/cases/{CODE}")) | {
            "topic": "e_prescription",
            "desk": "retirement",
        }
        assert (await agent.post(f"/cases/{CODE}/reclassify", data=decided)).status_code == 303
    html = await agent.html(f"/cases/{CODE}")
    assert "ماشین چنین شنیده است" in html
    assert 'data-key="t"' not in html


async def test_accepting_what_changed_meanwhile_shows_the_case_and_keeps_its_desk(hear, store, sign_in):
    await hear()
    agent = await sign_in("agent")
    form = form_of(await agent.html(f"/cases/{CODE}"))
    await store.rows("UPDATE cases SET version = version + 1")
    answer = await agent.post(f"/cases/{CODE}/reclassify", data=form)
    assert answer.status_code == 412
    desks = answer.text.partition('id="new-desk"')[2].partition("</select>")[0]
    assert re.search(r'value="retirement"[^>]* selected', desks)
    assert (await store.case(CODE))["topic"] == "other"
