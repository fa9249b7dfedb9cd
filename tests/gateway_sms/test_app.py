"""The gateway as it is put together: importing builds nothing, the app says how it is."""

import subprocess
import sys
from collections.abc import Callable

import httpx
import pytest
from fastapi.routing import APIRoute
from pydantic import ValidationError

from chassis.auth import declared_auth
from gateway_sms.app import create_app
from gateway_sms.providers import PROVIDERS
from gateway_sms.routes import build_router
from gateway_sms.settings import GatewaySmsSettings, KavenegarSettings
from tests.gateway_sms.conftest import Gateway

Make = Callable[..., GatewaySmsSettings]


def test_importing_builds_nothing() -> None:
    code = "import gateway_sms.app, gateway_sms.__main__, threading; assert threading.active_count() == 1"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, env={})


async def test_it_is_built_from_settings_without_touching_anything(make_settings: Make) -> None:
    app = create_app(make_settings())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://gateway.test"
    ) as client:
        alive, ready = await client.get("/healthz"), await client.get("/readyz")
        metrics, described = await client.get("/metrics"), await client.get("/openapi.json")
    assert alive.status_code == 200
    assert ready.status_code == 503
    assert "kafka" in ready.json()["reasons"]
    assert "gateway_sms_mo_total" in metrics.text
    assert "/kavenegar/{secret}/mo" in described.json()["paths"]


async def test_every_webhook_declares_its_secret(gateway: Gateway) -> None:
    router = build_router(gateway.provider, gateway.inbound, gateway.deliveries, 1_024)
    assert len(router.routes) == 4
    for route in router.routes:
        assert isinstance(route, APIRoute)
        assert any(declared_auth(each.call) for each in route.dependant.dependencies)


def test_the_registry_names_who_there_is(make_settings: Make) -> None:
    settings = make_settings()
    for name, build in PROVIDERS.items():
        assert build(settings).name == name


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "GATEWAY_SMS_LINES": "10001420, 10001421",
        "GATEWAY_SMS_TPS": "40",
        "GATEWAY_SMS_SPOOL_DIR": "spool",
        "TRACKING_CODE_KEY": "0f" * 32,
        "KAVENEGAR_API_KEY": "key",
        "KAVENEGAR_WEBHOOK_SECRET": "s" * 16,
        "KAVENEGAR_BASE_URL": "http://127.0.0.1:8002",
        "CASE_STORE_TOKEN": "token",
        "KAFKA_FORGETFUL": "1",
    }.items():
        monkeypatch.setenv(name, value)
    settings = GatewaySmsSettings()
    assert settings.lines == ("10001420", "10001421")
    assert settings.code_key == bytes([0x0F]) * 32
    assert (settings.port, settings.tps) == (8010, 40)
    assert settings.spool.retention_seconds == 3_600


def test_a_wrong_setting_is_told_without_its_value() -> None:
    with pytest.raises(ValidationError) as caught:
        KavenegarSettings(api_key="k", webhook_secret="pssst", base_url="no-url")
    assert "pssst" not in str(caught.value)
    assert "no-url" not in str(caught.value)
