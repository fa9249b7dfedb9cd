"""Messages that are read out: to landlines and to who wants it so, by day, with the code told twice."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from case_store.answers import LONGEST_HEARD
from case_store.model import Rules
from case_store.repository.database import Database
from case_store.staffing import Role, service
from envelope import topics
from envelope.models import Channel, DeliveryReport, DeliveryState, Intent, OutboundMessage
from envelope.tracking import mint
from persian.dates import TEHRAN
from persian.hours import CallHours
from persian.speech import digit_by_digit
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.desks import Office, opened

LANDLINE, MOBILE = "+982164500000", "+989120000001"
CODE, OTHER = mint(700, KEY), mint(701, KEY)
ALWAYS = CallHours(time(0), time(0))
BY_VOICE, BY_SMS = topics.OUTBOUND_VOICE, topics.OUTBOUND_SMS


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database, Rules(call_hours=ALWAYS, redrive_after=timedelta(0)))


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    async with opened(store) as office:
        yield office


async def sent(store: Store, topic: str) -> list[OutboundMessage]:
    await store.publish_all()
    return [OutboundMessage.from_json(record.value) for record in store.bus.of(topic)]


async def read_to(store: Store, office: Office, number: str, *, wanted: bool = True) -> dict[str, Any]:
    """As an agent ticks it on the card of whoever wrote."""
    agent = await office.member()
    [row] = await store.rows("SELECT contact_id FROM contact_address WHERE value = $1", number)
    return await agent.ok("PATCH", f"/contacts/{row['contact_id']}", json={"read_aloud": wanted})


async def test_a_voice_message_from_a_landline_is_acknowledged_by_voice(store: Store):
    await store.file(routed("", sender=LANDLINE, channel=Channel.VOICE, code=CODE))
    [message] = await sent(store, BY_VOICE)
    assert (message.channel, message.to.value, message.not_before) == (Channel.VOICE, LANDLINE, None)
    assert message.text.count(digit_by_digit(CODE)) == 2
    assert CODE not in message.text
    assert await sent(store, BY_SMS) == []


async def test_a_mobile_gets_an_sms_whatever_door_it_came_by(store: Store):
    await store.file(routed("", sender=MOBILE, channel=Channel.VOICE, code=CODE))
    assert await sent(store, BY_VOICE) == []
    [message] = await sent(store, BY_SMS)
    assert message.channel is Channel.SMS


async def test_who_wants_it_read_out_gets_calls_until_they_do_not(store: Store, office: Office):
    await store.file(routed(sender=MOBILE, code=CODE))
    person = await read_to(store, office, MOBILE)
    assert person["read_aloud_at"]
    await store.file(routed("پیگیری", sender=MOBILE, intent=Intent.STATUS))
    [status] = await sent(store, BY_VOICE)
    assert "در نوبت بررسی" in status.text
    assert (await read_to(store, office, MOBILE, wanted=False))["read_aloud_at"] is None
    await store.file(routed("پیگیری", sender=MOBILE, intent=Intent.STATUS))
    assert len(await sent(store, BY_VOICE)) == 1
    assert len(await sent(store, BY_SMS)) == 2


async def test_setting_what_is_set_changes_nothing(store: Store, office: Office):
    await store.file(routed(sender=MOBILE, code=CODE))
    first = await read_to(store, office, MOBILE)
    again = await read_to(store, office, MOBILE)
    assert (again["version"], again["read_aloud_at"]) == (first["version"], first["read_aloud_at"])
    audited = await store.rows("SELECT detail::text FROM audit_entry WHERE action = 'person_changed'")
    assert [entry["detail"] for entry in audited] == ['{"fields": ["read_aloud"]}']


@pytest.mark.parametrize(
    ("sender", "channel", "reach"),
    [
        (LANDLINE, Channel.VOICE, "voice"),
        (MOBILE, Channel.VOICE, "sms"),
        ("withheld:1", Channel.VOICE, "none"),
    ],
    ids=["landline", "mobile", "withheld"],
)
async def test_a_case_says_how_its_person_is_reached(
    store: Store, office: Office, sender: str, channel: Channel, reach: str
):
    await store.file(routed(sender=sender, channel=channel, code=CODE, account=sender.startswith("withheld")))
    agent = await office.member()
    assert (await agent.ok("GET", f"/cases/{CODE}"))["reach"] == reach


async def test_the_number_last_written_from_decides(store: Store, office: Office):
    await store.file(routed("", sender=LANDLINE, channel=Channel.VOICE, code=CODE))
    agent = await office.member()
    [row] = await store.rows("SELECT contact_id FROM contact_address WHERE value = $1", LANDLINE)
    await agent.ok("POST", f"/contacts/{row['contact_id']}/addresses", json={"address": MOBILE})
    assert (await agent.ok("GET", f"/cases/{CODE}"))["reach"] == "voice"
    await store.file(routed(f"کد {CODE}", sender=MOBILE, cites=(CODE,)))
    assert (await agent.ok("GET", f"/cases/{CODE}"))["reach"] == "sms"
    await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": "واریز شد."})
    assert [message.to.value for message in await sent(store, BY_VOICE)] == [LANDLINE]


async def test_a_reply_is_framed_and_made_to_be_heard_and_the_desk_shows_what_was_heard(
    store: Store, office: Office
):
    await store.file(routed("", sender=LANDLINE, channel=Channel.VOICE, code=CODE))
    agent = await office.member()
    text = "تا ۱۴۰۵/۰۹/۰۱ به www.tamin.ir سر بزنید."
    written = await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": text})
    assert written["channel"] == "voice"
    _, reply = await sent(store, BY_VOICE)
    assert reply.text == written["text"]
    assert "پاسخ پیام شما: تا یکشنبه ۱ آذر ۱۴۰۵ به نشانی اینترنتی سر بزنید." in reply.text
    assert reply.text.count(digit_by_digit(CODE)) == 2
    assert reply.text.startswith("سلام")


async def test_a_national_id_that_was_read_out_is_covered_like_any_other(store: Store, office: Office):
    await store.file(routed("", sender=LANDLINE, channel=Channel.VOICE, code=CODE))
    agent = await office.member()
    await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": "برای کد ملی 0013542419 واریز شد."})
    auditor = await office.member(Role.AUDITOR)
    for member, told in ((agent, True), (auditor, False)):
        reply = (await member.ok("GET", f"/cases/{CODE}"))["outbound_messages"][1]["text"]
        assert ("۰ ۰ ۱، ۳ ۵ ۴، ۲ ۴ ۱ ۹" in reply) is told
        assert reply.count(digit_by_digit(CODE)) == 2


async def test_closing_is_told_by_voice(store: Store, office: Office):
    await store.file(routed("", sender=LANDLINE, channel=Channel.VOICE, code=CODE))
    agent = await office.member()
    await agent.ok("POST", f"/cases/{CODE}/close", json={"reason": "شد", "notify": True})
    assert "بسته شد" in (await sent(store, BY_VOICE))[-1].text


async def test_what_is_too_long_to_be_heard_is_refused_and_leaves_nothing(store: Store, office: Office):
    await store.file(routed("", sender=LANDLINE, channel=Channel.VOICE, code=CODE))
    agent = await office.member()
    refused = await agent.post(f"/cases/{CODE}/replies", json={"text": "س" * LONGEST_HEARD})
    assert refused.status_code == 422
    problem = refused.json()
    most = LONGEST_HEARD - problem["too_many"]
    assert (await agent.ok("GET", f"/cases/{CODE}"))["state"] == "new"
    assert len(await sent(store, BY_VOICE)) == 1
    await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": "س" * most})
    assert len((await sent(store, BY_VOICE))[1].text) == LONGEST_HEARD


async def test_an_sms_may_be_as_long_as_ever(store: Store, office: Office):
    await store.file(routed(sender=MOBILE, code=CODE))
    agent = await office.member()
    await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": "س" * 900})


def not_now() -> CallHours:
    """Hours that begin in some minutes, or were over some minutes ago."""
    now = datetime.now(TEHRAN)
    if now.hour < 12:
        return CallHours((now + timedelta(minutes=30)).time().replace(second=0, microsecond=0), time.max)
    return CallHours(time(0, 30), (now - timedelta(minutes=30)).time())


async def test_nobody_is_rung_at_night(database: Database):
    store, hours = Store(database, Rules(call_hours=not_now())), not_now()
    await store.file(routed("", sender=LANDLINE, channel=Channel.VOICE, code=CODE))
    await store.file(routed(sender=MOBILE, code=OTHER))
    [message] = await sent(store, BY_VOICE)
    assert message.not_before is not None
    assert message.not_before > datetime.now(UTC)
    assert message.not_before.astimezone(TEHRAN).time() == hours.begin
    assert [sms.not_before for sms in await sent(store, BY_SMS)] == [None]
    await store.staff.reply(service(), CODE, "واریز شد.", "agent", key=None, version=None)
    assert (await sent(store, BY_VOICE))[1].not_before == message.not_before


async def test_one_of_which_nothing_is_heard_goes_by_voice_again(store: Store):
    await store.file(routed("", sender=LANDLINE, channel=Channel.VOICE, code=CODE))
    [first] = await sent(store, BY_VOICE)
    await store.outbox.redrive()
    assert await sent(store, BY_VOICE) == [first, first]
    assert await sent(store, BY_SMS) == []


async def test_how_a_call_went_only_moves_forward(store: Store):
    await store.file(routed("", sender=LANDLINE, channel=Channel.VOICE, code=CODE))
    [message] = await sent(store, BY_VOICE)

    async def report(state: DeliveryState) -> str:
        told = DeliveryReport(
            provider="kavenegar",
            provider_message_id="8",
            outbound_id=message.id,
            state=state,
            reported_at=datetime.now(UTC),
        )
        await store.deliveries.record([told])
        [row] = (await store.case(CODE))["outbound_messages"]
        return str(row["state"])

    states = [DeliveryState.QUEUED, DeliveryState.SENT, DeliveryState.UNDELIVERED, DeliveryState.SENT]
    assert [await report(state) for state in states] == ["queued", "sent", "undelivered", "undelivered"]


async def test_who_is_registered_by_telephone_from_a_landline_hears_their_code(store: Store, office: Office):
    agent = await office.member()
    body = {"channel": "phone", "address": "02164500000", "text": "حقوقم نیامده", "topic": "pension_payment"}
    case = await agent.ok("POST", "/cases", json={**body, "kind": "question", "notify": True})
    [message] = await sent(store, BY_VOICE)
    assert digit_by_digit(case["tracking_code"]) in message.text


async def test_a_merge_keeps_the_wish_and_parting_takes_it_back(store: Store, office: Office):
    await store.file(routed(sender=MOBILE, code=CODE), routed(sender=LANDLINE, code=OTHER))
    await read_to(store, office, LANDLINE)
    ids = {
        row["value"]: str(row["contact_id"])
        for row in await store.rows("SELECT value, contact_id FROM contact_address")
    }
    agent = await office.member(Role.AGENT)
    merged = await agent.ok(
        "POST", f"/contacts/{ids[MOBILE]}/merge", json={"other_id": ids[LANDLINE], "reason": "یکی"}
    )
    assert (await agent.ok("GET", f"/contacts/{ids[MOBILE]}"))["read_aloud_at"]
    await agent.ok("POST", f"/merges/{merged['merge_id']}/undo")
    assert (await agent.ok("GET", f"/contacts/{ids[MOBILE]}"))["read_aloud_at"] is None
