"""Messages that are read out: by `call/maketts`, each once and never at night; SMS go on whatever happens."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from chassis.settings import CallSettings
from envelope.addresses import sender_address
from envelope.models import Channel, DeliveryReport, DeliveryState, Lane, OutboundMessage
from gateway_sms.errors import CircuitOpenError, ProviderAlarmError
from gateway_sms.outbound import by_day, calls, local_id
from persian.dates import TEHRAN
from persian.hours import CallHours
from tests.gateway_sms.conftest import Gateway
from tests.gateway_sms.outside import ANSWER_LOST, CALL_LOST, outbound

S = DeliveryState
Make = Callable[..., Any]
ALWAYS = CallSettings(begin=time(0), end=time(0))
DAY = CallHours(time(8), time(20))
LANDLINE = sender_address("02164500000")


def call(text: str = "پاسخ شما.", /, **changes: object) -> OutboundMessage:
    return outbound(text, **({"channel": Channel.VOICE, "to": LANDLINE} | changes))


async def send(gateway: Gateway, *messages: OutboundMessage) -> None:
    await gateway.sending.send_mt(Lane.PRIORITY, messages)


def methods(gateway: Gateway) -> list[str]:
    return [method for method, _ in gateway.outside.calls]


def reports_of(gateway: Gateway, message: OutboundMessage) -> list[DeliveryReport]:
    return [report for report in gateway.reports if report.outbound_id == message.id]


@pytest.fixture
async def gateway(make_gateway: Make) -> Gateway:
    return await make_gateway(calls=ALWAYS)  # type: ignore[no-any-return]


async def test_a_message_is_read_out_to_a_landline_and_reported(gateway: Gateway) -> None:
    message = call()
    await send(gateway, message)
    [(method, params)] = gateway.outside.calls
    assert method == "maketts"
    assert params == {"receptor": "02164500000", "message": "پاسخ شما.", "localid": str(local_id(message.id))}
    [report] = reports_of(gateway, message)
    assert (report.state, report.cost_rial, report.parts) == (S.QUEUED, 1_500, None)
    assert report.provider_message_id == str(gateway.outside.sent[0]["messageid"])


async def test_each_call_has_one_text_and_sms_of_the_same_batch_go_together(gateway: Gateway) -> None:
    await send(gateway, call("یک"), outbound("الف"), call("دو"), outbound("ب"))
    assert sorted(methods(gateway)) == ["maketts", "maketts", "sendarray"]
    assert len(gateway.reports) == 4


async def test_after_a_lost_answer_it_asks_and_rings_nobody_again(gateway: Gateway) -> None:
    message = call()
    gateway.outside.next.append(ANSWER_LOST)
    await send(gateway, message)
    assert methods(gateway) == ["maketts", "statuslocalmessageid"]
    assert [report.state for report in reports_of(gateway, message)] == [S.QUEUED]


async def test_after_a_lost_call_it_goes_again_under_the_same_number(gateway: Gateway) -> None:
    gateway.outside.next.append(CALL_LOST)
    await send(gateway, call())
    assert methods(gateway) == ["maketts", "statuslocalmessageid", "maketts"]
    assert gateway.outside.calls[0][1]["localid"] == gateway.outside.calls[2][1]["localid"]
    assert len(gateway.outside.sent) == 1


async def test_one_that_is_refused_is_rejected_and_the_others_go(gateway: Gateway) -> None:
    bad, good = call("بد"), call("خوب")
    gateway.outside.refused_texts["بد"] = 413
    await send(gateway, bad, good)
    assert [report.state for report in reports_of(gateway, bad)] == [S.REJECTED]
    assert [report.state for report in reports_of(gateway, good)] == [S.QUEUED]


@pytest.mark.parametrize("code", [426, 418, 403], ids=str)
async def test_an_account_that_may_not_call_keeps_no_sms_from_going(gateway: Gateway, code: int) -> None:
    gateway.outside.next.append(code)
    with pytest.raises(ProviderAlarmError):
        await send(gateway, call())
    with pytest.raises(CircuitOpenError):
        await send(gateway, call())
    assert "needs a person" in (gateway.gate.health() or "")
    message = outbound()
    await send(gateway, message)
    assert [report.state for report in reports_of(gateway, message)] == [S.QUEUED]


async def test_states_are_asked_for_like_those_of_an_sms(make_gateway: Make) -> None:
    gateway = await make_gateway(calls=ALWAYS, poll_first_seconds=0.01)
    message = call()
    await send(gateway, message)
    gateway.outside.sent[0] |= {"status": 11}
    await asyncio.sleep(0.05)
    await gateway.poller.poll_states()
    assert [report.state for report in reports_of(gateway, message)] == [S.QUEUED, S.UNDELIVERED]


async def test_by_night_the_provider_is_given_the_next_morning(make_gateway: Make) -> None:
    now = datetime.now(TEHRAN)
    begin = (now + timedelta(hours=2)).time().replace(microsecond=0, second=0)
    end = time.max if begin > now.time() else now.time()
    gateway = await make_gateway(calls=CallSettings(begin=begin, end=end))
    await send(gateway, call())
    [(_, params)] = gateway.outside.calls
    held = datetime.fromtimestamp(int(params["date"]), TEHRAN)
    assert held > now
    assert held.time() == begin


def at(hour: int) -> datetime:
    return datetime(2026, 11, 22, hour, tzinfo=TEHRAN).astimezone(UTC)


@pytest.mark.parametrize(
    ("changes", "now", "rings"),
    [
        ({}, at(12), None),
        ({}, at(21), at(8) + timedelta(days=1)),
        ({"not_before": at(10)}, at(5), at(10)),
        ({"not_before": at(5)}, at(3), at(8)),
        ({"not_before": at(5)}, at(12), at(5)),
        ({"not_before": at(22)}, at(12), at(8) + timedelta(days=1)),
    ],
    ids=["by day", "by night", "wanted by day", "wanted early", "long past", "wanted late"],
)
def test_a_call_is_held_until_a_telephone_may_ring(
    changes: dict[str, Any], now: datetime, rings: datetime | None
) -> None:
    assert by_day(call(**changes), DAY, now).not_before == rings


def test_an_sms_may_come_at_night() -> None:
    message = outbound()
    assert by_day(message, DAY, at(23)) is message


async def test_what_is_of_no_use_any_more_in_the_morning_rings_nobody(make_gateway: Make) -> None:
    later = datetime.now(UTC) + timedelta(hours=3)
    message = call(not_before=later, expires_at=later - timedelta(hours=1))
    gateway = await make_gateway(calls=ALWAYS)
    await send(gateway, message)
    assert methods(gateway) == []
    assert [report.state for report in reports_of(gateway, message)] == [S.EXPIRED]


def test_calls_are_handed_over_one_by_one() -> None:
    found = list(calls([call("یک"), call("دو"), outbound()], at(12), 200))
    assert sorted(map(len, found)) == [1, 1, 1]
