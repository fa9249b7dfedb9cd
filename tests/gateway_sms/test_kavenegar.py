"""The adapter: the package over httpx, without its endless waits and its leaks."""

import json
import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from envelope.models import DeliveryState
from gateway_sms.errors import (
    ProviderAlarmError,
    ProviderError,
    ProviderRefusedError,
    ProviderSlowDownError,
    ProviderUnavailableError,
    ProviderUndecidedError,
)
from gateway_sms.providers import kavenegar
from gateway_sms.providers.port import Mt, Provider
from gateway_sms.settings import GatewaySmsSettings
from tests.gateway_sms.conftest import API_KEY
from tests.gateway_sms.outside import (
    ANSWER_LOST,
    CALL_LOST,
    NO_CONNECTION,
    KavenegarByTheBook,
    accepted,
    refusal,
)

Make = Callable[..., GatewaySmsSettings]


def provider_over(make_settings: Make, outside: object) -> Provider:
    return kavenegar.from_settings(make_settings(), httpx.MockTransport(outside))


def answering(make_settings: Make, answer: httpx.Response) -> Provider:
    return provider_over(make_settings, lambda _request: answer)


def mt(number: int = 1, **changes: object) -> Mt:
    values = {
        "outbound_id": uuid4(),
        "local_id": number,
        "to": "+989121234567",
        "line": "10001420",
        "text": "سلام",
    }
    return Mt(**(values | changes))


async def test_one_message_goes_by_send(make_settings: Make) -> None:
    outside = KavenegarByTheBook()
    [receipt] = await provider_over(make_settings, outside).writer.send([mt(7)])
    [(method, params)] = outside.calls
    assert method == "send"
    assert params == {"receptor": "09121234567", "sender": "10001420", "message": "سلام", "localid": "7"}
    assert (receipt.state, receipt.status, receipt.cost_rial) == (DeliveryState.QUEUED, "1", 1_500)


async def test_several_go_by_sendarray_with_lists_as_json_in_one_field(make_settings: Make) -> None:
    outside = KavenegarByTheBook()
    receipts = await provider_over(make_settings, outside).writer.send([mt(7), mt(8, to="+44207946000")])
    [(method, params)] = outside.calls
    assert method == "sendarray"
    assert json.loads(params["receptor"]) == ["09121234567", "0044207946000"]
    assert json.loads(params["localmessageids"]) == [7, 8]
    assert [receipt.provider_message_id for receipt in receipts] == [
        str(entry["messageid"]) for entry in outside.sent
    ]


async def test_a_message_for_later_is_held_by_the_provider(make_settings: Make) -> None:
    outside = KavenegarByTheBook()
    later = datetime(2026, 11, 22, 8, tzinfo=UTC)
    await provider_over(make_settings, outside).writer.send(
        [mt(7, held_until=later), mt(8, held_until=later)]
    )
    assert outside.calls[0][1]["date"] == str(int(later.timestamp()))


