"""Promise 5: what no webhook brought is found, messages in by the inbox, states by asking."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bus.errors import BusUnavailableError
from chassis.settings import RedisSettings
from envelope.models import Channel, DeliveryState, Lane, message_id_of
from gateway_sms.metrics import DUPLICATES, RECOVERED
from gateway_sms.providers.port import Mo
from tests.gateway_sms.conftest import Gateway
from tests.gateway_sms.outside import CALL_LOST, KavenegarByTheBook, outbound

S = DeliveryState
Make = Callable[..., Any]


async def by_webhook(gateway: Gateway, *ids: int) -> None:
    for number in ids:
        await gateway.inbound.receive_mo(Mo(str(number), "09121234567", "10001420", f"پیام {number}"))


def taken(gateway: Gateway) -> list[str]:
    return [envelope.provider_message_id for envelope in gateway.envelopes]


@pytest.fixture
async def quick(make_gateway: Make) -> Gateway:
    return await make_gateway(inbox_every_seconds=0.001, poll_first_seconds=0.001, poll_longest_seconds=0.001)  # type: ignore[no-any-return]


@pytest.mark.parametrize("read", [0, 1], ids=["unread", "read by one that crashed"])
async def test_a_message_whose_webhook_was_missed_is_found(quick: Gateway, read: int) -> None:
    await by_webhook(quick, 1, 3)
    for number in (1, 2, 3):
        quick.outside.arrives(number, f"پیام {number}", read=read)
    before = RECOVERED._value.get()
    await quick.reconciler.reconcile_inbox()
    assert taken(quick) == ["1", "3", "2"]
    assert RECOVERED._value.get() == before + 1
    envelope = quick.envelopes[-1]
    assert envelope.message_id == message_id_of(Channel.SMS, "10001420", "kavenegar", "2")
    assert envelope.occurred_at < envelope.received_at


async def test_what_was_found_once_is_not_found_again(quick: Gateway) -> None:
    quick.outside.arrives(2, "پیام")
    for _ in range(3):
        await quick.reconciler.reconcile_inbox()
        time.sleep(0.005)  # noqa: ASYNC251  (until it is its turn again)
    assert taken(quick) == ["2"]


async def test_another_replica_knows_what_came_in(make_gateway: Make) -> None:
    outside = KavenegarByTheBook()
    one = await make_gateway(outside=outside)
    await by_webhook(one, 1)
    await one.seen.flush()
    outside.arrives(1, "پیام ۱")
    other = await make_gateway(outside=outside)
    await other.reconciler.reconcile_inbox()
    assert taken(other) == []


async def test_a_message_still_on_its_way_is_waited_for(make_gateway: Make) -> None:
    gateway = await make_gateway(inbox_grace_seconds=30)
    gateway.outside.arrives(1, "پیام", age=5)
    gateway.outside.arrives(2, "پیام", age=50)
    await gateway.reconciler.reconcile_inbox()
    assert taken(gateway) == ["2"]


async def test_without_redis_what_others_took_is_taken_again(make_gateway: Make) -> None:
    """The case store drops what it has."""
    gateway = await make_gateway(redis=RedisSettings(url="redis://127.0.0.1:1/0", timeout_seconds=0.2))
    await by_webhook(gateway, 1)
    gateway.outside.arrives(1, "پیام ۱")
    gateway.outside.arrives(2, "پیام ۲")
    await gateway.reconciler.reconcile_inbox()
    assert taken(gateway) == ["1", "2"]


async def test_one_replica_reconciles_at_a_time(make_gateway: Make) -> None:
    outside = KavenegarByTheBook()
    one, other = await make_gateway(outside=outside), await make_gateway(outside=outside)
    await one.reconciler.reconcile_inbox()
    calls = len(outside.calls)
    await other.reconciler.reconcile_inbox()
    assert len(outside.calls) == calls


async def test_copies_are_counted(make_gateway: Make) -> None:
    one, other = await make_gateway(), await make_gateway()
    before = DUPLICATES._value.get()
    await by_webhook(one, 1, 1)
    await by_webhook(other, 1, 2)
    await one.seen.flush()
    await other.seen.flush()
    assert DUPLICATES._value.get() == before + 2


async def sent(gateway: Gateway, **changes: object) -> dict[str, Any]:
    await gateway.sending.send_mt(Lane.PRIORITY, [outbound(**changes)])
    time.sleep(0.005)  # noqa: ASYNC251  (until its state is due)
    return gateway.outside.sent[-1]


async def test_a_state_that_no_webhook_brought_is_asked_for(quick: Gateway) -> None:
    entry = await sent(quick)
    entry["status"] = 10
    await quick.poller.poll_states()
    first, second = quick.reports
    assert (first.state, second.state) == (S.QUEUED, S.DELIVERED)
    assert second.outbound_id == first.outbound_id
    assert second.provider_message_id == first.provider_message_id


async def test_a_state_is_reported_when_it_changes_and_asked_for_until_it_is_final(
    make_gateway: Make,
) -> None:
    gateway = await make_gateway(poll_first_seconds=0.01, poll_longest_seconds=0.01)
    entry = await sent(gateway)
    for status in (1, 1, 4, 4, 10, 10):
        entry["status"] = status
        time.sleep(0.02)  # noqa: ASYNC251  (until its state is due)
        await gateway.poller.poll_states()
    assert [report.state for report in gateway.reports] == [S.QUEUED, S.SENT, S.DELIVERED]
    assert gateway.outside.called("status") == 5


async def test_after_a_final_dlr_nobody_asks(quick: Gateway) -> None:
    entry = await sent(quick)
    async with quick.client() as client:
        await client.post("/dlr", data={"messageid": str(entry["messageid"]), "status": "10"})
    await quick.poller.poll_states()
    assert quick.outside.called("status") == 0


async def test_what_the_provider_has_forgotten_is_unknown(quick: Gateway) -> None:
    entry = await sent(quick)
    entry["status"] = 100
    await quick.poller.poll_states()
    await quick.poller.poll_states()
    assert quick.reports[-1].state is S.UNKNOWN
    assert quick.outside.called("status") == 1


async def test_after_the_window_the_state_is_unknown_without_asking(make_gateway: Make) -> None:
    gateway = await make_gateway(poll_first_seconds=0.001, poll_window=timedelta(seconds=-1))
    await sent(gateway)
    await gateway.poller.poll_states()
    assert [report.state for report in gateway.reports] == [S.QUEUED, S.UNKNOWN]
    assert gateway.outside.called("status") == 0


async def test_more_than_one_call_holds_are_asked_for_in_several(make_gateway: Make) -> None:
    gateway = await make_gateway(poll_first_seconds=0.001)
    await gateway.sending.send_mt(Lane.PRIORITY, [outbound(f"پاسخ {number}") for number in range(700)])
    time.sleep(0.01)  # noqa: ASYNC251  (until their states are due)
    await gateway.poller.poll_states()
    asked = [call[1]["messageid"].split(",") for call in gateway.outside.calls if call[0] == "status"]
    assert sorted(map(len, asked)) == [200, 500]


async def test_an_attempt_that_nobody_answered_is_looked_up(make_gateway: Make) -> None:
    """The gateway died after its call and the bus forgot the message."""
    outside, message = KavenegarByTheBook(), outbound()
    dying = await make_gateway(outside=outside)
    dying.bus.down = True
    with pytest.raises(BusUnavailableError):
        await dying.sending.send_mt(Lane.PRIORITY, [message])
    heir = await make_gateway(outside=outside, poll_first_seconds=0.001)
    time.sleep(0.01)  # noqa: ASYNC251  (until it is due)
    await heir.poller.poll_states()
    await heir.poller.poll_states()
    [report] = heir.reports
    assert (report.outbound_id, report.state) == (message.id, S.QUEUED)
    assert report.provider_message_id == str(outside.sent[0]["messageid"])


async def test_a_poll_without_an_answer_is_made_up_for_later(make_gateway: Make) -> None:
    gateway = await make_gateway(poll_first_seconds=0.001)
    entry = await sent(gateway)
    entry["status"] = 10
    gateway.outside.next.append(CALL_LOST)
    with pytest.raises(Exception, match="ReadTimeout"):
        await gateway.poller.poll_states()
    assert await gateway.outstanding.claim(10, time.time()) == []  # claimed for a while, not lost
