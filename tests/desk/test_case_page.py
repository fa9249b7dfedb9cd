"""The case page: one conversation, every verb in its place, and nothing typed ever lost."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest

from case_store.staffing import service
from envelope.models import Channel, DeliveryReport, DeliveryState
from tests.case_store.conftest import TEXT
from tests.desk.conftest import CODE, OTHER_CODE, routed

LOADED = 'قرارداد <b>یا</b> فیش \u202eوارونه\u202c & "سند"'


@pytest.fixture
async def case(store):
    await store.file(routed(code=CODE))
    return CODE


def fields(html: str, form: str) -> dict[str, str]:
    """The hidden fields of the form that is sent to this address."""
    [body] = re.findall(rf'<form[^>]*action="{re.escape(form)}"[^>]*>(.*?)</form>', html, re.DOTALL)
    return {
        name: unescape(value)
        for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', body)
    }


def typed(html: str, box: str) -> str:
    """What stands in a text box."""
    [text] = re.findall(rf'<textarea[^>]*id="{box}"[^>]*>(.*?)</textarea>', html, re.DOTALL)
    return unescape(text)


async def test_the_case_is_shown_with_what_was_said_and_whose_it_is(case, sign_in):
    agent = await sign_in("agent")
    html = await agent.html(f"/cases/{case}")
    assert TEXT in html
    assert "واریز و فیش مستمری" in html
    assert "هنوز کسی برنداشته است" in html
    assert "۰۹۱۲۰۰۰۰۰۰۱" in html


async def test_a_case_of_another_desk_is_not_there_and_nothing_of_it_is_told(case, sign_in):
    stranger = await sign_in("agent", units=["treatment"])
    assert TEXT not in await stranger.html(f"/cases/{case}", status=404)


@pytest.mark.parametrize("text", [LOADED, "<script>alert(1)</script>", "' onmouseover='x", "{{ 7*7 }}"])
async def test_what_a_citizen_writes_is_shown_harmlessly(store, sign_in, text):
    await store.file(routed(text, code=CODE))
    html = await (await sign_in("agent")).html(f"/cases/{CODE}")
    assert f'<p class="said-text" dir="auto">{text}</p>' in unescape(html)
    assert "<script>alert" not in html
    assert "<b>یا</b>" not in html


async def test_messages_of_several_channels_stand_in_one_conversation_in_the_order_of_time(store, sign_in):
    await store.file(routed("از پیامک", code=CODE))
    await store.file(routed("از پورتال", channel=Channel.PORTAL, cites=(CODE,)))
    agent = await sign_in("agent")
    await agent.fill(f"/cases/{CODE}/note", text="یادداشت همکار")
    html = await agent.html(f"/cases/{CODE}")
    assert html.index("از پیامک") < html.index("از پورتال") < html.index("یادداشت همکار")
    assert html.count('class="said citizen"') == 2
    assert html.count('class="said note"') == 1


async def test_a_claimed_case_is_ours_and_the_second_to_claim_is_told_who_has_it(case, sign_in):
    first, second = await sign_in("agent", name="مریم احمدی"), await sign_in("agent", name="رضا کریمی")
    await first.fill(f"/cases/{case}/claim")
    assert "در دست شما" in await first.html(f"/cases/{case}")

    lost = await second.fill(f"/cases/{case}/claim", status=409)

    assert "این پرونده را پیش از شما مریم احمدی برداشت" in lost.text


async def test_a_reply_is_written_once_however_often_its_form_is_sent(case, sign_in, store):
    agent = await sign_in("agent")
    form = fields(await agent.html(f"/cases/{case}"), f"/cases/{case}/replies")
    for _ in range(3):
        await agent.fill(f"/cases/{case}/replies", **form, text="امروز واریز شد.")
    sent = [row["text"] for row in (await store.case(case))["outbound_messages"] if row["purpose"] == "reply"]
    assert sent == ["امروز واریز شد."]


async def test_of_two_answers_at_once_one_goes_and_the_other_is_kept_with_what_happened(case, sign_in, store):
    first, second = await sign_in("agent", name="مریم احمدی"), await sign_in("agent", name="رضا کریمی")
    forms = [fields(await one.html(f"/cases/{case}"), f"/cases/{case}/replies") for one in (first, second)]
    await first.fill(f"/cases/{case}/replies", **forms[0], text="پاسخ نخست")

    refused = await second.fill(f"/cases/{case}/replies", status=412, **forms[1], text=LOADED)

    assert typed(refused.text, "text") == LOADED
    assert "مریم احمدی پاسخ داد" in refused.text
    assert "پاسخ نخست" in refused.text
    again = fields(refused.text, f"/cases/{case}/replies")
    assert again["reply_id"] == forms[1]["reply_id"]
    await second.fill(f"/cases/{case}/replies", **again, text=LOADED)
    sent = [row["text"] for row in (await store.case(case))["outbound_messages"] if row["purpose"] == "reply"]
    assert sent == ["پاسخ نخست", LOADED]


async def test_a_text_changed_after_it_went_is_a_new_reply_and_said_to_be_one(case, sign_in, store):
    agent = await sign_in("agent")
    form = fields(await agent.html(f"/cases/{case}"), f"/cases/{case}/replies")
    await agent.fill(f"/cases/{case}/replies", **form, text="نخست")

    refused = await agent.fill(f"/cases/{case}/replies", status=409, **form, text="دوم")

    assert "پاسخ پیشین شما فرستاده شده است" in refused.text
    assert typed(refused.text, "text") == "دوم"
    assert fields(refused.text, f"/cases/{case}/replies")["reply_id"] != form["reply_id"]


@pytest.mark.parametrize(("text", "words"), [("  ", "پاسخ را بنویسید"), ("م" * 901, "۹۰۰ نویسه")])
async def test_an_answer_that_cannot_go_stays_in_its_box(case, sign_in, text, words):
    agent = await sign_in("agent")
    refused = await agent.fill(f"/cases/{case}/replies", status=422, text=text)
    assert words in refused.text
    assert typed(refused.text, "text") == text


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("411: the receptor is not a valid number", "شمارهٔ گیرنده درست نیست"),
        ("a reason of tomorrow", "a reason of tomorrow"),
    ],
)
async def test_why_an_answer_did_not_arrive_is_told_in_the_reader_s_words(case, sign_in, store, told, shown):
    agent = await sign_in("agent")
    await agent.fill(f"/cases/{case}/replies", text="با سلام؛ فردا واریز می‌شود.")
    [row] = await store.rows("SELECT id FROM outbound_message WHERE purpose = 'reply'")
    refused = DeliveryReport(
        provider="kavenegar",
        outbound_id=row["id"],
        state=DeliveryState.REJECTED,
        reason=told,
        reported_at=datetime.now(UTC),
    )
    await store.deliveries.record([refused])
    assert f"<bdi>{shown}</bdi>" in await agent.html(f"/cases/{case}")


async def test_a_draft_is_there_on_any_machine_until_its_reply_has_gone(case, sign_in):
    agent = await sign_in("agent")
    saved = await agent.post(
        f"/cases/{case}/draft", data={"text": "نیمه‌کاره"}, headers={"X-Requested-With": "draft"}
    )
    assert saved.status_code == 204
    html = await agent.html(f"/cases/{case}")
    assert typed(html, "text") == "نیمه‌کاره"

    await agent.fill(f"/cases/{case}/replies", **fields(html, f"/cases/{case}/replies"), text="کامل")

    assert typed(await agent.html(f"/cases/{case}"), "text") == ""


async def test_an_empty_draft_is_none(case, sign_in):
    agent = await sign_in("agent")
    await agent.fill(f"/cases/{case}/draft", text="نیمه‌کاره")
    await agent.fill(f"/cases/{case}/draft", text="  ")
    assert typed(await agent.html(f"/cases/{case}"), "text") == ""


async def test_the_cost_of_a_draft_is_shown_before_any_script_runs(case, sign_in):
    agent = await sign_in("agent")
    await agent.fill(f"/cases/{case}/draft", text="م" * 71)
    assert "۷۱ نویسه · ۲ پیامک · حدود ۳٬۰۰۰ ریال" in await agent.html(f"/cases/{case}")


async def test_the_short_verbs_do_what_they_say(case, sign_in, store):
    boss = await sign_in("supervisor")
    await boss.fill(f"/cases/{case}/claim")
    new = {"topic": "survivor_pension", "kind": "complaint", "audience": "survivor", "desk": "retirement"}
    html = await boss.html(f"/cases/{case}")
    form = fields(html, f"/cases/{case}/reclassify")
    await boss.fill(f"/cases/{case}/reclassify", **form, **new, province="تهران")
    await boss.fill(f"/cases/{case}/release")
    form = fields(await boss.html(f"/cases/{case}"), f"/cases/{case}/close")
    await boss.fill(f"/cases/{case}/close", **form, reason="پاسخ داده شد")
    await boss.fill(f"/cases/{case}/reopen", reason="کامل نبود")
    row = await store.case(case)
    assert (row["topic"], row["kind"], row["audience"], row["province"]) == (*list(new.values())[:3], "تهران")
    assert row["state"] == "open"
    assert [event["type"] for event in row["events"]][-5:] == [
        *("case_claimed", "case_reclassified", "case_released", "case_closed", "case_reopened"),
    ]


async def test_a_verb_that_no_longer_fits_keeps_its_form_open_with_what_was_typed(case, sign_in):
    first, second = await sign_in("agent"), await sign_in("agent")
    form = fields(await second.html(f"/cases/{case}"), f"/cases/{case}/close")
    await first.fill(f"/cases/{case}/note", text="یادداشت")
    await first.fill(f"/cases/{case}/claim")

    refused = await second.fill(f"/cases/{case}/close", status=412, **form, reason=LOADED)

    assert (
        'value="'
        + LOADED.replace("&", "&amp;").replace('"', "&#34;").replace("<", "&lt;").replace(">", "&gt;")
        in refused.text
    )
    assert re.search(
        r'<details class="act" name="act" open><summary class="button">.*?بستن', refused.text, re.DOTALL
    )


async def test_two_cases_are_linked_and_parted(store, sign_in):
    await store.file(routed(code=CODE), routed(code=OTHER_CODE, sender="+989120000002"))
    agent = await sign_in("agent")
    await agent.fill(f"/cases/{CODE}/link", other_code=OTHER_CODE, relation="duplicate")
    assert f'href="/cases/{OTHER_CODE}"' in await agent.html(f"/cases/{CODE}")
    await agent.fill(f"/cases/{CODE}/links/{OTHER_CODE}/remove")
    assert f'href="/cases/{OTHER_CODE}"' not in await agent.html(f"/cases/{CODE}")


async def test_other_cases_of_the_person_stand_beside(store, sign_in):
    from envelope.taxonomy import Topic  # noqa: PLC0415

    await store.file(routed(code=CODE))
    await store.file(
        routed("دفترچه درمانی فرزندم فعال نیست", code=OTHER_CODE, topic=Topic.TREATMENT_ELIGIBILITY)
    )
    boss = await sign_in("supervisor")
    assert f'href="/cases/{OTHER_CODE}"' in await boss.html(f"/cases/{CODE}")


async def test_the_deadline_explains_itself_day_by_day(case, sign_in):
    agent = await sign_in("agent")
    html = await agent.html(f"/cases/{case}/deadlines")
    assert "روز دریافت؛ شمرده نمی‌شود" in html
    assert "روز کاری" in html


async def test_whoever_looks_on_gets_the_parts_that_change_and_not_the_reply_box(case, sign_in):
    agent = await sign_in("agent")
    live = await agent.html(f"/cases/{case}/live", hx_request="true")
    assert {"case-head", "acts", "call-live", "call-back", "conversation", "side"} <= set(
        re.findall(r'id="([\w-]+)"', live)
    )
    assert live.count('hx-swap-oob="true"') == 6
    assert 'id="reply"' not in live


async def test_a_link_of_a_case_keeps_its_list(case, sign_in):
    agent = await sign_in("agent")
    html = await agent.html(f"/cases/{case}?list=retirement&show=new&kind=question")
    assert "/queues?list=retirement&amp;show=new&amp;kind=question" in html
    done = await agent.fill(f"/cases/{case}/claim?list=retirement&show=new&kind=question")
    assert done.headers["location"] == f"/cases/{case}?list=retirement&show=new&kind=question"


async def test_only_what_somebody_may_do_is_offered(case, sign_in, store):
    auditor = await sign_in("auditor")
    html = await auditor.html(f"/cases/{case}")
    for verb in ("claim", "replies", "refer", "note", "close", "assign", "official"):
        assert f'action="/cases/{case}/{verb}' not in html
    assert (await auditor.post(f"/cases/{case}/note", data={"text": "x"})).status_code == 403
    assert (await store.case(case))["notes"] == []


async def test_a_case_given_to_a_colleague_shows_whose_it_is(case, sign_in):
    boss, agent = await sign_in("supervisor"), await sign_in("agent", name="رضا کریمی")
    offered = await boss.html(f"/cases/{case}/colleagues")
    assert "رضا کریمی" in offered
    await boss.fill(f"/cases/{case}/assign", staff_id=agent.actor.staff_id)
    assert "در دست رضا کریمی" in await boss.html(f"/cases/{case}")
    assert "در دست شما" in await agent.html(f"/cases/{case}")


async def test_history_tells_everything_that_happened(case, sign_in):
    agent = await sign_in("agent", name="مریم احمدی")
    await agent.fill(f"/cases/{case}/claim")
    html = await agent.html(f"/cases/{case}/history")
    assert "پرونده باز شد" in html
    assert "مریم احمدی پرونده را برداشت" in html


async def test_the_store_knows_who_did_it(case, sign_in, store):
    agent = await sign_in("agent", name="مریم احمدی")
    await agent.fill(f"/cases/{case}/note", text="یادداشت")
    found = await store.cases.find(service(), case)
    assert found["notes"][0]["author"] == "مریم احمدی"
