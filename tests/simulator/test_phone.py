"""The phone without a browser: its page is locked down, its stream misses nothing."""

import json
import re
from pathlib import Path
from uuid import uuid4

import pytest

from simulator.handlers.carriage import Carriage
from simulator.handlers.phone import PhoneDesk
from simulator.handlers.pushes import Pushes
from simulator.numbers import MAGIC_NUMBERS

README = Path(__file__).parents[2] / "services" / "simulator" / "README.md"


@pytest.fixture
def desk(world):
    return PhoneDesk(world, Carriage(world, Pushes(world, lambda _push: None)))


async def until_current(stream) -> list[tuple[str, dict]]:
    """The events up to the mark that says: from here on it is live."""
    events = []
    async for block in stream:
        kind = re.search(r"^event: (\w+)", block, re.MULTILINE)
        if kind is None:
            continue
        if kind[1] == "current":
            break
        last_id = re.search(r"^id: (\S+)", block, re.MULTILINE)
        events.append((kind[1], json.loads(block.split("data: ")[1]), last_id and last_id[1]))
    return events


async def test_the_page_allows_no_inline_code_and_no_third_party(api):
    page = await api.client.get("/")

    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]* src=)", page.text)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page.text)


async def test_every_file_of_the_page_is_there_and_is_kept_by_its_version(api):
    page = await api.client.get("/")

    paths = set(re.findall(r"/static/\w+/[\w./]+", page.text))
    assert {path.rsplit("/", 1)[1] for path in paths} == {
        "phone.css",
        "dialler.css",
        "ringing.css",
        "voice.css",
        "phone.js",
        "icon.svg",
        "vazirmatn.woff2",
    }
    for path in paths:
        answer = await api.client.get(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert (await api.client.get("/static/x/secrets")).status_code == 404
    assert (await api.client.get("/static/old/phone.js")).headers["cache-control"] == "no-cache"


async def test_the_page_shows_every_magic_number(api):
    page = (await api.client.get("/")).text

    assert re.findall(r'data-ending="(\d+)"', page) == [row.ending for row in MAGIC_NUMBERS]


def test_the_readme_shows_every_magic_number():
    shown = re.findall(r"^\| `(\d{4})` \| (.+?) \|", README.read_text(), re.MULTILINE)

    assert shown == [(row.ending, row.meaning) for row in MAGIC_NUMBERS]


@pytest.mark.parametrize("typed", ["09121234567", "۰۹۱۲ ۱۲۳ ۴۵۶۷", "+98 912 123 4567"])
async def test_a_phone_opens_by_any_spelling_of_its_number(api, typed):
    card = (await api.client.post("/phones", json={"number": typed})).json()

    assert card["number"] == "09121234567"
    assert "0912" not in card["phone"]


@pytest.mark.parametrize("typed", ["1420", "+442071838750", "سلام"])
async def test_what_is_no_iranian_number_opens_no_phone(api, typed):
    assert (await api.client.post("/phones", json={"number": typed})).status_code == 422


async def test_a_message_typed_twice_under_one_id_is_one_message(api):
    phone = (await api.client.post("/phones", json={"number": "09121234567"})).json()["phone"]
    body = {"id": str(uuid4()), "text": "سلام"}

    answers = [await api.client.post(f"/phones/{phone}/messages", json=body) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert (await api.client.get("/control/counters")).json()["mo_received"] == 1


async def test_a_handle_from_before_a_restart_is_404(api):
    answer = await api.client.post("/phones/0a1b2c/messages", json={"id": str(uuid4()), "text": "سلام"})

    assert answer.status_code == 404
    assert (await api.client.get("/phones/0a1b2c/events")).status_code == 404


async def test_a_stream_begins_with_all_that_is_shown(desk):
    card = desk.open("09121234567")
    desk.type(card.phone, str(uuid4()), "یک")
    desk.type(card.phone, str(uuid4()), "دو")

    events = await until_current(desk.watch(card.phone, ""))

    assert [kind for kind, *_ in events] == ["begin", "message", "message"]
    assert [shown["text"] for _, shown, _ in events[1:]] == ["یک", "دو"]


async def test_a_stream_taken_up_again_tells_only_what_is_new(desk):
    card = desk.open("09121234567")
    desk.type(card.phone, str(uuid4()), "یک")
    *_, (_, _, last_id) = await until_current(desk.watch(card.phone, ""))
    desk.type(card.phone, str(uuid4()), "دو")

    events = await until_current(desk.watch(card.phone, last_id))

    assert [shown["text"] for _, shown, _ in events] == ["دو"]


@pytest.mark.parametrize("last_id", ["", "rubbish", "0badf00d.7", "0badf00d.x"])
async def test_a_stream_from_another_world_begins_anew(desk, last_id):
    card = desk.open("09121234567")

    events = await until_current(desk.watch(card.phone, last_id))

    assert [kind for kind, *_ in events] == ["begin"]


async def test_a_phone_keeps_only_its_last_messages(desk, world):
    card = desk.open("09121234567")
    kept = world.settings.phone_messages_kept
    for number in range(kept + 5):
        desk.type(card.phone, str(uuid4()), str(number))

    events = await until_current(desk.watch(card.phone, ""))

    assert [shown["text"] for _, shown, _ in events[1:]] == [str(number) for number in range(5, kept + 5)]
