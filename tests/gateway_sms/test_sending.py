"""Promise 4: a message goes once, whatever times out, crashes or is redelivered in between."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bus.errors import BusUnavailableError
from bus.memory import MemoryBus
from chassis.settings import RedisSettings
from envelope.addresses import Address, AddressKind
from envelope.models import DeliveryReport, DeliveryState, Lane, OutboundMessage
from gateway_sms.errors import (
    CircuitOpenError,
    ProviderAlarmError,
    ProviderSlowDownError,
    ProviderUnavailableError,
    ProviderUndecidedError,
)
from gateway_sms.outbound import local_id
from tests.gateway_sms.conftest import Gateway
from tests.gateway_sms.outside import (
    ANSWER_LOST,
    CALL_LOST,
    GARBLED,
    NO_CONNECTION,
    KavenegarByTheBook,
    outbound,
)

S = DeliveryState
Make = Callable[..., Any]


async def send(gateway: Gateway, *messages: OutboundMessage, lane: Lane = Lane.PRIORITY) -> None:
    await gateway.sending.send_mt(lane, messages)


def report_of(gateway: Gateway, message: OutboundMessage) -> DeliveryReport:
    [report] = [report for report in gateway.reports if report.outbound_id == message.id]
    return report


async def test_a_message_is_sent_and_reported_with_the_providers_id(gateway: Gateway) -> None:
    message = outbound("س" * 71)
    await send(gateway, message)
    report = report_of(gateway, message)
    assert (report.state, report.provider_status) == (S.QUEUED, "1")
    assert report.provider_message_id == str(gateway.outside.sent[0]["messageid"])
    assert (report.parts, report.cost_rial) == (2, 1_500)
    assert gateway.outside.calls[0][1]["localid"] == str(local_id(message.id))


async def test_a_batch_goes_in_calls_of_two_hundred(gateway: Gateway) -> None:
    messages = [outbound(f"پاسخ {number}") for number in range(450)]
    await send(gateway, *messages)
    assert [len(call[1]["localmessageids"].split(",")) for call in gateway.outside.calls] == [200, 200, 50]
    assert [report.outbound_id for report in gateway.reports] == [message.id for message in messages]


async def test_bulk_goes_in_calls_that_a_reply_need_not_wait_for(make_gateway: Make) -> None:
    gateway = await make_gateway(tps=100)
    await send(gateway, *[outbound(f"نظرسنجی {number}") for number in range(50)], lane=Lane.BULK)
    assert max(len(call[1].get("localmessageids", "").split(",")) for call in gateway.outside.calls) == 25


async def test_lines_go_apart(gateway: Gateway) -> None:
    await send(gateway, outbound(line="10001420"), outbound(line="10001421"), outbound(line="10001420"))
    assert [entry["sender"] for entry in gateway.outside.sent] == ["10001420", "10001420", "10001421"]
    assert len(gateway.outside.calls) == 2


@pytest.mark.parametrize(
    ("message", "state"),
    [
        (outbound(to=Address(kind=AddressKind.ACCOUNT, value="1420")), S.REJECTED),
        (outbound("س" * 901), S.REJECTED),
        (outbound(expires_at=datetime.now(UTC) - timedelta(seconds=1)), S.EXPIRED),
    ],
)
async def test_what_cannot_go_is_reported_and_holds_up_nothing(
    gateway: Gateway, message: OutboundMessage, state: DeliveryState
) -> None:
    good = outbound()
    await send(gateway, message, good)
    report = report_of(gateway, message)
    assert report.state is state
    assert report.reason
    assert report_of(gateway, good).state is S.QUEUED
    assert len(gateway.outside.sent) == 1


async def test_a_message_that_came_in_twice_goes_once(gateway: Gateway) -> None:
    message = outbound()
    await send(gateway, message, message)
    await send(gateway, message)
    assert gateway.outside.called("send") == 1
    assert len(gateway.reports) == 1


async def test_after_a_lost_answer_it_asks_and_sends_nothing_again(gateway: Gateway) -> None:
    messages = [outbound(f"پاسخ {number}") for number in range(3)]
    gateway.outside.next.append(ANSWER_LOST)
    await send(gateway, *messages)
    assert [method for method, _ in gateway.outside.calls] == ["sendarray", "statuslocalmessageid"]
    assert {report.outbound_id for report in gateway.reports} == {message.id for message in messages}


@pytest.mark.parametrize("event", [CALL_LOST, GARBLED])
async def test_after_a_lost_call_only_what_is_unknown_goes_again_under_the_same_number(
    gateway: Gateway, event: str
) -> None:
    messages = [outbound(f"پاسخ {number}") for number in range(3)]
    gateway.outside._one("09121234567", "10001420", messages[1].text, local_id(messages[1].id))
    gateway.outside.next.append(event)
    await send(gateway, *messages)
    methods = [method for method, _ in gateway.outside.calls]
    assert methods == ["sendarray", "statuslocalmessageid", "sendarray"]
    again = gateway.outside.calls[2][1]["localmessageids"]
    assert again == f"[{local_id(messages[0].id)}, {local_id(messages[2].id)}]"
    assert len(gateway.outside.sent) == 3
    assert len(gateway.reports) == 3


async def test_a_redelivery_after_a_crash_asks_before_it_sends(make_gateway: Make) -> None:
    """The gateway dies between the provider's answer and Kafka's: another one gets the same batch."""
    outside, message = KavenegarByTheBook(), outbound()
    dying = await make_gateway(outside=outside)
    dying.bus.down = True
    with pytest.raises(BusUnavailableError):
        await send(dying, message)
    heir = await make_gateway(outside=outside)
    await send(heir, message)
    assert [method for method, _ in outside.calls] == ["send", "statuslocalmessageid"]
    assert report_of(heir, message).provider_message_id == str(outside.sent[0]["messageid"])


async def test_a_late_redelivery_of_what_went_in_time_is_not_called_expired(make_gateway: Make) -> None:
    outside, message = KavenegarByTheBook(), outbound()
    dying = await make_gateway(outside=outside)
    dying.bus.down = True
    with pytest.raises(BusUnavailableError):
        await send(dying, message)
    heir = await make_gateway(outside=outside)
    late = message.model_copy(update={"expires_at": datetime.now(UTC) - timedelta(seconds=1)})
    await send(heir, late)
    assert report_of(heir, late).state is S.QUEUED


async def test_without_redis_a_redelivery_is_caught_by_the_local_id(make_gateway: Make) -> None:
    outside, message = KavenegarByTheBook(), outbound()
    away = RedisSettings(url="redis://127.0.0.1:1/0", timeout_seconds=0.2)
    for _ in range(2):
        gateway = await make_gateway(outside=outside, redis=away)
        await send(gateway, message)
        assert report_of(gateway, message).state is S.QUEUED
    assert len(outside.sent) == 1


async def test_a_report_that_kafka_does_not_take_is_tried_again(make_gateway: Make) -> None:
    bus = MemoryBus()
    gateway, message = await make_gateway(bus=bus), outbound()
    bus.down = True
    with pytest.raises(BusUnavailableError):
        await send(gateway, message)
    bus.down = False
    await send(gateway, message)
    assert report_of(gateway, message).state is S.QUEUED
    assert len(gateway.outside.sent) == 1


@pytest.mark.parametrize("bad", [0, 7, 199])
@pytest.mark.parametrize("code", [411, 413, 414, 419, 422])
async def test_one_bad_message_is_found_and_rejected_and_the_rest_goes(
    gateway: Gateway, code: int, bad: int
) -> None:
    messages = [outbound(f"پاسخ {number}") for number in range(200)]
    gateway.outside.refused_texts[messages[bad].text] = code
    await send(gateway, *messages)
    report = report_of(gateway, messages[bad])
    assert report.state is S.REJECTED
    assert (report.reason or "").startswith(str(code))
    assert len(gateway.outside.sent) == 199
    assert {each.state for each in gateway.reports if each.outbound_id != messages[bad].id} == {S.QUEUED}


async def test_a_message_refused_again_and_again_while_others_go_is_rejected(gateway: Gateway) -> None:
    """402 does not say whether it is the message or the moment."""
    messages = [outbound(f"پاسخ {number}") for number in range(5)]
    gateway.outside.refused_texts[messages[2].text] = 402
    for _ in range(2):
        with pytest.raises(ProviderUndecidedError):
            await send(gateway, *messages)
    await send(gateway, *messages)
    assert report_of(gateway, messages[2]).state is S.REJECTED
    assert len(gateway.outside.sent) == 4


async def test_when_nothing_goes_no_message_is_to_blame(gateway: Gateway) -> None:
    messages = [outbound(f"پاسخ {number}") for number in range(200)]
    gateway.outside.always = 402
    for _ in range(5):
        gateway.outside.calls.clear()
        with pytest.raises(ProviderUndecidedError):
            await send(gateway, *messages)
        assert 8 < gateway.outside.called("send") + gateway.outside.called("sendarray") < 12
    assert gateway.reports == []
    gateway.outside.always = None
    await send(gateway, *messages)
    assert len(gateway.outside.sent) == 200


@pytest.mark.parametrize("code", [401, 403, 407, 416, 418])
async def test_what_needs_a_person_loses_nothing_and_is_told(make_gateway: Make, code: int) -> None:
    gateway = await make_gateway(alarm_wait_seconds=0.05)
    message = outbound()
    gateway.outside.next.append(code)
    with pytest.raises(ProviderAlarmError):
        await send(gateway, message)
    assert f"needs a person: {code}" in gateway.gate.health()
    with pytest.raises(CircuitOpenError):
        await send(gateway, message)
    assert gateway.outside.called("send") == 1
    assert gateway.reports == []


async def test_when_the_person_has_acted_the_message_goes(make_gateway: Make) -> None:
    gateway = await make_gateway(alarm_wait_seconds=0.05)
    message = outbound()
    gateway.outside.next.append(418)
    with pytest.raises(ProviderAlarmError):
        await send(gateway, message)
    await asyncio.sleep(0.1)
    await send(gateway, message)
    assert report_of(gateway, message).state is S.QUEUED
    assert gateway.gate.health() is None


async def test_used_up_credit_does_not_keep_us_from_the_inbox(make_gateway: Make) -> None:
    gateway = await make_gateway(alarm_wait_seconds=60)
    gateway.outside.next.append(418)
    with pytest.raises(ProviderAlarmError):
        await send(gateway, outbound())
    gateway.outside.arrives(5, "سلام")
    await gateway.reconciler.reconcile_inbox()
    assert len(gateway.envelopes) == 1


@pytest.mark.parametrize("code", [429, 451])
async def test_asked_to_slow_down_it_halves_the_rate_and_keeps_the_message(
    make_gateway: Make, code: int
) -> None:
    gateway = await make_gateway(tps=80)
    message = outbound()
    gateway.outside.next.append(code)
    with pytest.raises(ProviderSlowDownError):
        await send(gateway, message)
    assert gateway.gate._throttle.rate == pytest.approx(40, abs=1)
    await send(gateway, message)
    assert report_of(gateway, message).state is S.QUEUED


async def test_a_provider_that_is_away_is_left_alone_and_told(make_gateway: Make) -> None:
    gateway = await make_gateway(breaker_failures=3, breaker_first_wait_seconds=60)
    message = outbound()
    gateway.outside.always = NO_CONNECTION
    for _ in range(3):
        with pytest.raises(ProviderUnavailableError):
            await send(gateway, message)
    calls = len(gateway.outside.calls)
    with pytest.raises(CircuitOpenError):
        await send(gateway, message)
    assert len(gateway.outside.calls) == calls
    assert "does not answer" in gateway.gate.health()


async def test_every_error_that_reaches_the_bus_says_try_again() -> None:
    kinds = (
        CircuitOpenError,
        ProviderAlarmError,
        ProviderSlowDownError,
        ProviderUnavailableError,
        ProviderUndecidedError,
    )
    assert all(kind.retriable for kind in kinds)


async def test_a_question_that_is_refused_rejects_no_message(gateway: Gateway) -> None:
    message = outbound()
    gateway.outside.next.extend([CALL_LOST, 414])
    with pytest.raises(ProviderUnavailableError):
        await send(gateway, message)
    assert gateway.reports == []
