"""Who is rung, not written to: the composer says so, the card switches it, the page tells how it went."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from desk.reading.office import spelt
from desk.reading.reaching import is_landline
from desk.words import say
from envelope.models import Channel
from persian.speech import digit_by_digit
from tests.desk.conftest import CODE, routed

LANDLINE, MOBILE = "+982164500000", "+989120000001"
TEXT = "مستمری شما امروز واریز شد."


def fa(key: str, **told: object) -> str:
    return say("fa", f"case.{key}", **told)


@pytest.fixture
async def agent(sign_in, store):
    await store.file(routed("", code=CODE, sender=LANDLINE, channel=Channel.VOICE))
    return await sign_in("agent")


@pytest.fixture
async def writer(sign_in, store):
    await store.file(routed(code=CODE, sender=MOBILE))
    return await sign_in("agent")


async def test_the_composer_says_that_it_will_be_read_out_and_counts_seconds(agent):
    page = await agent.html(f"/cases/{CODE}")
    assert fa("reach.landline") in page
    assert "data-heard" in page
    assert fa("reply.meter_heard") in page
    assert fa("reply.meter") not in page
    assert fa("address.landline") in page
    assert fa("reach.by_voice") in page
    assert "/read-aloud" not in page
    assert fa("notify_heard") in page


async def test_an_sms_is_priced_as_ever(writer):
    page = await writer.html(f"/cases/{CODE}")
    assert "data-heard" not in page
    assert fa("reply.meter") in page
    assert fa("reach.by_sms") in page
    assert fa("address.msisdn") in page


async def test_a_reply_is_shown_as_it_is_heard_with_how_the_call_went(agent, store):
    version = (await store.case(CODE))["version"]
    await agent.fill(f"/cases/{CODE}/replies", text=TEXT, version=version)
    page = await agent.html(f"/cases/{CODE}")
    assert TEXT in page
    assert f'<bdi dir="ltr">{digit_by_digit(CODE)}</bdi>' in page
    assert fa("read_out.title") in page
    for state in ("queued", "sent", "undelivered", "delivered"):
        await store.rows("UPDATE outbound_message SET state = $1", state)
        assert fa(f"read_out.{state}") in await agent.html(f"/cases/{CODE}")


async def test_one_that_waits_for_the_morning_says_until_when(agent, store):
    morning = datetime.now(UTC) + timedelta(hours=9)
    await store.rows("UPDATE outbound_message SET not_before = $1, state = 'queued'", morning)
    assert fa("read_out.not_before") in await agent.html(f"/cases/{CODE}")
    await store.rows("UPDATE outbound_message SET state = 'delivered'")
    assert fa("read_out.not_before") not in await agent.html(f"/cases/{CODE}")


async def test_a_text_too_long_to_be_heard_comes_back_with_words_and_is_kept(agent, store):
    long, version = "س" * 890, (await store.case(CODE))["version"]
    refused = await agent.fill(f"/cases/{CODE}/replies", 422, text=long, version=version)
    assert fa("reply.too_long_to_hear") in refused.text
    assert f">{long}</textarea>" in refused.text
    assert fa("reply.meter_heard", letters=890, seconds=69) in refused.text


async def test_the_card_switches_it_on_and_off_and_leads_back_to_the_case(writer):
    page = await writer.html(f"/cases/{CODE}")
    path = re.search(r'action="(/people/[0-9a-f-]{36}/read-aloud)"', page)[1]
    done = await writer.fill(path, wanted="yes", case=CODE)
    assert done.headers["location"] == f"/cases/{CODE}"
    page = await writer.html(f"/cases/{CODE}")
    assert fa("reach.wanted") in page
    assert say("fa", "people.send_sms") in page
    person = path.removesuffix("/read-aloud")
    assert say("fa", "people.reads_aloud") in await writer.html(person)
    done = await writer.fill(path, wanted="no")
    assert done.headers["location"] == person
    assert fa("reach.by_sms") in await writer.html(f"/cases/{CODE}")


async def test_what_is_no_code_leads_nowhere_else(writer):
    page = await writer.html(f"/cases/{CODE}")
    path = re.search(r'action="(/people/[0-9a-f-]{36}/read-aloud)"', page)[1]
    done = await writer.fill(path, wanted="yes", case="//evil.example")
    assert done.headers["location"] == path.removesuffix("/read-aloud")


@pytest.mark.parametrize(
    ("number", "landline"),
    [("+982164500000", True), ("+9821••••00", True), ("+989120000001", False), ("+442071838750", False)],
    ids=["landline", "masked", "mobile", "abroad"],
)
def test_a_landline_is_known_by_its_beginning(number, landline):
    assert is_landline(number) is landline


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("کد: ۱ ۲ ۳، ۴ ۵.", 'کد: <bdi dir="ltr">۱ ۲ ۳، ۴ ۵</bdi>.'),
        ("۱ آذر ۱۴۰۵، ۲ روز", "۱ آذر ۱۴۰۵، ۲ روز"),
        ("۱ <b>۲ ۳</b>", '۱ &lt;b&gt;<bdi dir="ltr">۲ ۳</bdi>&lt;/b&gt;'),
    ],
    ids=["code", "date", "markup"],
)
def test_a_number_told_by_its_digits_is_shown_in_the_order_it_is_heard(text, shown):
    assert spelt(text) == shown
