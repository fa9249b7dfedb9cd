"""A message moves through Kavenegar's states as time passes, and no further than its end."""

import pytest

from simulator.model import Mt
from simulator.numbers import Behaviour
from simulator.repository import Outbox

SMS = {"receptor": "09121234567", "message": "سلام"}
HOUR = 3_600


async def state(api, messageid) -> int:
    [entry] = await api.entries("sms/status", messageid=messageid)
    return entry["status"]


@pytest.mark.parametrize(
    ("ending", "final"),
    [("4567", 10), ("0001", 10), ("0002", 11), ("0003", 14), ("0004", 6), ("0009", 10), ("0011", 10)],
)
async def test_a_message_goes_from_the_queue_to_the_telecom_to_its_end(api, clock, ending, final):
    [mt] = await api.entries("sms/send", receptor=f"0912123{ending}", message="سلام")
    seen = [mt["status"]]
    for seconds in (1, 400, 4_000):
        clock.pass_by(seconds)
        seen.append(await state(api, mt["messageid"]))

    assert seen == [1, 4 + mt["messageid"] % 2, final, final]


async def test_a_stuck_message_stays_at_the_telecom(api, clock):
    [mt] = await api.entries("sms/send", receptor="09121230014", message="سلام")
    clock.pass_by(10 * HOUR)

    assert await state(api, mt["messageid"]) in {4, 5}


async def test_a_blocked_message_is_refunded(api, clock):
    before = (await api.entries("account/info"))["remaincredit"]
    await api.entries("sms/send", receptor="09121230003", message="سلام")
    clock.pass_by(400)

    assert (await api.entries("account/info"))["remaincredit"] == before


async def test_a_scheduled_message_waits_for_its_date(api, clock):
    [mt] = await api.entries("sms/send", **SMS, date=str(int(clock.now) + HOUR))

    assert (mt["status"], mt["statustext"]) == (2, "زمان بندی شده")
    clock.pass_by(HOUR - 1)
    assert await state(api, mt["messageid"]) == 2
    clock.pass_by(400)
    assert await state(api, mt["messageid"]) == 10


async def test_only_a_scheduled_message_can_be_cancelled(api, clock):
    [sent] = await api.entries("sms/send", **SMS)
    [scheduled] = await api.entries("sms/send", **SMS, date=str(int(clock.now) + HOUR))
    credit = (await api.entries("account/info"))["remaincredit"]

    answers = await api.entries("sms/cancel", messageid=f"{sent['messageid']},{scheduled['messageid']},1")

    assert [entry["status"] for entry in answers] == [1, 13, 100]
    assert (await api.entries("account/info"))["remaincredit"] == credit + scheduled["cost"]
    clock.pass_by(2 * HOUR)
    assert await state(api, scheduled["messageid"]) == 13


async def test_a_state_is_known_for_48_hours_and_by_localid_for_12(api, clock):
    [mt] = await api.entries("sms/send", **SMS, localid="9")

    clock.pass_by(13 * HOUR)
    assert await state(api, mt["messageid"]) == 10
    assert (await api.entries("sms/statuslocalmessageid", localid="9"))[0]["status"] == 100
    clock.pass_by(36 * HOUR)
    assert await state(api, mt["messageid"]) == 100


async def test_unknown_ids_are_answered_100_in_their_place(api):
    [mt] = await api.entries("sms/send", **SMS, localid="9")

    assert [e["status"] for e in await api.entries("sms/status", messageid=f"1,{mt['messageid']}")] == [
        100,
        1,
    ]
    by_localid = await api.entries("sms/statuslocalmessageid", localid="8,9")
    assert [(e["localid"], e["status"]) for e in by_localid] == [("8", 100), ("9", 1)]


def test_the_outbox_forgets_the_oldest_first():
    outbox = Outbox(kept=2)
    for number in (1, 2, 3):
        outbox.add(
            Mt(number, number * 10, "10001420", "09121234567", "سلام", 0, 0, 0, 1, Behaviour.DELIVERED)
        )

    assert [mt.messageid for mt in outbox.all()] == [2, 3]
    assert outbox.by_localid(10) is None
    assert [mt.messageid for mt in outbox.latest(1)] == [3]