async def test_the_path_is_as_documented(make_settings: Make) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return accepted([])

    await provider_over(make_settings, answer).writer.ask(provider_ids=["1", "2"])
    assert str(seen[0].url) == f"http://kavenegar.test/v1/{API_KEY}/sms/status.json"
    assert seen[0].method == "POST"
    assert seen[0].content == b"messageid=1%2C2"


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (refusal(402), ProviderUndecidedError, 402),
        (refusal(409), ProviderUnavailableError, 409),
        (refusal(411), ProviderRefusedError, 411),
        (refusal(418), ProviderAlarmError, 418),
        (refusal(429), ProviderSlowDownError, 429),
        (refusal(451), ProviderSlowDownError, 451),
        (refusal(599), ProviderUndecidedError, 599),
        (httpx.Response(200, json=refusal(418).json()), ProviderAlarmError, 418),
        (
            httpx.Response(500, json=accepted([{"messageid": 1, "status": 1}]).json()),
            ProviderUnavailableError,
            None,
        ),
        (httpx.Response(502, text="<html>"), ProviderUnavailableError, None),
        (httpx.Response(404, text="no such page"), ProviderUnavailableError, None),
        (httpx.Response(200, text=""), ProviderUnavailableError, None),
        (httpx.Response(200, json=[]), ProviderUnavailableError, None),
        (httpx.Response(200, json={"entries": []}), ProviderUnavailableError, None),
        (httpx.Response(200, json={"return": {"status": 200}}), ProviderUnavailableError, None),
        (httpx.Response(200, json={"return": None, "entries": []}), ProviderUnavailableError, None),
        (httpx.Response(302, headers={"location": "http://elsewhere.test"}), ProviderUnavailableError, None),
        (accepted(None), ProviderUnavailableError, None),
        (accepted([{}]), ProviderUnavailableError, None),
        (accepted(["?"]), ProviderUnavailableError, None),
        (accepted([{"messageid": 1, "status": 1}] * 2), ProviderUnavailableError, None),
    ],
    ids=lambda value: value.text[:40] if isinstance(value, httpx.Response) else str(value),
)
async def test_an_answer_becomes_the_error_that_says_what_to_do(
    make_settings: Make, answer: httpx.Response, error: type[ProviderError], code: int | None
) -> None:
    with pytest.raises(error) as caught:
        await answering(make_settings, answer).writer.send([mt()])
    assert caught.type is error
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("event", "maybe_taken"), [(NO_CONNECTION, False), (CALL_LOST, True), (ANSWER_LOST, True)]
)
async def test_it_is_told_whether_a_lost_call_may_have_been_taken(
    make_settings: Make, event: str, *, maybe_taken: bool
) -> None:
    outside = KavenegarByTheBook()
    outside.next.append(event)
    with pytest.raises(ProviderUnavailableError) as caught:
        await provider_over(make_settings, outside).writer.send([mt()])
    assert caught.value.maybe_taken is maybe_taken


@pytest.mark.parametrize("event", [NO_CONNECTION, CALL_LOST, ANSWER_LOST, 403, 418])
async def test_the_key_shows_nowhere(
    make_settings: Make, event: str | int, caplog: pytest.LogCaptureFixture
) -> None:
    outside = KavenegarByTheBook()
    outside.next.append(event)
    provider = provider_over(make_settings, outside)
    with caplog.at_level(logging.WARNING), pytest.raises(ProviderError) as caught:
        await provider.writer.send([mt()])
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    shown = told + repr(provider) + repr(provider.parts[0]) + str(provider.parts[0]) + repr(make_settings())
    assert API_KEY not in shown
    assert "kavenegar.test/v1" not in told
    assert "09121234567" not in told


async def test_an_object_for_entries_counts_as_one(make_settings: Make) -> None:
    provider = answering(make_settings, accepted({"messageid": 5, "status": 4}))
    [receipt] = await provider.writer.send([mt()])
    assert (receipt.provider_message_id, receipt.state) == ("5", DeliveryState.SENT)


async def test_what_the_provider_has_no_trace_of_is_not_known(make_settings: Make) -> None:
    provider = provider_over(make_settings, KavenegarByTheBook())
    [receipt] = await provider.writer.ask(local_ids=[42])
    assert (receipt.known, receipt.local_id) == (False, 42)


@pytest.mark.parametrize("page_size", [200, 3])
async def test_an_inbox_is_read_to_its_end_whatever_a_page_holds(make_settings: Make, page_size: int) -> None:
    outside = KavenegarByTheBook()
    outside.page_size = page_size
    for number in range(10):
        outside.arrives(number + 1, "سلام", read=int(number < 8))
    until = datetime.now(UTC)
    pages = provider_over(make_settings, outside).writer.pull("10001420", until - timedelta(hours=1), until)
    found = [mo.provider_message_id async for page in pages for mo in page]
    assert {*found} >= {str(number) for number in range(1, 9)}
    assert len(found) == len({*found})


async def test_an_entry_that_cannot_be_read_hides_no_other(make_settings: Make) -> None:
    good = {"messageid": 1, "sender": "0912", "receptor": "10001420", "message": "a", "date": 1_763_740_800}
    bad = [{"messageid": 2}, {"messageid": 3, "sender": "0912", "date": "soon"}, {}]
    pages = answering(make_settings, accepted([*bad, good])).writer.pull(
        "10001420", datetime.now(UTC), datetime.now(UTC)
    )
    found = {mo.provider_message_id async for page in pages for mo in page}
    assert found == {"1"}
