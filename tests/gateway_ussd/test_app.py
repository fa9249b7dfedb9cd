"""The gateway put together: importing builds nothing, it runs on what is there, the README tells it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

import gateway_ussd
from bus.settings import KafkaSettings
from envelope.addresses import latin_digits
from gateway_ussd.app import create_app
from gateway_ussd.errors import MenuError
from gateway_ussd.providers import PROVIDERS
from gateway_ussd.settings import GatewayUssdSettings, ProviderSettings
from minting.settings import CaseStoreSettings
from tests.gateway_ussd.conftest import settings_for
from tests.gateway_ussd.services import HttpService
from tests.redis_server import RedisServer

README = Path(gateway_ussd.__file__).parents[2] / "README.md"
ROWS = [line for line in README.read_text().splitlines() if line.startswith("| `")]
NOWHERE = KafkaSettings(bootstrap_servers="127.0.0.1:9", idempotent_producer=False)
LEASE = "POST /api/v1/tracking-code-leases"


def test_importing_builds_nothing() -> None:
    code = "import gateway_ussd.app, gateway_ussd.__main__, threading; assert threading.active_count() == 1"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, env={})


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway.test")


@asynccontextmanager
async def running(settings: GatewayUssdSettings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    async with app.router.lifespan_context(app), client_of(app) as client:
        yield client


async def test_it_is_built_from_settings_without_touching_anything(
    tmp_path: Path, redis: RedisServer, service: HttpService
) -> None:
    every = {form: ProviderSettings(form=form) for form in PROVIDERS if form != "smpp"}
    async with client_of(create_app(settings_for(tmp_path, redis, service, providers=every))) as client:
        alive, ready = await client.get("/healthz"), await client.get("/readyz")
        metrics, described = await client.get("/metrics"), await client.get("/openapi.json")
    assert alive.status_code == 200
    assert ready.status_code == 503
    assert "intake" in ready.json()["reasons"]
    assert "gateway_ussd_steps_total" in metrics.text
    assert "/ussd/{provider}" in described.json()["paths"]
    assert not (tmp_path / "spool").exists()
    assert service.total == 0


async def test_with_everything_away_but_its_disk_a_message_is_taken_and_the_gateway_fit(
    tmp_path: Path, redis: RedisServer, service: HttpService
) -> None:
    service.replies[LEASE] = (201, {"first": 1, "last": 100_000})
    settings = settings_for(tmp_path, redis, service, kafka=NOWHERE)
    dialled = {"sessionId": "AT-1", "phoneNumber": "+989121234567", "serviceCode": "*4*1420#"}
    async with running(settings) as client:
        for _ in range(100):
            if service.calls[LEASE] and "tracking-codes" not in (await client.get("/readyz")).text:
                break
            await asyncio.sleep(0.05)
        first = await client.post("/ussd/chain", data=dialled | {"text": ""})
        assert first.text.startswith("CON ")
        last = await client.post("/ussd/chain", data=dialled | {"text": "1*مستمری واریز نشده"})
        assert last.text.startswith("END ")
        ready = await client.get("/readyz")
    assert len([word for word in latin_digits(last.text).split() if len(word) == 10 and word.isdigit()]) == 1
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert "kafka" in ready.json()["reasons"]


async def test_menus_with_faults_refuse_to_start(
    tmp_path: Path, redis: RedisServer, service: HttpService
) -> None:
    (tmp_path / "faulty.yaml").write_text("start: nowhere\n")
    with pytest.raises(MenuError, match=r"faulty\.yaml:1"):
        async with running(settings_for(tmp_path, redis, service, kafka=NOWHERE, menus=tmp_path)):
            pass


def test_kafka_is_left_to_the_spool_in_time_for_the_screen(
    tmp_path: Path, redis: RedisServer, service: HttpService
) -> None:
    settings = settings_for(tmp_path, redis, service, budget_seconds=1.5)
    assert settings.hasty_kafka.publish_timeout_seconds == 0.5
    assert settings.kafka.publish_timeout_seconds == 3


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "GATEWAY_USSD_PROVIDERS": '{"irancell": {"form": "huawei", "networks": ["10.0.0.0/8"], "tps": 300}}',
        "GATEWAY_USSD_LOOKUPS": '{"basket": {"url": "http://basket.test/{national_id}", "token": "t"}}',
        "GATEWAY_USSD_BUDGET_SECONDS": "1.5",
        "TRACKING_CODE_KEY": "0f" * 32,
        "CASE_STORE_TOKEN": "a-token",
    }.items():
        monkeypatch.setenv(name, value)
    settings = GatewayUssdSettings()
    assert settings.tps == {"irancell": 300}
    assert [str(network) for network in settings.networks["irancell"]] == ["10.0.0.0/8"]
    assert settings.lookups["basket"].fresh_seconds == 60
    assert "a-token" not in repr(settings)


@pytest.mark.parametrize(
    "wrong",
    [
        {"budget_seconds": 0},
        {"in_flight": 1},
        {"TRACKING_CODE_KEY": "short"},
        {"providers": {"a": {"form": "comviva", "password": "secret-word", "unheard": 1}}},
    ],
)
def test_what_cannot_be_is_refused_without_being_told_back(
    wrong: dict[str, Any], tmp_path: Path, redis: RedisServer, service: HttpService
) -> None:
    with pytest.raises(ValidationError) as refused:
        settings_for(tmp_path, redis, service, **wrong)
    assert "secret-word" not in str(refused.value)


def row_of(settings: type[BaseSettings], field: str) -> str:
    info = settings.model_fields[field]
    name = str(info.validation_alias or f"{settings.model_config.get('env_prefix', '')}{field}").upper()
    shown = "" if info.default is PydanticUndefined or info.default is None else f"`{info.default}` "
    return f"| `{name}` | {shown}| {info.description} |"


KNOWN = {
    row_of(settings, field)
    for settings in (GatewayUssdSettings, CaseStoreSettings)
    for field in settings.model_fields
}


@pytest.mark.parametrize("row", ROWS)
def test_a_setting_is_told_in_the_readme_as_it_is(row: str) -> None:
    assert row in KNOWN


def test_what_must_be_set_is_told() -> None:
    must = {"`CASE_STORE_TOKEN`", "`TRACKING_CODE_KEY`"}
    assert must <= {row.split(" | ")[0].removeprefix("| ") for row in ROWS}


def test_the_readme_is_short() -> None:
    assert len(README.read_text().splitlines()) <= 65
