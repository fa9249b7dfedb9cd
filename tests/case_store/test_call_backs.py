"""Calling people back: who spoke is on a list, by a clock that began when they spoke; every try is told."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from case_store.staffing import Role
from envelope.models import Channel, Intent, RoutedMessage
from envelope.taxonomy import Kind
from envelope.tracking import mint
from persian.dates import TEHRAN
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.desks import Office, opened

CODE, OTHER = mint(100, KEY), mint(101, KEY)
NUMBER = "+989120000001"
LANDLINE = "+982112345678"
BACK = f"/cases/{CODE}/call-back"
NO_ANSWER = {"result": "no_answer"}
ANSWER = {"answer": "امروز واریز می‌شود"}


def spoken(
    text: str = "", *, at: datetime | None = None, came: datetime | None = None, **more
) -> RoutedMessage:
    """A voice message, perhaps spoken long before its recording came."""
    message = routed(text, channel=Channel.VOICE, at=came, **more)
    if at is None:
        return message
    envelope = message.envelope.model_copy(update={"occurred_at": at})
    return message.model_copy(update={"envelope": envelope})


def tehran(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TEHRAN).astimezone(UTC)


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    await store.clocks.start()
    async with opened(store) as office:
        yield office


@pytest.fixture
async def called(office: Office) -> Office:
    """Somebody spoke, and a case is there."""
    await office.store.file(spoken(code=CODE))
    return office


async def to_call(member) -> list[str]:
    page = await member.ok("GET", "/cases?to_call=true&order=due")
    return [case["tracking_code"] for case in page["cases"]]


async def test_the_clock_begins_when_the_message_was_spoken_not_when_its_recording_came(office: Office):
    # Thursday night; Friday is closed, and that Saturday is a holiday; the PBX pushed it on Monday.
    thursday, monday = tehran("2026-01-15 22:00"), tehran("2026-01-19 09:00")
    await office.store.file(spoken(code=CODE, at=thursday, came=monday))
    case = await office.service().ok("GET", f"/cases/{CODE}")
    assert datetime.fromisoformat(case["due_at"]) == tehran("2026-01-19 15:30")
    assert datetime.fromisoformat(case["clocks"][0]["started_at"]) == thursday
    assert datetime.fromisoformat(case["opened_at"]) == monday
    assert case["call_back"]["due_at"] == case["due_at"]
    assert datetime.fromisoformat(case["call_back"]["asked_at"]) == thursday


@pytest.mark.parametrize(
    ("channel", "before"),
    [
        (Channel.SMS, timedelta(hours=5)),
        (Channel.VOICE, timedelta(days=31)),
        (Channel.VOICE, -timedelta(days=1)),
    ],
    ids=["an SMS", "a clock that is years behind", "a clock that is ahead"],
)
async def test_of_everything_else_the_clock_begins_when_it_came(
    office: Office, channel: Channel, before: timedelta
):
    came = tehran("2026-11-21 10:00")
    message = routed(code=CODE, channel=channel, at=came)
    envelope = message.envelope.model_copy(update={"occurred_at": came - before})
    await office.store.file(message.model_copy(update={"envelope": envelope}))
    case = await office.service().ok("GET", f"/cases/{CODE}")
    assert datetime.fromisoformat(case["clocks"][0]["started_at"]) == came


async def test_a_case_that_is_opened_again_by_voice_has_a_clock_from_when_that_was_spoken(office: Office):
    agent = await office.member()
    sunday, monday = tehran("2026-11-22 20:00"), tehran("2026-11-23 12:00")
    await office.store.file(spoken(code=CODE, at=sunday - timedelta(days=1), came=sunday - timedelta(days=1)))
    await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": "سلام"})
    await office.store.rows("UPDATE cases SET last_activity_at = $1", sunday - timedelta(hours=5))
    await office.store.file(spoken(at=sunday, came=monday, cites=(CODE,)))
    clocks = (await agent.ok("GET", f"/cases/{CODE}"))["clocks"]
    assert datetime.fromisoformat(clocks[-1]["started_at"]) == sunday


async def test_a_voice_message_asks_to_be_called_back_and_stands_in_the_list_by_its_deadline(office: Office):
    agent = await office.member()
    now = datetime.now(UTC)
    await office.store.file(
        routed(code=mint(102, KEY), sender="+989120000009"),
        spoken(code=OTHER, sender="+989120000002"),
        spoken(code=CODE, at=now - timedelta(days=8), came=now),
    )
    assert await to_call(agent) == [CODE, OTHER]
    task = (await agent.ok("GET", f"/cases/{CODE}"))["call_back"]
    assert (task["state"], task["number"], task["asked_by"]) == ("waiting", NUMBER, "citizen")
    assert (task["failures"], task["tries"], task["next_at"]) == (0, 3, None)


async def test_who_speaks_twice_in_one_breath_is_called_once_and_by_the_newer_number(called: Office):
    await called.store.file(spoken(), spoken())
    assert await called.store.count("call_back") == 1
    agent = await called.member()
    await agent.ok("POST", f"{BACK}/tries", json=NO_ANSWER)
    assert await to_call(agent) == []
    await called.store.file(spoken("باز هم منم", cites=(CODE,)))
    task = (await agent.ok("GET", f"/cases/{CODE}"))["call_back"]
    assert (task["failures"], task["next_at"]) == (0, None)
    assert await to_call(agent) == [CODE]


@pytest.mark.parametrize("intent", [Intent.STATUS, Intent.RATING])
async def test_a_command_and_thanks_ask_for_no_call(office: Office, intent: Intent):
    agent = await office.member()
    await office.store.file(routed(code=CODE), spoken(intent=intent))
    await agent.ok("POST", f"/cases/{CODE}/close", json={"reason": "تمام"})
    await office.store.file(spoken(kind=Kind.APPRECIATION, cites=(CODE,)))
    assert await office.store.count("call_back") == 0


async def test_who_withheld_their_number_waits_for_one(office: Office):
    agent = await office.member()
    await office.store.file(spoken(code=CODE, sender="withheld:abc", account=True))
    assert (await agent.ok("GET", f"/cases/{CODE}"))["call_back"]["state"] == "needs_number"
    assert await to_call(agent) == []
    refused = [await agent.post(path, json=body) for path, body in ((BACK, {}), (f"{BACK}/done", ANSWER))]
    assert [answer.status_code for answer in refused] == [409, 409]
    task = (await agent.ok("POST", BACK, json={"number": "۰۲۱-۱۲۳۴۵۶۷۸"}))["call_back"]
    assert (task["state"], task["number"]) == ("waiting", LANDLINE)
    assert await to_call(agent) == [CODE]


@pytest.mark.parametrize(("result", "minutes"), [("no_answer", 120), ("busy", 20)])
async def test_a_try_without_an_answer_is_told_and_leaves_the_list_for_a_while(
    called: Office, result: str, minutes: int
):
    agent = await called.member(name="سارا")
    case = await agent.ok("POST", f"{BACK}/tries", json={"result": result, "note": "بوق اشغال"})
    task, [tried] = case["call_back"], case["tries"]
    wait = datetime.fromisoformat(task["next_at"]) - datetime.fromisoformat(tried["made_at"])
    assert (task["failures"], wait) == (1, timedelta(minutes=minutes))
    assert (tried["result"], tried["made_by"], tried["note"]) == (result, "سارا", "بوق اشغال")
    assert (case["events"][-1]["type"], case["events"][-1]["actor"]) == ("person_called", "سارا")
    assert await to_call(agent) == []
    await called.store.rows("UPDATE call_back SET next_at = now() - interval '1 second'")
    assert await to_call(agent) == [CODE]
    [entry] = await called.store.rows("SELECT * FROM audit_entry WHERE action = 'person_called'")
    assert result in str(entry["detail"])
    assert "بوق" not in str(entry) + str(NUMBER in str(entry))


async def test_whoever_tries_says_when_to_try_again(called: Office):
    agent = await called.member()
    evening = (datetime.now(UTC) + timedelta(hours=7)).replace(microsecond=0)
    case = await agent.ok("POST", f"{BACK}/tries", json=NO_ANSWER | {"next_at": evening.isoformat()})
    assert datetime.fromisoformat(case["call_back"]["next_at"]) == evening


async def test_putting_down_first_counts_for_nothing(called: Office):
    agent = await called.member()
    case = await agent.ok("POST", f"{BACK}/tries", json={"result": "left_off"})
    assert case["call_back"]["failures"] == 0
    assert await to_call(agent) == [CODE]


async def test_after_a_wrong_number_the_task_waits_for_another(called: Office):
    agent = await called.member()
    await agent.ok("POST", f"{BACK}/tries", json=NO_ANSWER)
    task = (await agent.ok("POST", f"{BACK}/tries", json={"result": "wrong_number"}))["call_back"]
    assert (task["state"], task["number"]) == ("needs_number", None)
    assert await to_call(agent) == []
    # The wrong one is not taken again by itself.
    assert (await agent.post(BACK, json={})).status_code == 409
    task = (await agent.ok("POST", BACK, json={"number": LANDLINE}))["call_back"]
    assert (task["state"], task["number"], task["failures"]) == ("waiting", LANDLINE, 0)


WRONG = {"result": "wrong_number"}


async def known_at(office: Office) -> list[str]:
    """The cases that somebody is shown who signs in with the number."""
    page = await office.service().ok("POST", "/citizen/cases", json={"msisdn": NUMBER, "limit": 20})
    return [case["tracking_code"] for case in page["cases"]]


async def test_to_where_somebody_else_answered_nothing_goes_and_nobody_is_shown_a_case_by_it(called: Office):
    agent = await called.member()
    await agent.ok("POST", f"{BACK}/tries", json=WRONG)
    case = await agent.ok("GET", f"/cases/{CODE}")
    [address] = case["person"]["addresses"]
    assert (case["reach"], address["wrong_at"] is not None) == ("none", True)
    before = await called.store.count("outbound_message")
    refused = await agent.post(f"/cases/{CODE}/replies", json={"text": ANSWER["answer"]})
    assert (refused.status_code, refused.json()["reach"]) == (409, "none")
    assert await called.store.count("outbound_message") == before
    assert await known_at(called) == []
    owner = await called.service().post("/citizen/owner", json={"code": CODE})
    assert owner.status_code == 404


async def test_a_second_number_of_theirs_is_taken_instead(called: Office):
    agent = await called.member()
    await agent.ok("POST", f"{BACK}/tries", json=WRONG)
    person = (await agent.ok("GET", f"/cases/{CODE}"))["person"]
    await agent.ok("POST", f"/contacts/{person['id']}/addresses", json={"address": "09120000002"})
    assert (await agent.ok("GET", f"/cases/{CODE}"))["reach"] == "sms"
    await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": ANSWER["answer"]})
    [sent] = await called.store.rows("SELECT to_value FROM outbound_message WHERE purpose = 'reply'")
    assert sent["to_value"] == "+989120000002"


async def test_whoever_writes_from_it_later_is_answered_there_and_what_came_before_proves_nothing(
    called: Office,
):
    agent = await called.member()
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    await agent.ok("POST", f"{BACK}/tries", json=WRONG)
    await called.store.file(routed(f"کد {CODE}", cites=(CODE,), at=long_ago))
    assert (await agent.ok("GET", f"/cases/{CODE}"))["reach"] == "none"
    await called.store.file(routed(f"کد {CODE}", cites=(CODE,), at=datetime.now(UTC)))
    assert (await agent.ok("GET", f"/cases/{CODE}"))["reach"] == "sms"
    assert await known_at(called) == [CODE]


async def test_once_they_were_spoken_with_there_it_is_theirs(called: Office):
    agent = await called.member()
    await agent.ok("POST", f"{BACK}/tries", json=WRONG)
    await agent.ok("POST", BACK, json={"number": NUMBER})
    await agent.ok("POST", f"{BACK}/tries", json=NO_ANSWER)
    assert (await agent.ok("GET", f"/cases/{CODE}"))["reach"] == "none"
    await agent.ok("POST", f"{BACK}/tries", json={"result": "answered"})
    assert (await agent.ok("GET", f"/cases/{CODE}"))["reach"] == "sms"


async def test_what_they_are_told_on_the_telephone_is_the_answer_and_nothing_is_sent(called: Office):
    agent = await called.member(name="سارا")
    case = await agent.ok("POST", f"{BACK}/done", json=ANSWER | {"seconds": 95})
    assert (case["state"], case["due_at"], case["call_back"]["state"]) == ("answered", None, "done")
    said = [message for message in case["outbound_messages"] if message["purpose"] == "reply"]
    assert [(m["channel"], m["text"], m["state"], m["author"]) for m in said] == [
        ("phone", ANSWER["answer"], "delivered", "سارا")
    ]
    assert [(tried["result"], tried["seconds"]) for tried in case["tries"]] == [("answered", 95)]
    types = [event["type"] for event in case["events"]]
    assert types[-3:] == ["person_called", "call_back_done", "case_replied"]
    await called.store.publish_all()
    assert not any("واریز می‌شود" in str(record.value.decode()) for record in called.store.bus.records)
    again = await agent.post(f"{BACK}/done", json=ANSWER)
    assert again.status_code == 409


async def test_with_the_answer_the_case_can_be_closed_and_an_answered_try_is_not_logged_twice(called: Office):
    agent = await called.member()
    await agent.ok("POST", f"{BACK}/tries", json={"result": "answered", "seconds": 30})
    case = await agent.ok("POST", f"{BACK}/done", json=ANSWER | {"close": True})
    assert (case["state"], len(case["tries"])) == ("closed", 1)


async def test_it_is_given_up_after_three_tries_and_the_person_is_written_to_once(called: Office):
    agent = await called.member()
    for _ in range(2):
        await agent.ok("POST", f"{BACK}/tries", json=NO_ANSWER)
    early = await agent.post(f"{BACK}/give-up")
    assert (early.status_code, early.json()["tries"], early.json()["needed"]) == (409, 2, 3)
    await agent.ok("POST", f"{BACK}/tries", json={"result": "busy"})
    case = await agent.ok("POST", f"{BACK}/give-up", json={})
    assert (case["state"], case["call_back"]["state"]) == ("answered", "given_up")
    [sms] = [message for message in case["outbound_messages"] if "برقرار نشد" in message["text"]]
    assert (sms["channel"], sms["purpose"]) == ("sms", "status")
    assert [clock["paused_at"] is not None for clock in case["clocks"]] == [True]
    assert (await agent.post(f"{BACK}/give-up")).status_code == 409
    await called.store.file(routed("الان هستم، زنگ بزنید"))
    back = await agent.ok("GET", f"/cases/{CODE}")
    assert (back["state"], back["clocks"][0]["paused_at"]) == ("open", None)


async def test_who_has_no_mobile_is_given_up_without_an_sms(office: Office):
    agent = await office.member()
    await office.store.file(spoken(code=CODE, sender="withheld:abc", account=True))
    await agent.ok("POST", BACK, json={"number": LANDLINE})
    for _ in range(3):
        await agent.ok("POST", f"{BACK}/tries", json=NO_ANSWER)
    case = await agent.ok("POST", f"{BACK}/give-up")
    assert (case["call_back"]["state"], case["outbound_messages"]) == ("given_up", [])


@pytest.mark.parametrize("way", ["reply", "close", "registered"])
async def test_a_case_that_is_answered_in_another_way_has_nobody_to_call(called: Office, way: str):
    agent = await called.member()
    match way:
        case "reply":
            await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": "واریز شد"})
        case "close":
            await agent.ok("POST", f"/cases/{CODE}/close", json={"reason": "تکراری"})
        case _:
            call = {"channel": "phone", "text": "خودش زنگ زد", "topic": "pension_payment", "kind": "question"}
            await agent.ok("POST", "/cases", json=call | {"case": CODE, "answer": "واریز شد"})
    task = (await agent.ok("GET", f"/cases/{CODE}"))["call_back"]
    assert (task["state"], task["settled_by"], task["due_at"]) == ("answered", "system", None)
    await agent.ok("POST", f"/cases/{CODE}/reopen", json={"reason": "نه هنوز"})
    assert await to_call(agent) == []


async def test_a_word_that_asks_something_leaves_the_call_to_be_made(called: Office):
    agent = await called.member()
    await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": "کی هستید؟", "awaits_citizen": True})
    assert await to_call(agent) == []
    await called.store.file(routed("عصر"))
    assert await to_call(agent) == [CODE]


async def test_any_case_can_ask_for_a_call_later(office: Office):
    agent = await office.member(name="سارا")
    await office.store.file(routed(code=CODE))
    later = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
    case = await agent.ok("POST", BACK, json={"next_at": later})
    assert (case["call_back"]["number"], case["call_back"]["asked_by"]) == (NUMBER, "سارا")
    assert case["events"][-1]["type"] == "call_back_asked"
    assert await to_call(agent) == []
    assert (await agent.ok("POST", BACK, json={}))["call_back"]["next_at"] is None
    assert await to_call(agent) == [CODE]
    assert await office.store.count("call_back") == 1
    await agent.ok("POST", f"/cases/{CODE}/close", json={"reason": "x"})
    assert (await agent.post(BACK, json={})).status_code == 409


async def test_the_second_of_two_who_settle_is_told_and_the_same_key_does_it_once(called: Office):
    first, second = await called.member(), await called.member()
    etag = (await first.get(f"/cases/{CODE}")).headers["ETag"]
    await first.ok("POST", f"{BACK}/done", json=ANSWER, headers={"If-Match": etag})
    late = await second.post(f"{BACK}/tries", json=NO_ANSWER, headers={"If-Match": etag})
    assert late.status_code == 412
    assert "call_back_done" in [event["type"] for event in late.json()["since"]]


@pytest.mark.parametrize("who", ["another desk", "who was asked", "may not read identities", "a liaison"])
async def test_whom_to_call_is_for_who_answers(called: Office, who: str):
    match who:
        case "another desk":
            stranger = await called.member(units=("treatment",))
            assert (await stranger.post(f"{BACK}/tries", json=NO_ANSWER)).status_code == 404
        case "may not read identities":
            auditor = await called.member(Role.AUDITOR)
            shown = (await auditor.ok("GET", f"/cases/{CODE}"))["call_back"]["number"]
            assert shown != NUMBER
            assert (await auditor.post(f"{BACK}/tries", json=NO_ANSWER)).status_code == 403
        case "a liaison":
            liaison = await called.member(Role.LIAISON)
            assert (await liaison.post(BACK, json={})).status_code == 403
        case _:
            agent, liaison = (
                await called.member(),
                await called.member(Role.LIAISON, units=("pensions_office",)),
            )
            await agent.ok("POST", f"{BACK}/tries", json=NO_ANSWER | {"note": "پیش ما بماند"})
            question = {"tier": "liaison", "unit_id": "pensions_office", "question": "کی واریز می‌شود؟"}
            asked = await agent.post(f"/cases/{CODE}/referrals", json=question)
            assert asked.status_code == 201, asked.text
            shown = await liaison.ok("GET", f"/cases/{CODE}")
            assert (shown["call_back"], shown["tries"], shown["calls"]) == (None, [], [])


async def test_nothing_that_makes_no_sense_is_taken(called: Office):
    agent = await called.member()
    for path, body in (
        (BACK, {"number": "1420"}),
        (BACK, {"next_at": "tomorrow"}),
        (f"{BACK}/tries", {"result": "maybe"}),
        (f"{BACK}/tries", NO_ANSWER | {"seconds": -1}),
        (f"{BACK}/done", {"answer": " "}),
        (f"{BACK}/done", {"answer": "x" * 901}),
    ):
        answer = await agent.post(path, json=body)
        assert answer.status_code == 422, (path, body)
    assert await called.store.count("call_try") == 0
    assert (await agent.post(f"/cases/{mint(999, KEY)}/call-back", json={})).status_code == 404
