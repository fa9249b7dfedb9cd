"""More to say and a rating: taken once, never lost, and only into one's own case."""

import re
from html import unescape
from uuid import uuid4

import pytest

from bus.errors import NotAcceptedError
from bus.intake import Intake
from envelope.addresses import Address, AddressKind
from envelope.models import Channel
from gateway_portal.errors import RedisAwayError
from gateway_portal.repository.redis import RedisStore
from gateway_portal.repository.under_way import UnderWay
from gateway_portal.words import say
from tests.gateway_portal.stories import (
    CODE,
    ME,
    OTHER_CODE,
    SOMEBODY,
    answered,
    closed,
    entry,
    owned,
    signed_in,
    story,
)

CASE = "/citizen/case"
ADD, RATE = f"/cases/{CODE}/messages", f"/cases/{CODE}/rating"
TEXT = "دو ماه دیگر هم\nکم است <b>"
FORM = str(uuid4())


@pytest.fixture
async def mine(portal, behind):
    behind.answers[CASE] = owned(answered())
    async with await signed_in(portal) as browser:
        yield browser


def fa(key: str, **told: object) -> str:
    return say("fa", f"cases.{key}", **told)


def box(page: str, name: str) -> str:
    """What stands in a text area."""
    [found] = re.findall(rf'<textarea id="{name}"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    return unescape(found)


async def test_what_is_added_is_handed_in_for_the_case_and_the_page_says_so(mine, portal):
    answer = await mine.post(ADD, data={"form": FORM, "text": TEXT.replace("\n", "\r\n") + "  "})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/cases/{CODE}?told=added"
    [envelope] = portal.envelopes
    assert envelope.text == TEXT
    assert envelope.refers_to == CODE
    assert envelope.sender == Address(kind=AddressKind.MSISDN, value=ME)
    assert envelope.channel is Channel.PORTAL
    page = await mine.get(answer.headers["location"])
    assert fa("told.added") in page.text


async def test_a_double_click_is_one_message_and_another_text_is_another(mine, portal):
    page = await mine.get(f"/cases/{CODE}")
    form = re.findall(r'name="form" value="([^"]+)"', page.text)[0]
    for text in ("یک", "یک", "دو"):
        await mine.post(ADD, data={"form": form, "text": text})
    first, again, another = [envelope.message_id for envelope in portal.envelopes]
    assert first == again != another


async def test_a_form_of_another_person_is_not_ones_own(mine, portal, behind):
    behind.answers[CASE] = answered()
    async with await signed_in(portal, SOMEBODY) as browser:
        await browser.post(ADD, data={"form": FORM, "text": "یک"})
    await mine.post(ADD, data={"form": FORM, "text": "یک"})
    assert len({envelope.message_id for envelope in portal.envelopes}) == 2


@pytest.mark.parametrize("form", ["", "nonsense", "x" * 500])
async def test_a_form_without_an_id_is_taken_all_the_same(mine, portal, form):
    assert (await mine.post(ADD, data={"form": form, "text": "یک"})).status_code == 303
    assert len(portal.envelopes) == 1


@pytest.mark.parametrize("text", ["لغو", "5", "پیگیری", CODE])
async def test_a_text_that_would_be_a_command_by_sms_is_a_message_here(mine, portal, text):
    await mine.post(ADD, data={"form": FORM, "text": text})
    [envelope] = portal.envelopes
    assert envelope.declared.topic == "contribution_record"
    assert envelope.declared.rating is None


@pytest.mark.parametrize(("typed", "fault"), [("", "text_missing"), (" \r\n ", "text_missing")])
async def test_an_empty_text_is_asked_for(mine, portal, typed, fault):
    page = await mine.post(ADD, data={"form": FORM, "text": typed})
    assert page.status_code == 422
    assert fa(fault) in page.text
    assert 'aria-invalid="true"' in page.text
    assert 'href="#text"' in page.text
    assert portal.envelopes == []


async def test_a_text_has_so_many_letters_and_what_is_too_long_stays_in_the_box(mine, portal):
    lines = "خط\r\n" * 1_333
    assert (await mine.post(ADD, data={"form": FORM, "text": "x" * 4_000})).status_code == 303
    assert (await mine.post(ADD, data={"form": FORM, "text": lines})).status_code == 303
    page = await mine.post(ADD, data={"form": FORM, "text": "ی" * 4_001})
    assert page.status_code == 422
    assert "۴٬۰۰۰" in page.text
    assert box(page.text, "text") == "ی" * 4_001
    assert re.search(rf'name="form" value="{FORM}"', page.text)
    assert len(portal.envelopes) == 2


@pytest.mark.parametrize("path", [ADD, RATE])
async def test_nothing_goes_into_another_persons_case(portal, behind, path):
    behind.answers[CASE] = owned(answered())
    async with await signed_in(portal, SOMEBODY) as browser:
        page = await browser.post(path, data={"form": FORM, "text": "یک", "stars": "1"})
    assert page.status_code == 404
    assert portal.envelopes == []


@pytest.mark.parametrize("path", [ADD, RATE])
async def test_without_a_session_or_from_another_site_nothing_is_taken(mine, portal, visit, path):
    told = {"form": FORM, "text": "یک", "stars": "1"}
    assert (await visit().post(path, data=told)).status_code == 401
    assert (await mine.post(path, data=told, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert portal.envelopes == []


@pytest.mark.parametrize("trouble", ["store away", "store broken", "not accepted"])
async def test_while_something_is_away_what_was_typed_stays_in_the_form(
    mine, portal, behind, trouble, monkeypatch
):
    if trouble == "not accepted":

        async def refuse(*_: object) -> None:
            raise NotAcceptedError("neither Kafka nor the spool")

        monkeypatch.setattr(Intake, "accept", refuse)
    behind.away = trouble == "store away"
    behind.answers[CASE] = "nonsense" if trouble == "store broken" else owned(answered())
    page = await mine.post("/cases/۱۲۳-۴۵۶-۷۸۹۴/messages?lang=en", data={"form": FORM, "text": TEXT})
    assert page.status_code == 503
    assert page.headers["retry-after"] == "60"
    assert say("en", "cases.again.title") in page.text
    assert box(page.text, "text") == TEXT
    assert f'name="form" value="{FORM}"' in page.text
    assert f'action="{ADD}?lang=en"' in page.text
    rated = await mine.post(RATE, data={"form": FORM, "stars": "2", "words": TEXT})
    assert rated.status_code == 503
    assert box(rated.text, "words") == TEXT
    assert 'value="2" checked' in rated.text
    assert portal.envelopes == []


async def test_files_come_with_what_is_added_and_are_part_of_what_makes_it_one(mine, portal):
    for content in (b"one", b"one", b"two"):
        files = {"files": ("نامه.txt", content)}
        answer = await mine.post(ADD, data={"form": FORM, "text": "پیوست"}, files=files)
        assert answer.status_code == 303
    first, again, another = portal.envelopes
    [attachment] = first.attachments
    assert (attachment.media_type, attachment.size) == ("text/plain", 3)
    assert first.message_id == again.message_id != another.message_id


async def test_a_file_needs_no_words(mine, portal):
    answer = await mine.post(ADD, data={"form": FORM, "text": ""}, files={"files": ("a.txt", b"words")})
    assert answer.status_code == 303
    assert (portal.envelopes[0].text, len(portal.envelopes[0].attachments)) == ("", 1)


async def test_a_form_without_files_is_sent_by_browsers_with_an_empty_one(mine, portal):
    files = {"files": ("", b"", "application/octet-stream")}
    await mine.post(ADD, data={"form": FORM, "text": "بی پیوست"}, files=files)
    assert portal.envelopes[0].attachments == ()


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ([("<b>.exe", b"MZ\x00\x01")], say("fa", "ask.fault.file_kind", name="\u2068<b>.exe\u2069")),
        ([("a.txt", b"")], say("fa", "ask.fault.file_empty", name="\u2068a.txt\u2069")),
        ([(f"{n}.txt", b"x") for n in range(6)], fa("files_many", n=5)),
    ],
)
async def test_a_file_that_is_not_taken_stops_all_and_the_words_stay(mine, portal, files, fault):
    sent = [("files", file) for file in files]
    page = await mine.post(ADD, data={"form": FORM, "text": TEXT}, files=sent)
    assert page.status_code == 422
    assert fault in unescape(page.text)
    assert fa("files_again") in page.text
    assert "<b>.exe" not in page.text
    assert box(page.text, "text") == TEXT
    assert portal.envelopes == []


async def test_files_that_came_with_a_text_too_long_are_to_be_chosen_again(mine, portal):
    told = {"form": FORM, "text": "ی" * 4_001}
    page = await mine.post(ADD, data=told, files={"files": ("a.txt", b"words")})
    assert page.status_code == 422
    assert fa("files_again") in page.text
    assert portal.envelopes == []


async def test_whoever_sends_too_often_waits_and_keeps_what_they_typed(mine, portal):
    for number in range(10):
        assert (await mine.post(ADD, data={"form": FORM, "text": str(number)})).status_code == 303
    page = await mine.post(ADD, data={"form": FORM, "text": TEXT})
    assert page.status_code == 429
    assert 1 <= int(page.headers["retry-after"]) <= 7
    assert box(page.text, "text") == TEXT
    assert fa("again.too_many") in page.text
    assert len(portal.envelopes) == 10


async def test_a_word_opens_a_closed_case_again(mine, portal, behind):
    behind.answers[CASE] = owned(closed(aliases=[OTHER_CODE]))
    answer = await mine.post(f"/cases/{OTHER_CODE}/messages", data={"form": FORM, "text": "هنوز نه"})
    assert answer.headers["location"] == f"/cases/{CODE}?told=added"
    assert portal.envelopes[0].refers_to == CODE


@pytest.mark.parametrize("stars", ["4", "۴", "٤"])
async def test_a_rating_is_handed_in_with_its_words(mine, portal, stars):
    answer = await mine.post(RATE, data={"form": FORM, "stars": stars, "words": "خوب بود"})
    assert answer.headers["location"] == f"/cases/{CODE}?told=rated"
    [envelope] = portal.envelopes
    assert envelope.declared.rating == 4
    assert envelope.declared.topic is None
    assert (envelope.text, envelope.refers_to) == ("خوب بود", CODE)
    assert fa("told.rated") in (await mine.get(answer.headers["location"])).text


async def test_a_rating_is_once_and_beside_what_is_added(mine, portal):
    for stars in ("4", "4", "5"):
        await mine.post(RATE, data={"form": FORM, "stars": stars, "words": ""})
    await mine.post(ADD, data={"form": FORM, "text": "4"})
    assert len({envelope.message_id for envelope in portal.envelopes}) == 3


@pytest.mark.parametrize("stars", ["", "0", "6", "خوب", "4.5", "-1", "44"])
async def test_a_rating_is_one_to_five_and_the_words_stay(mine, portal, stars):
    page = await mine.post(RATE, data={"form": FORM, "stars": stars, "words": TEXT})
    assert page.status_code == 422
    assert fa("stars_missing") in page.text
    assert box(page.text, "words") == TEXT
    assert box(page.text, "text") == ""
    assert portal.envelopes == []


async def test_what_has_no_answer_yet_is_not_rated(mine, portal, behind):
    behind.answers[CASE] = owned(story())
    answer = await mine.post(RATE, data={"form": FORM, "stars": "5"})
    assert answer.headers["location"] == f"/cases/{CODE}"
    assert portal.envelopes == []


async def test_only_our_own_sentences_are_said_by_the_address(mine):
    page = await mine.get(f"/cases/{CODE}?told=<script>")
    assert page.status_code == 200
    assert 'role="status"' not in page.text


def arrived(*said: dict, **other: object) -> object:
    """The case once the store has these words too."""
    case = answered(**other)
    return owned({**case, "entries": [*case["entries"], *said]})


async def test_what_was_just_added_is_shown_as_on_its_way_until_the_store_has_it(mine, portal, behind):
    answer = await mine.post(ADD, data={"form": FORM, "text": TEXT})
    page = (await mine.get(answer.headers["location"])).text
    assert page.count("on-its-way") == 1
    assert fa("on_its_way") in page
    waiting = page.split("on-its-way")[1].split("</li>")[0]
    assert "دو ماه دیگر هم\nکم است &lt;b&gt;" in waiting
    assert "دو ماه دیگر" not in answer.headers["location"]
    behind.answers[CASE] = arrived(entry(TEXT, at=portal.envelopes[0].received_at.isoformat()))
    for _ in range(2):
        page = (await mine.get(f"/cases/{CODE}")).text
        assert "on-its-way" not in page
        assert page.count("کم است &lt;b&gt;") == 1
    behind.answers[CASE] = owned(answered())
    assert "on-its-way" not in (await mine.get(f"/cases/{CODE}")).text


async def test_an_older_word_of_the_same_kind_is_another_one(mine, behind):
    behind.answers[CASE] = arrived(entry(TEXT))
    await mine.post(ADD, data={"form": FORM, "text": TEXT})
    assert (await mine.get(f"/cases/{CODE}")).text.count("on-its-way") == 1


async def test_two_are_shown_in_order_and_a_double_click_is_one(mine):
    for form, text in ((FORM, "یکم"), (FORM, "یکم"), (str(uuid4()), "دوم")):
        await mine.post(ADD, data={"form": form, "text": text})
    page = (await mine.get(f"/cases/{CODE}")).text
    assert page.count("on-its-way") == 2
    assert page.index("یکم") < page.index("دوم")


async def test_a_file_on_its_way_is_named_but_cannot_be_fetched_yet(mine):
    await mine.post(ADD, data={"form": FORM, "text": ""}, files={"files": ("نامه.txt", b"one")})
    waiting = (await mine.get(f"/cases/{CODE}")).text.split("on-its-way")[1].split("</li>\n    ")[0]
    assert fa("file.text") in waiting
    assert "/files/" not in waiting


async def test_what_is_on_its_way_is_shown_to_its_person_and_in_its_case_alone(mine, portal, behind):
    await mine.post(ADD, data={"form": FORM, "text": TEXT})
    behind.answers[CASE] = answered()
    async with await signed_in(portal, SOMEBODY) as browser:
        assert "on-its-way" not in (await browser.get(f"/cases/{CODE}")).text
    behind.answers[CASE] = owned({**answered(), "tracking_code": OTHER_CODE})
    assert "on-its-way" not in (await mine.get(f"/cases/{OTHER_CODE}")).text


async def test_a_rating_is_not_among_what_is_on_its_way(mine):
    await mine.post(RATE, data={"form": FORM, "stars": "4", "words": "خوب بود"})
    assert "on-its-way" not in (await mine.get(f"/cases/{CODE}")).text


async def test_it_is_remembered_for_an_hour_at_most_and_no_name_tells_whose_it_is(mine, portal):
    await mine.post(ADD, data={"form": FORM, "text": TEXT})
    redis = RedisStore(portal.settings.redis)
    [name] = await redis.run("KEYS", "payam:portal:under-way:*")
    assert 0 < await redis.run("TTL", name) <= 3_600
    assert not any(told in str(name) for told in (ME, ME[-10:], CODE))
    await redis.stop()


async def test_where_it_cannot_be_remembered_it_is_taken_all_the_same(mine, portal, monkeypatch):
    async def refuse(*_: object) -> None:
        raise RedisAwayError

    monkeypatch.setattr(UnderWay, "put", refuse)
    monkeypatch.setattr(UnderWay, "of", refuse)
    answer = await mine.post(ADD, data={"form": FORM, "text": TEXT})
    page = await mine.get(answer.headers["location"])
    assert page.status_code == 200
    assert fa("told.added") in page.text
    assert "on-its-way" not in page.text
    assert [envelope.text for envelope in portal.envelopes] == [TEXT]
