"""What is due is posted and reported, whatever receivers do and whether the case store answers or not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from gateway_portal.clients.webhook_work import WebhookWork
from gateway_portal.clients.webhooks import WebhookSender
from gateway_portal.handlers import telling as module
from gateway_portal.handlers.telling import Telling
from gateway_portal.settings import GatewayPortalSettings
from minting.settings import CaseStoreSettings
from tests.gateway_portal.conftest import KEY, StoreStandIn
from tests.gateway_portal.receivers import OK, SECRET, receiving, work_for


class Work:
    """The store's side: what it gives out, and what it was told."""

    def __init__(self, behind: StoreStandIn) -> None:
        self.due: list[dict[str, Any]] = []
        self.claims: list[dict[str, Any]] = []
        self.results: dict[str, dict[str, Any]] = {}
        behind.answers["/webhooks/claims"] = self._claim
        behind.answers["/webhooks/results"] = self._report

    def _claim(self, body: dict[str, Any]) -> dict[str, Any]:
        self.claims.append(body)
        given, self.due = self.due[: body["limit"]], self.due[body["limit"] :]
        return {"work": given}

    def _report(self, body: dict[str, Any]) -> httpx.Response:
        self.results |= {result["delivery_id"]: result for result in body["results"]}
        return httpx.Response(204)


@pytest.fixture
def behind() -> StoreStandIn:
    return StoreStandIn()


@pytest.fixture
def work(behind: StoreStandIn) -> Work:
    return Work(behind)


@asynccontextmanager
async def telling(behind: StoreStandIn, *, seconds: float = 1, **how: float) -> AsyncIterator[Telling]:
    settings = GatewayPortalSettings(
        GATEWAY_PORTAL_SECRET=KEY,
        TRACKING_CODE_KEY=KEY,
        case_store=CaseStoreSettings(token="a-service-token"),
    )
    client = WebhookWork(settings, httpx.MockTransport(behind))
    sender = WebhookSender([ip_network("127.0.0.0/8")], seconds=seconds)
    part = Telling(client, sender, idle_seconds=how.get("idle_seconds", 0.02))
    await part.start()
    try:
        yield part
    finally:
        await part.stop()
        await client.stop()


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  (what it waits for tells nobody)
            await asyncio.sleep(0.01)


async def test_what_is_claimed_is_posted_and_how_it_went_is_reported(behind: StoreStandIn, work: Work):
    async with receiving() as good, receiving(b"HTTP/1.1 503 No\r\nRetry-After: 9\r\n\r\n") as busy:
        work.due = [work_for(good.url(), attempt=3), work_for(busy.url()), work_for("https://10.0.0.1/")]
        ids = [each["delivery_id"] for each in work.due]
        async with telling(behind):
            await until(lambda: len(work.results) == 3)
    results = [{**work.results[each], "milliseconds": 0} for each in ids]
    assert results == [
        {
            "delivery_id": ids[0],
            "attempt": 3,
            "status": 200,
            "error": None,
            "milliseconds": 0,
            "retry_after": None,
        },
        {
            "delivery_id": ids[1],
            "attempt": 1,
            "status": 503,
            "error": "status",
            "milliseconds": 0,
            "retry_after": 9,
        },
        {
            "delivery_id": ids[2],
            "attempt": 1,
            "status": None,
            "error": "private_address",
            "milliseconds": 0,
            "retry_after": None,
        },
    ]
    assert {claim["lease_seconds"] for claim in work.claims} == {60}
    assert all(authorization == "Bearer a-service-token" for _, authorization, _ in behind.asked)


