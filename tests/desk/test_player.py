"""A recording at the desk: its waveform, its copy in parts, and what is said where it cannot be played."""

import io
import json
import re
from hashlib import sha256

import pytest

from envelope.models import Attachment, Playable, Sound, SoundFault
from tests.desk.conftest import CODE, routed

COPY = b"OggS" + bytes(24) + b"OpusHead" + bytes(range(256)) * 2_000
DIGEST = sha256(COPY).hexdigest()
ORIGINAL = "e" * 64


def recorded(**changes: object) -> Attachment:
    told = {
        "uri": "a",
        "sha256": ORIGINAL,
        "media_type": "audio/wav",
        "size": 48_000,
        "seconds": 83.4,
        "sound": Sound(
            playable=Playable(sha256=DIGEST, media_type="audio/ogg", size=len(COPY)),
            peaks=(0, 50, 100),
            loudness=-23.0,
        ),
    }
    return Attachment(**(told | changes))  # type: ignore[arg-type]


@pytest.fixture
async def bring(store):
    """Put a recording to the case's message."""
    await store.file(routed(code=CODE))
    await store.objects.put(DIGEST, io.BytesIO(COPY))

    async def put(attachment: Attachment) -> None:
        files = json.dumps([json.loads(attachment.to_json())])
        await store.rows("UPDATE message SET attachments = $1", files)

    return put


async def test_a_recording_is_drawn_from_its_peaks_and_plays_its_copy(bring, sign_in):
    await bring(recorded())
    agent = await sign_in("agent")
    html = await agent.html(f"/cases/{CODE}")
    assert f'src="/cases/{CODE}/files/{DIGEST}"' in html
    assert 'role="slider"' in html
    assert 'aria-valuemax="83"' in html
    bars = re.search(r'<path d="([^"]+)"', html.partition("data-wave")[2])
    assert bars is not None
    assert bars[1] == "M2 48.5V51.5M6 26.5V73.5M10 3.0V97.0"
    assert f'href="/cases/{CODE}/files/{ORIGINAL}?save=1"' in html
    player = html.partition("data-player")[2].partition("</li>")[0]
    assert "style=" not in player
    assert "onclick" not in player
    assert "کسی حرفی نزده" not in html


async def test_where_nobody_seems_to_have_spoken_is_said_so(bring, sign_in):
    given = recorded()
    assert given.sound is not None
    await bring(recorded(sound=given.sound.model_copy(update={"silent": True})))
    agent = await sign_in("agent")
    assert "کسی حرفی نزده" in await agent.html(f"/cases/{CODE}")


@pytest.mark.parametrize(("before", "told"), [("9 hours", True), ("0 seconds", False)])
async def test_when_it_was_said_is_shown_where_it_came_later(bring, store, sign_in, before, told):
    await bring(recorded())
    await store.rows(
        "UPDATE message SET channel = 'voice', occurred_at = received_at - $1::text::interval", before
    )
    agent = await sign_in("agent")
    assert ("گفته‌شده" in await agent.html(f"/cases/{CODE}")) is told


@pytest.mark.parametrize("fault", SoundFault)
async def test_what_cannot_be_played_says_why_and_can_be_saved(bring, sign_in, fault):
    await bring(recorded(media_type="application/octet-stream", sound=None, seconds=None, fault=fault))
    agent = await sign_in("agent")
    html = await agent.html(f"/cases/{CODE}")
    words = {re.search(r'class="unplayable">.*?<span>([^<]+)', html, re.DOTALL)[1]}  # type: ignore[index]
    assert words
    assert "case.sound" not in html
    assert "<audio" not in html
    assert f'href="/cases/{CODE}/files/{ORIGINAL}?save=1"' in html


async def test_every_fault_has_words_of_its_own_in_every_language():
    from desk.words import LANGUAGES, say  # noqa: PLC0415

    for language in LANGUAGES:
        told = {say(language, f"case.sound.fault.{fault}") for fault in SoundFault}
        assert len(told) == len(SoundFault)


@pytest.mark.parametrize(
    ("asked", "status", "told", "part"),
    [
        pytest.param("", 200, None, slice(None), id="all of it"),
        pytest.param("bytes=0-", 206, "bytes 0-", slice(None), id="from the beginning"),
        pytest.param("bytes=300000-", 206, "bytes 300000-", slice(300_000, None), id="from a place on"),
        pytest.param("bytes=5-9", 206, "bytes 5-9/", slice(5, 10), id="a few bytes"),
        pytest.param("bytes=70000-200000", 206, "bytes 70000-", slice(70_000, 200_001), id="across pieces"),
        pytest.param("bytes=-7", 206, "bytes ", slice(-7, None), id="the end"),
        pytest.param("bytes=5-99999999", 206, "bytes 5-", slice(5, None), id="more than there is"),
        pytest.param("bytes=99999999-", 200, None, slice(None), id="beyond the end"),
        pytest.param("bytes=9-5", 200, None, slice(None), id="backwards"),
        pytest.param("bytes=-0", 200, None, slice(None), id="nothing"),
        pytest.param("bytes=-", 200, None, slice(None), id="no number"),
        pytest.param("bytes=0-1,5-6", 200, None, slice(None), id="several parts"),
        pytest.param("lines=1-2", 200, None, slice(None), id="no bytes"),
    ],
)
async def test_a_player_gets_the_part_that_it_asks_for(bring, sign_in, asked, status, told, part):
    await bring(recorded())
    agent = await sign_in("agent")
    given = await agent.get(f"/cases/{CODE}/files/{DIGEST}", headers={"Range": asked} if asked else {})
    assert (given.status_code, given.content) == (status, COPY[part])
    assert given.headers["content-type"] == "audio/ogg"
    assert given.headers["content-length"] == str(len(COPY[part]))
    assert given.headers["accept-ranges"] == "bytes"
    assert (given.headers.get("content-range") or "").startswith(told or "")
    assert ("content-range" in given.headers) == (status == 206)
    if told:
        assert given.headers["content-range"].endswith(f"/{len(COPY)}")
