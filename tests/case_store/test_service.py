"""The whole service on a real broker and a real database: topics in, cases and answers out."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr, ValidationError

from bus.kafka import KafkaBus
from bus.port import Record
from bus.settings import KafkaSettings
from case_store.app import create_app
from case_store.settings import CaseStoreSettings
from chassis.settings import DatabaseSettings
from envelope import topics
from envelope.models import DeliveryReport, DeliveryState, RoutedMessage
from envelope.tracking import mint
from tests.case_store.conftest import KEY, routed

CODE = mint(42, KEY)
TOKEN = "a-token-for-tests-only"


class Running(NamedTuple):
    app: FastAPI
    api: httpx.AsyncClient
    bus: KafkaBus

    async def publish(self, topic: str, *values: bytes) -> None:
        await self.bus.publish([Record(topic, b"+989120000001", value) for value in values])

    async def eventually(self, path: str, condition) -> dict:
        async with asyncio.timeout(30):
            while True:
                answer = await self.api.get(path)
                if answer.is_success and condition(answer.json()):
                    return answer.json()
                await asyncio.sleep(0.1)


def settings(url: str, kafka: KafkaSettings) -> CaseStoreSettings:
    return CaseStoreSettings(
        token=SecretStr(TOKEN),
        tracking_code_key=SecretStr(KEY.hex()),
        database=DatabaseSettings(url=SecretStr(url)),
        kafka=kafka,
    )


@pytest.fixture
async def running(url: str, kafka_settings: KafkaSettings) -> AsyncIterator[Running]:
    bus = KafkaBus(kafka_settings)
    app = create_app(settings(url, kafka_settings), bus=bus)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://test",
            headers={"Authorization": f"Bearer {TOKEN}"},
        ) as api,
    ):
        yield Running(app, api, bus)


async def test_a_message_goes_in_and_its_answers_come_out_and_its_delivery_is_seen(running: Running):
    await running.eventually("/readyz", lambda body: body["status"] == "ready")
    poison, message = b"{not json", routed(code=CODE)
    await running.publish(topics.ROUTED, poison, message.to_json(), message.to_json())
    case = await running.eventually(f"/api/v1/cases/{CODE}", lambda case: case["messages"])
    assert len(case["messages"]) == 1
    acknowledgement = case["outbound_messages"][0]
    await running.eventually("/api/v1/stats", lambda stats: stats["outbox"]["depth"] == 0)

    letters = await running.eventually("/api/v1/dead-letters", lambda page: page["items"])
    assert letters["items"][0]["topic"] == topics.ROUTED
    assert letters["items"][0]["reason"].startswith("ValidationError")
    whole = (await running.api.get(f"/api/v1/dead-letters/{letters['items'][0]['id']}")).json()
    assert whole["value"] == "e25vdCBqc29u"

    report = DeliveryReport(
        provider="kavenegar",
        provider_message_id="1",
        outbound_id=acknowledgement["id"],
        state=DeliveryState.DELIVERED,
        reported_at=datetime.now(UTC),
    )
    await running.publish(topics.DELIVERY, report.to_json())
    await running.eventually(
        f"/api/v1/cases/{CODE}", lambda case: case["outbound_messages"][0]["state"] == "delivered"
    )
    metrics = (await running.api.get("/metrics")).text
    assert 'payam_accept_to_case_seconds_count{channel="sms"}' in metrics


async def test_while_postgresql_is_cut_off_messages_wait_and_none_is_laid_aside(running: Running, database):
    await running.eventually("/readyz", lambda body: body["status"] == "ready")
    messages: Sequence[RoutedMessage] = [
        routed(sender=f"+98912000{n:04d}", code=mint(n, KEY)) for n in range(50)
    ]
    for message in messages:
        await running.publish(topics.ROUTED, message.to_json())
        async with database.transaction() as tx:
            await tx.raw.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database() AND random() < 0.5"
            )
    await running.eventually("/api/v1/stats", lambda stats: stats["cases"]["new"] == 50)
    assert (await running.api.get("/api/v1/dead-letters")).json()["items"] == []


@pytest.mark.parametrize("key", ["", "00", "zz" * 32, "00" * 31])
def test_a_key_of_the_wrong_length_is_refused_without_showing_it(key: str):
    with pytest.raises(ValidationError) as caught:
        CaseStoreSettings(token=SecretStr(TOKEN), tracking_code_key=SecretStr(key))
    assert not key or key not in str(caught.value)
