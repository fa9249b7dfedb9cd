"""A batch is filed once, in the right cases, with the right answers."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from case_store.model import Rules
from case_store.repository import outbox
from case_store.staffing import service
from envelope import topics
from envelope.models import CaseEvent, Channel, Intent, Language, OutboundMessage
from envelope.taxonomy import Kind, Topic
from envelope.tracking import is_valid, mint, spaced
from persian.digits import persian_digits
from tests.case_store.conftest import KEY, Store, routed

CODE, OTHER_CODE, THIRD_CODE = mint(700, KEY), mint(701, KEY), mint(702, KEY)
DAYS_AGO = datetime.now(UTC) - timedelta(days=30)


async def answers(store: Store) -> list[OutboundMessage]:
    await store.publish_all()
    return [OutboundMessage.from_json(record.value) for record in store.bus.of(topics.OUTBOUND_SMS)]


async def test_a_message_opens_a_case_with_the_code_it_brought_and_is_acknowledged(store: Store):
    message = routed(code=CODE)
    await store.file(message)
    case = await store.case(CODE)
    assert case["state"] == "new"
    assert case["tracking_code"] == CODE
    assert [said["text"] for said in case["messages"]] == [message.envelope.text]
    [answer] = await answers(store)
    assert answer.purpose == "acknowledgement"
    assert answer.to == message.envelope.sender
    assert answer.causation_id == message.envelope.message_id
    assert answer.text.replace(" ", "").translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")).count(CODE) == 1
    [event] = [CaseEvent.from_json(record.value) for record in store.bus.of(topics.EVENTS)]
    assert event.type == "case_opened"
    assert event.case_id == case["id"]


async def test_a_message_without_a_code_gets_one_of_ours(store: Store):
    await store.file(routed())
    [case] = await store.rows("SELECT tracking_code FROM cases")
    assert is_valid(case["tracking_code"])


async def test_a_code_that_another_case_has_is_replaced(store: Store):
    await store.file(routed(code=CODE), routed(code=CODE, sender="+989120000002"))
    await store.file(routed(code=CODE, sender="+989120000003"))
    codes = [row["tracking_code"] for row in await store.rows("SELECT tracking_code FROM cases")]
    assert len(set(codes)) == 3
    assert CODE in codes


async def test_the_same_batch_again_changes_nothing(store: Store):
    batch = [routed(sender=f"+98912000{n:04d}", code=mint(n, KEY)) for n in range(20)]
    await store.file(*batch)
    before = [await store.rows(f"SELECT * FROM {table} ORDER BY 1") for table in _WRITTEN]  # noqa: S608
    await store.file(*batch)
    await store.file(*reversed(batch))
    assert [await store.rows(f"SELECT * FROM {table} ORDER BY 1") for table in _WRITTEN] == before  # noqa: S608


async def test_copies_inside_one_batch_count_once(store: Store):
    message = routed(code=CODE)
    await store.file(message, message, message)
    assert [await store.count(table) for table in ("message", "cases", "outbound_message")] == [1, 1, 1]


async def test_fifty_copies_at_once_make_one_message_one_case_and_one_acknowledgement(store: Store):
    message = routed(code=CODE)
    await asyncio.gather(*(store.file(message) for _ in range(50)))
    assert [await store.count(table) for table in _WRITTEN] == [1] * len(_WRITTEN)


async def test_concurrent_batches_of_the_same_people_neither_deadlock_nor_double(store: Store):
    people = [f"+98912111{n:04d}" for n in range(40)]
    batches = [[routed(sender=sender) for sender in (people if n % 2 else people[::-1])] for n in range(8)]
    await asyncio.gather(*(store.file(*batch) for batch in batches))
    assert await store.count("contact") == 40
    assert await store.count("cases") == 40
    assert await store.count("message") == 320
    assert await store.count("outbound_message") == 40


async def test_concurrent_messages_of_people_we_know_open_one_case_each(store: Store):
    people = [f"+98912222{n:04d}" for n in range(40)]
    await store.file(*(routed("راهنما", sender=sender, intent=Intent.HELP) for sender in people))
    batches = [[routed(sender=sender) for sender in (people if n % 2 else people[::-1])] for n in range(8)]
    await asyncio.gather(*(store.file(*batch) for batch in batches))
    assert await store.count("cases") == 40


async def test_a_burst_of_one_person_in_one_batch_makes_one_case_and_one_sms(store: Store):
    await store.file(
        routed("سلام", desk="triage", topic=Topic.OTHER, code=CODE), routed(code=OTHER_CODE), routed("ممنون")
    )
    case = await store.case(CODE)
    assert len(case["messages"]) == 3
    assert len(await answers(store)) == 1
    assert case["aliases"] == [OTHER_CODE]


async def test_a_burst_in_several_batches_is_the_same(store: Store):
    for message in (routed("سلام", desk="triage", topic=Topic.OTHER, code=CODE), routed(), routed("ممنون")):
        await store.file(message)
    assert len((await store.case(CODE))["messages"]) == 3
    assert len(await answers(store)) == 1


async def test_the_matter_after_a_greeting_gives_the_case_its_desk(store: Store):
    await store.file(routed("سلام", desk="triage", topic=Topic.OTHER, code=CODE))
    assert (await store.case(CODE))["state"] == "triage"
    await store.file(routed())
    case = await store.case(CODE)
    assert (case["state"], case["desk"], case["topic"]) == ("new", "retirement", "pension_payment")
    assert "case_reclassified" in [event["type"] for event in case["events"]]


@pytest.mark.parametrize("channel", [Channel.USSD, Channel.VOICE])
async def test_a_code_that_a_screen_or_a_voice_gave_is_sent_by_sms_though_it_joins_a_case(
    store: Store, channel: Channel
):
    await store.file(routed(code=CODE))
    await store.file(routed(code=OTHER_CODE, channel=channel))
    case = await store.case(CODE)
    assert case["aliases"] == [OTHER_CODE]
    [_, joined] = await answers(store)
    assert persian_digits(spaced(OTHER_CODE)) in joined.text
    assert "افزوده شد" in joined.text
    await store.file(routed(code=None))
    assert len(await answers(store)) == 2


async def test_a_command_on_a_screen_is_not_told_to_have_joined_a_case(store: Store):
    await store.file(routed(code=CODE))
    await store.file(routed("لغو", intent=Intent.OPT_OUT, code=OTHER_CODE, channel=Channel.USSD))
    assert not any("افزوده شد" in sms.text for sms in await answers(store))


async def test_a_code_that_is_another_cases_already_is_never_told_to_have_been_joined(store: Store):
    await store.file(routed(code=CODE), routed(sender="+989120000002", code=OTHER_CODE))
    await store.file(routed(code=OTHER_CODE, channel=Channel.USSD))
    joined = (await answers(store))[-1].text
    assert "افزوده شد" in joined
    assert persian_digits(spaced(CODE)) in joined


async def test_an_alias_leads_to_the_case(store: Store):
    await store.file(routed(code=CODE))
    await store.file(routed(code=OTHER_CODE))
    assert (await store.case(OTHER_CODE))["tracking_code"] == CODE
    persian = OTHER_CODE.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert (await store.case(persian))["tracking_code"] == CODE


async def test_a_cited_alias_joins_the_case(store: Store):
    await store.file(routed(code=CODE), routed(code=OTHER_CODE))
    await store.file(routed(topic=Topic.E_PRESCRIPTION, cites=(OTHER_CODE,)))
    assert len((await store.case(CODE))["messages"]) == 3


async def test_a_code_of_somebody_else_is_not_joined_and_tells_nothing(store: Store):
    await store.file(routed(code=CODE))
    await store.file(routed(sender="+989120000002", code=OTHER_CODE, cites=(CODE,)))
    assert len((await store.case(CODE))["messages"]) == 1
    assert len((await store.case(OTHER_CODE))["messages"]) == 1
    await store.file(routed("پیگیری", sender="+989120000003", intent=Intent.STATUS, cites=(CODE,)))
    assert "ثبت نشده" in (await answers(store))[-1].text


async def test_a_reply_to_an_answered_case_opens_it(store: Store):
    await store.file(routed(code=CODE))
    await store.staff.reply(service(), CODE, "واریز شد", "agent", key=None, version=None)
    assert (await store.case(CODE))["state"] == "answered"
    await store.file(routed())
    assert (await store.case(CODE))["state"] == "open"


async def test_a_closed_case_is_opened_again_within_the_window(store: Store):
    await store.file(routed(code=CODE))
    await store.staff.close(service(), CODE, "answered", "agent", notify=False, version=None)
    await store.file(routed())
    case = await store.case(CODE)
    assert case["state"] == "open"
    assert case["closed_at"] is None
    assert [event["type"] for event in case["events"]] == ["case_opened", "case_closed", "case_reopened"]
    assert len(await answers(store)) == 1


async def test_after_the_window_a_new_case_is_linked_to_the_closed_one(store: Store):
    await store.file(routed(code=CODE, at=DAYS_AGO))
    await store.staff.close(service(), CODE, "answered", "agent", notify=False, version=None)
    await store.rows("UPDATE cases SET closed_at = $1, last_activity_at = $1", DAYS_AGO)
    await store.file(routed(code=OTHER_CODE, cites=(CODE,)))
    old, new = await store.case(CODE), await store.case(OTHER_CODE)
    assert new["previous_case_id"] == old["id"]
    assert old["state"] == "closed"


@pytest.mark.parametrize("before", ["nothing", "open", "closed"])
async def test_a_rating_never_opens_a_case(store: Store, before: str):
    if before != "nothing":
        await store.file(routed(code=CODE))
    if before == "closed":
        await store.staff.close(service(), CODE, "answered", "agent", notify=False, version=None)
    await store.file(routed("5", intent=Intent.RATING, topic=Topic.OTHER, desk="triage"))
    states = [row["state"] for row in await store.rows("SELECT state FROM cases")]
    assert states == {"nothing": [], "open": ["new"], "closed": ["closed"]}[before]
    assert await store.count("message") == (1 if before == "nothing" else 2)
    assert len(await answers(store)) == (0 if before == "nothing" else 1)


@pytest.mark.parametrize(
    ("intent", "purpose", "words"),
    [
        (Intent.HELP, "help", "پیگیری"),
        (Intent.OPT_OUT, "opt_out", "عضویت"),
        (Intent.OPT_IN, "opt_out", "لغو"),
        (Intent.STATUS, "status", "ثبت نشده"),
    ],
)
async def test_a_command_is_answered_and_opens_no_case(store: Store, intent, purpose, words):
    await store.file(routed("لغو", intent=intent, topic=Topic.OTHER, desk="triage"))
    [answer] = await answers(store)
    assert answer.purpose == purpose
    assert words in answer.text
    assert await store.count("cases") == 0


async def test_the_last_word_on_bulk_messages_counts(store: Store):
    opt_out, opt_in = routed("لغو", intent=Intent.OPT_OUT), routed("عضویت", intent=Intent.OPT_IN)
    await store.file(opt_out)
    assert (await store.rows("SELECT bulk_refused_at AS at FROM contact"))[0]["at"] is not None
    await store.file(opt_in)
    assert (await store.rows("SELECT bulk_refused_at AS at FROM contact"))[0]["at"] is None
    await store.file(opt_out)
    assert (await store.rows("SELECT bulk_refused_at AS at FROM contact"))[0]["at"] is None


async def test_a_status_question_tells_how_the_case_stands(store: Store):
    await store.file(routed(code=CODE), routed(code=OTHER_CODE, topic=Topic.E_PRESCRIPTION))
    await store.staff.reply(service(), CODE, "واریز شد", "agent", key=None, version=None)
    await store.file(routed("پیگیری", intent=Intent.STATUS, cites=(CODE,)))
    status = (await answers(store))[-1]
    assert "پاسخ داده شد" in status.text
    assert "/" in status.text
    assert status.case_id == (await store.case(CODE))["id"]


async def test_an_answer_is_in_the_language_of_the_person(store: Store):
    await store.file(routed("where is my pension", code=CODE, language=Language.EN))
    assert f"{CODE[:3]} {CODE[3:6]} {CODE[6:]}" in (await answers(store))[0].text


async def test_a_sender_that_is_no_phone_gets_no_sms(store: Store):
    await store.file(routed(sender="BANK", account=True, code=CODE))
    await store.file(routed("راهنما", sender="BANK", account=True, intent=Intent.HELP))
    assert await store.count("cases") == 1
    assert await answers(store) == []


async def test_who_did_not_come_by_sms_is_answered_from_our_line(database):
    store = Store(database, Rules(sms_line="1420"))
    await store.file(routed(channel=Channel.USSD, code=CODE))
    assert [answer.line for answer in await answers(store)] == ["1420"]


TEXTS = [
    "می‌خواهم نامه‌ام را پیگیری کنم",
    "سلام 👨‍👩‍👧‍👦🙏🏼",
    "ي ك ة ۀ ـــ ۱۲۳ ١٢٣ 123",
    "\u202bراست به چپ\u202c\u200f",
    "سطر یکم\r\nسطر دوم\t؛",
    "'; DROP TABLE cases; --  {{ 7*7 }} <script>",
    "",
]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
async def test_what_people_say_is_kept_byte_for_byte(store: Store, text: str):
    await store.file(routed(text, code=CODE))
    assert (await store.case(CODE))["messages"][0]["text"].encode() == text.encode()


async def test_nul_becomes_the_replacement_character_wherever_it_stands(store: Store):
    message = routed("الف\0ب", code=CODE, sender="acc\0unt", account=True)
    envelope = message.envelope.model_copy(update={"provider_message_id": "1\0"})
    await store.file(message.model_copy(update={"envelope": envelope}))
    [said] = (await store.case(CODE))["messages"]
    assert said["text"] == "الف\ufffdب"
    assert (said["sender"], said["provider_message_id"]) == ("acc\ufffdunt", "1\ufffd")


async def test_nul_in_what_was_declared_or_attached_is_replaced_too(store: Store):
    message = routed(code=CODE)
    raw = json.loads(message.to_json())
    raw["envelope"]["declared"] = {"province": "a\0b\\u0000"}
    raw["envelope"]["session"] = {"id": "s\0", "phase": "end", "steps": ["1"]}
    await store.file(type(message).from_json(json.dumps(raw).encode()))
    case = await store.case(CODE)
    assert case["province"] == "a\ufffdb\\u0000"
    assert case["messages"][0]["declared"]["province"] == "a\ufffdb\\u0000"
    assert case["messages"][0]["session"]["id"] == "s\ufffd"


async def test_the_outbox_holds_exactly_what_was_committed(store: Store, monkeypatch):
    async def fail(*_: object, **__: object):
        raise RuntimeError("the power goes")

    monkeypatch.setattr(outbox, "put", fail)
    with pytest.raises(RuntimeError):
        await store.file(routed(code=CODE))
    monkeypatch.undo()
    assert [await store.count(table) for table in (*_WRITTEN, "outbox")] == [0] * (len(_WRITTEN) + 1)
    await store.file(routed(code=CODE))
    assert await store.count("outbox") == 2


async def test_answers_and_events_have_the_same_ids_however_often_they_are_worked_out(store: Store):
    message = routed(code=CODE)
    await store.file(message)
    first = await store.rows(
        "SELECT id FROM outbound_message UNION SELECT id FROM case_event UNION SELECT id FROM cases"
    )
    await store.rows("TRUNCATE message, tracking_code, cases, clock, outbound_message CASCADE")
    await store.file(message)
    again = await store.rows(
        "SELECT id FROM outbound_message UNION SELECT id FROM case_event UNION SELECT id FROM cases"
    )
    assert sorted(map(str, again)) == sorted(map(str, first))


async def test_a_history_cannot_be_rewritten(store: Store):
    await store.file(routed(code=CODE))
    for statement in ("UPDATE case_event SET actor = 'x'", "DELETE FROM case_event"):
        with pytest.raises(Exception, match="append only"):
            await store.rows(statement)


async def test_thanks_after_the_close_are_kept_and_change_nothing(store: Store):
    await store.file(routed(code=CODE))
    await store.staff.close(service(), CODE, "answered", "agent", notify=False, version=None)
    await store.file(routed("ممنون از پاسخ شما", kind=Kind.APPRECIATION))
    case = await store.case(CODE)
    assert case["state"] == "closed"
    assert len(case["messages"]) == 2


_WRITTEN = (
    "contact",
    "contact_address",
    "cases",
    "tracking_code",
    "message",
    "outbound_message",
    "case_event",
)