async def test_a_slow_receiver_holds_up_nobody_and_no_more_is_under_way_than_agreed(
    behind: StoreStandIn, work: Work
):
    async def slow(_writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    async with receiving(slow) as stuck, receiving() as quick:
        work.due = [work_for(stuck.url()) for _ in range(30)]
        async with telling(behind, seconds=3):
            await until(lambda: len(stuck.came) == 30)
            work.due = [work_for(quick.url()) for _ in range(60)]
            await until(lambda: len(quick.came) == 60, seconds=2)
            assert all(claim["limit"] <= 40 for claim in work.claims)
            assert {result["status"] for result in work.results.values()} <= {200}
            await until(lambda: len(work.results) == 90)
    assert quick.most_open <= 10


async def test_while_the_store_is_away_nothing_is_lost_and_the_reason_is_told(
    behind: StoreStandIn, work: Work, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "_AWAY_SECONDS", 0.05)

    async def away_first(writer: asyncio.StreamWriter) -> None:
        behind.away = True
        writer.write(OK)
        await writer.drain()

    async with receiving(away_first) as receiver, telling(behind) as part:
        await until(lambda: part.health() is None)
        work.due = [work_for(receiver.url())]
        await until(lambda: part.health() is not None)
        assert part.health() == "the case store does not answer"
        assert part.failure() is None
        assert work.results == {}
        behind.away = False
        await until(lambda: len(work.results) == 1)
        await until(lambda: part.health() is None)
    assert len(receiver.came) == 1


async def test_at_the_end_what_is_under_way_is_waited_for_and_reported(behind: StoreStandIn, work: Work):
    answering = asyncio.Event()

    async def later(writer: asyncio.StreamWriter) -> None:
        answering.set()
        await asyncio.sleep(0.5)
        writer.write(OK)
        await writer.drain()

    async with receiving(later) as receiver:
        work.due = [work_for(receiver.url())]
        async with telling(behind, seconds=5):
            await answering.wait()
            assert work.results == {}
    assert [result["status"] for result in work.results.values()] == [200]


async def test_at_the_end_nobody_waits_for_a_receiver_that_never_answers(
    behind: StoreStandIn, work: Work, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "_LAST_TRIES_SECONDS", 0.1)

    async def never(_writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    async with receiving(never) as receiver:
        work.due = [work_for(receiver.url())]
        async with telling(behind, seconds=20):
            await until(lambda: receiver.came)
            begun = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - begun < 2
    assert work.results == {}


@pytest.mark.parametrize("spoilt", [{"secrets": ["whsec_!"]}, {"event": {"no": "id"}}, {"url": "https://[/"}])
async def test_what_cannot_be_told_is_reported_and_the_rest_goes_on(
    behind: StoreStandIn, work: Work, spoilt: dict[str, Any]
):
    async with receiving() as receiver:
        work.due = [work_for(receiver.url()) | spoilt, work_for(receiver.url())]
        bad, good = (each["delivery_id"] for each in work.due)
        async with telling(behind) as part:
            await until(lambda: len(work.results) == 2)
            assert part.failure() is None
    assert work.results[bad]["error"] in {"fault", "address"}
    assert work.results[good]["status"] == 200


async def test_an_answer_of_the_store_that_cannot_be_read_is_waited_out(
    behind: StoreStandIn, work: Work, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "_AWAY_SECONDS", 0.05)
    claim = behind.answers["/webhooks/claims"]
    behind.answers["/webhooks/claims"] = httpx.Response(200, text="<html>")
    async with telling(behind) as part:
        await until(lambda: part.health() is not None)
        behind.answers["/webhooks/claims"] = claim
        await until(lambda: part.health() is None)


async def test_results_that_the_store_cannot_read_hold_up_nothing(behind: StoreStandIn, work: Work):
    report = behind.answers["/webhooks/results"]
    behind.answers["/webhooks/results"] = httpx.Response(422, json={"title": "no"})
    async with receiving() as receiver, telling(behind) as part:
        work.due = [work_for(receiver.url())]
        await until(lambda: any(path == "/webhooks/results" for path, *_ in behind.asked))
        behind.answers["/webhooks/results"] = report
        work.due = [work_for(receiver.url())]
        await until(lambda: len(work.results) == 1)
        assert part.health() is None


async def test_no_secret_address_or_code_is_in_the_log(
    behind: StoreStandIn, work: Work, capsys: pytest.CaptureFixture[str]
):
    async with receiving() as receiver:
        work.due = [
            work_for(receiver.url("/token-in-the-path")),
            work_for(receiver.url()) | {"secrets": ["x"]},
        ]
        async with telling(behind):
            await until(lambda: len(work.results) == 2)
    told = "".join(capsys.readouterr())
    assert "webhook_posted" in told
    for hidden in (SECRET, SECRET.removeprefix("whsec_"), "token-in-the-path", "1234567897", "۷"):
        assert hidden not in told


async def test_the_app_tells_where_its_settings_let_it(started: Callable[..., Any], behind: StoreStandIn):
    work = Work(behind)
    async with receiving() as receiver:
        for networks, error in (("127.0.0.0/8", None), ("", "private_address")):
            work.due, work.results = [work_for(receiver.url())], {}
            async with started(webhook_networks=networks):
                await until(lambda: len(work.results) == 1)
            assert [result["error"] for result in work.results.values()] == [error]
