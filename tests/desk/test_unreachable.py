"""Who cannot be written to: the page says so in words, before and after, and leads to a call to mend it."""

import re

import pytest

from desk.words import say
from envelope.models import Channel
from tests.desk.conftest import CODE, OTHER_CODE, routed

TYPED = "+989121234567"
SHOWN = "۰۹۱۲۱۲۳۴۵۶۷"
TEXT = "مستمری شما واریز شد."


def fa(key: str) -> str:
    return say("fa", f"case.{key}")


@pytest.fixture
async def agent(sign_in, store):
    sender = f"unproven:{TYPED}"
    await store.file(routed(code=CODE, sender=sender, account=True, channel=Channel.PORTAL))
    return await sign_in("agent")


async def test_a_number_that_nobody_proved_is_shown_as_what_it_is(agent):
    page = await agent.html(f"/cases/{CODE}")
    assert "unproven:" not in page
    assert fa("address.unproven") in page
    assert SHOWN in page
    assert fa("reach.unproven") in page
    assert f'href="tel:{TYPED}"' in page


async def test_nor_does_search_or_the_persons_page_tell_it_raw(agent, store):
    await store.rows("UPDATE contact SET name = 'زهرا کریمی'")
    await store.knowledge.index.catch_up()
    page = await agent.html(f"/cases/{CODE}")
    person = re.search(r'href="(/people/[0-9a-f-]{36})"', page)[1]
    for html in (await agent.html(person), (await agent.fill("/search", 200, q="کریمی")).text):
        assert SHOWN in html
        assert "unproven:" not in html
        assert say("fa", "common.unproven") in html


async def test_an_answer_that_cannot_go_is_refused_with_words_and_kept(agent, store):
    version = (await store.case(CODE))["version"]
    refused = await agent.fill(f"/cases/{CODE}/replies", 409, text=TEXT, version=version)
    assert fa("reach.refused") in refused.text
    assert fa("reply.trouble.taken") not in refused.text
    assert f">{TEXT}</textarea>" in refused.text
    assert f'href="/register?case={CODE}"' in refused.text
    assert (await store.case(CODE))["outbound_messages"] == []


async def test_closing_with_an_sms_says_why_not(agent, store):
    version = (await store.case(CODE))["version"]
    form = {"reason": "پاسخ تلفنی", "notify": "yes", "version": version, "key": "k1"}
    refused = await agent.fill(f"/cases/{CODE}/close", 409, **form)
    assert fa("trouble.unreachable") in refused.text
    await agent.fill(f"/cases/{CODE}/close", **form | {"notify": "", "key": "k2"})


async def test_the_call_is_registered_on_the_case_and_then_an_answer_goes(agent, store):
    page = await agent.html(f"/register?case={CODE}")
    assert re.search(r'name="number"[^>]* value="09121234567"', page)
    assert f'value="continue:{CODE}"' in page
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    call = {**fields, "channel": "phone", "number": "09121234567", "text": "خودش بود", "kind": "question"}
    call |= {"audience": "unknown", "do": f"continue:{CODE}"}
    done = await agent.fill("/register", 201, **call)
    assert f'data-copy="{CODE}"' in done.text
    case = await store.case(CODE)
    assert [message["channel"] for message in case["messages"]] == [Channel.PORTAL, Channel.PHONE]
    shown = await agent.html(f"/cases/{CODE}")
    assert fa("reach.unproven") not in shown
    await agent.fill(f"/cases/{CODE}/replies", text=TEXT, version=case["version"])
    [sent] = (await store.case(CODE))["outbound_messages"]
    assert sent["text"] == TEXT
    [row] = await store.rows("SELECT to_value, channel FROM outbound_message")
    assert (row["to_value"], row["channel"]) == (TYPED, "sms")


async def test_what_was_typed_on_the_call_stays_with_its_case_when_something_is_missing(agent):
    page = await agent.html(f"/register?case={CODE}")
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    call = {**fields, "channel": "phone", "number": "", "text": "", "do": f"continue:{CODE}"}
    again = await agent.fill("/register", 422, **call | {"kind": "question", "audience": "unknown"})
    assert f'value="continue:{CODE}"' in again.text


async def test_without_any_number_the_words_are_others(sign_in, store):
    await store.file(routed(code=CODE, sender="somebody", account=True, channel=Channel.PORTAL))
    page = await (await sign_in("agent")).html(f"/cases/{CODE}")
    assert fa("reach.none") in page
    assert 'href="tel:' not in page.split('id="unreachable"')[1].split("</form>")[0]


async def test_whoever_has_a_number_or_a_service_is_written_to_without_a_warning(sign_in, store):
    await store.file(
        routed(code=CODE), routed(code=OTHER_CODE, sender="bank:a1", account=True, channel=Channel.API)
    )
    agent = await sign_in("agent")
    for code in (CODE, OTHER_CODE):
        page = await agent.html(f"/cases/{code}")
        assert 'id="unreachable"' not in page
        assert (fa("reach.partner") in page) is (code == OTHER_CODE)


async def test_whoever_may_not_read_identities_sees_no_more_of_it_than_of_any_number(agent, sign_in):
    page = await (await sign_in("auditor")).html(f"/cases/{CODE}")
    assert fa("address.unproven") in page
    assert "۰۹۱۲***۴۵۶۷" in page
    assert TYPED not in page
    assert SHOWN not in page
