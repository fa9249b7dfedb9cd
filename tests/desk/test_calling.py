"""Calling people back at the desk: their own list, a card with its verbs, a call that tells how it goes."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from case_store.staffing import service
from desk.reading.calling import again_at, calling
from envelope.models import Channel
from envelope.tracking import mint
from tests.case_store.conftest import KEY
from tests.desk.conftest import CODE, OTHER_CODE, routed

CARD = re.compile(r'<section id="call-back".*?</section>', re.DOTALL)
LIVE = re.compile(r'<div id="call-live".*?</div>', re.DOTALL)
PAGE = f"/cases/{CODE}"


@pytest.fixture
async def spoken(store):
    await store.clocks.start()
    await store.file(routed("", code=CODE, channel=Channel.VOICE))
    return store


def card(html: str) -> str:
    return CARD.findall(html)[0]


def told(state: str, result: str | None = None):
    from case_store.schemas.call_backs import ProgressRequest  # noqa: PLC0415

    return ProgressRequest.model_validate({"state": state, "result": result, "at": datetime.now(UTC)})


async def with_telephone(store, agent, extension: str = "2104") -> None:
    await store.rows("UPDATE staff SET extension = $1 WHERE id = $2", extension, agent.actor.staff_id)


async def test_a_voice_message_has_a_card_with_its_number_its_deadline_and_what_can_be_done(spoken, sign_in):
    agent = await sign_in("agent")
    html = card(await agent.html(PAGE))
    assert "تماس با شهروند" in html
    assert "۰۹۱۲۰۰۰۰۰۰۱" in html
    assert "data-ticking" in html
    for button in ('data-key="l"', 'value="no_answer"', 'value="wrong_number"', 'data-key="d"'):
        assert button in html
    assert "رها کردن" not in html


async def test_a_case_without_a_call_back_shows_no_card_and_offers_one(store, sign_in):
    await store.file(routed(code=CODE))
    agent = await sign_in("agent")
    html = await agent.html(PAGE)
    assert "<button" not in card(html)
    assert 'action="/cases/' + CODE + '/call-back/ask"' in html
    await agent.fill(f"{PAGE}/call-back/ask", number="", again="")
    assert "۰۹۱۲۰۰۰۰۰۰۱" in card(await agent.html(PAGE))


async def test_the_calls_of_a_morning_are_one_list_without_those_that_wait(spoken, sign_in):
    await spoken.file(
        routed("", code=OTHER_CODE, channel=Channel.VOICE, sender="+989120000002"),
        routed(code=mint(102, KEY), sender="+989120000003"),
    )
    agent = await sign_in("agent")
    html = await agent.html("/queues?list=all&show=to_call")
    assert re.findall(r'id="row-(\d+)"', html) == [CODE, OTHER_CODE]
    await agent.fill(f"{PAGE}/call-back/try", result="no_answer")
    html = await agent.html("/queues?list=all&show=to_call")
    assert re.findall(r'id="row-(\d+)"', html) == [OTHER_CODE]
    assert "۱ بار تماس گرفته شد" in await agent.html(PAGE)


async def test_a_try_stands_in_the_conversation_with_who_and_what(spoken, sign_in):
    agent = await sign_in("agent", name="سارا")
    await agent.fill(f"{PAGE}/call-back/try", result="busy", note="<b>بعد از ظهر</b>", again="3")
    html = await agent.html(PAGE)
    assert re.search(r'class="happened tried".*?سارا.*?اشغال.*?&lt;b&gt;بعد از ظهر', html, re.DOTALL)
    case = await spoken.cases.find(service(), CODE)
    wait = case["call_back"]["next_at"] - datetime.now(UTC)
    assert timedelta(hours=2, minutes=58) < wait <= timedelta(hours=3)


async def test_after_a_wrong_number_the_card_asks_for_another(spoken, sign_in):
    agent = await sign_in("agent")
    await agent.fill(f"{PAGE}/call-back/try", result="wrong_number")
    html = card(await agent.html(PAGE))
    assert "شمارهٔ درستی" in html
    assert 'data-key="l"' not in html
    refused = await agent.fill(f"{PAGE}/call-back/ask", 422, number="1420")
    assert 'value="1420"' in card(refused.text)
    assert "fault" in card(refused.text)
    await agent.fill(f"{PAGE}/call-back/ask", number="۰۲۱-۱۲۳۴۵۶۷۸")
    assert "۰۲۱۱۲۳۴۵۶۷۸" in card(await agent.html(PAGE))


async def test_what_was_said_is_the_answer_and_the_card_is_gone(spoken, sign_in):
    agent = await sign_in("agent")
    await agent.fill(f"{PAGE}/call-back/done", answer="واریز می‌شود", close="yes")
    html = await agent.html(PAGE)
    assert "واریز می‌شود" in html
    assert "<button" not in card(html)
    assert (await spoken.cases.find(service(), CODE))["state"] == "closed"


async def test_who_is_second_keeps_what_they_typed(spoken, sign_in):
    agent = await sign_in("agent")
    empty = await agent.fill(f"{PAGE}/call-back/done", 422, answer="x" * 901)
    assert "x" * 901 + "</textarea>" in card(empty.text)
    await spoken.staff.reply(service(), CODE, "با پیامک گفتیم", "x", key=None, version=None)
    gone = await agent.fill(f"{PAGE}/call-back/done", 409, answer="نوشتهٔ من")
    assert "نوشتهٔ من</textarea>" in card(gone.text)


async def test_it_can_be_given_up_once_it_was_tried_often_enough(spoken, sign_in):
    agent = await sign_in("agent")
    for _ in range(3):
        assert "call-back/give-up" not in await agent.html(PAGE)
        await agent.fill(f"{PAGE}/call-back/try", result="no_answer")
    assert "call-back/give-up" in await agent.html(PAGE)
    await agent.fill(f"{PAGE}/call-back/give-up")
    assert "تماس را رها کرد" in await agent.html(PAGE)


async def test_a_call_tells_how_it_goes_and_its_recording_is_played_with_its_try(spoken, sign_in):
    agent = await sign_in("agent", name="سارا")
    await with_telephone(spoken, agent)
    await agent.fill(f"{PAGE}/call")
    assert "درخواست تماس فرستاده شد" in LIVE.findall(await agent.html(PAGE))[0]
    assert 'data-key="l"' not in card(await agent.html(PAGE))
    [call] = await spoken.work.calls.claim(service(), 8)
    for state, words in (
        ("ringing_agent", "تلفن شما زنگ می‌خورد"),
        ("ringing_person", "در حال گرفتن"),
        ("talking", "در حال گفت‌وگو"),
    ):
        await spoken.work.calls.progress(service(), call["id"], told(state))
        assert words in LIVE.findall(await agent.html(f"{PAGE}/live"))[0]
    from envelope.models import Attachment  # noqa: PLC0415

    sound = Attachment(uri="x", sha256="a" * 64, media_type="audio/ogg", size=9, seconds=3)
    await spoken.work.calls.progress(service(), call["id"], told("ended", "answered"))
    await spoken.work.calls.keep_recording(service(), call["id"], sound)
    html = await agent.html(PAGE)
    assert "در حال" not in LIVE.findall(html)[0]
    assert re.search(r'class="happened tried".*?پاسخ داد.*?/files/a{64}', html, re.DOTALL)


@pytest.mark.parametrize(
    ("result", "words"),
    [("agent_away", "گوشی شما برداشته نشد"), ("failed", "تماس برقرار نشد"), ("lapsed", "سامانهٔ تلفن")],
)
async def test_a_call_that_rang_nobody_says_why(spoken, sign_in, result, words):
    agent = await sign_in("agent")
    await with_telephone(spoken, agent)
    await agent.fill(f"{PAGE}/call")
    if result == "lapsed":
        await spoken.rows("UPDATE call_out SET heard_at = now() - interval '1 minute'")
        await spoken.work.calls.lapse()
    else:
        [call] = await spoken.work.calls.claim(service(), 8)
        await spoken.work.calls.progress(service(), call["id"], told("ended", result))
    assert words in LIVE.findall(await agent.html(PAGE))[0]
    await agent.fill(f"{PAGE}/call-back/try", result="no_answer")
    assert words not in LIVE.findall(await agent.html(PAGE))[0]


async def test_without_an_extension_the_device_calls_and_the_page_says_so(spoken, sign_in):
    agent = await sign_in("agent")
    html = card(await agent.html(PAGE))
    assert 'href="tel:+989120000001" data-key="l"' in html
    assert f'action="{PAGE}/call"' not in html
    refused = await agent.fill(f"{PAGE}/call", 409)
    assert "شمارهٔ داخلی شما ثبت نشده است" in refused.text


async def test_a_second_call_at_once_is_refused_in_plain_words(spoken, sign_in):
    await spoken.file(routed(code=OTHER_CODE, sender="+989120000002"))
    agent = await sign_in("agent")
    await with_telephone(spoken, agent)
    await agent.fill(f"{PAGE}/call")
    refused = await agent.fill(f"/cases/{OTHER_CODE}/call", 409)
    assert "همین حالا تماس دیگری دارید" in refused.text


async def test_an_administrator_enters_an_extension_in_any_digits(spoken, sign_in):
    chief, agent = await sign_in("administrator"), await sign_in("agent", name="سارا")
    path = f"/staff/{agent.actor.staff_id}"
    form = {"name": "سارا", "role_agent": "yes", "unit_retirement": "yes", "active": "yes", "language": "fa"}
    await chief.fill(path, **form, extension="۲۱۰۴")
    assert 'name="extension" type="text" value="2104"' in await chief.html(path)
    assert f'action="{PAGE}/call"' in card(await agent.html(PAGE))
    wrong = await chief.fill(path, 422, **form, extension="PJSIP/1")
    assert "دو تا ده رقم" in wrong.text
    await chief.fill(path, **form, extension="")
    assert 'name="extension" type="text" value=""' in await chief.html(path)


async def test_who_may_not_answer_sees_no_verbs(spoken, sign_in):
    auditor = await sign_in("auditor")
    html = await auditor.html(PAGE)
    assert "<button" not in card(html)
    assert "09120000001" not in html
    assert "۰۹۱۲۰۰۰۰۰۰۱" not in html


@pytest.mark.parametrize(
    ("chosen", "at"),
    [
        ("", None),
        ("2", None),
        ("1", "2026-11-22T18:30:00+00:00"),
        ("tomorrow", "2026-11-23T09:00:00+03:30"),
    ],
)
def test_when_to_call_again_is_chosen_from_a_few(chosen: str, at: str | None):
    assert again_at(chosen, datetime(2026, 11, 22, 17, 30, tzinfo=UTC)) == at


def test_what_was_settled_is_nothing_to_do():
    assert not calling({"call_back": {"state": "done"}, "calls": [], "tries": []}).shown
    assert not calling({}).shown
