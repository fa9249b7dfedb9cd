"""Every route of every service declares who may call it."""

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from case_store.app import create_app as case_store
from chassis.auth import declared_auth
from desk.app import create_app as desk
from gateway_portal.app import create_app as gateway_portal
from gateway_sms.app import create_app as gateway_sms
from gateway_ussd.app import create_app as gateway_ussd
from gateway_voice.app import create_app as gateway_voice
from message_router.app import create_app as router
from simulator.app import create_app as simulator

APPS: dict[str, Callable[[], FastAPI]] = {
    "case-store": case_store,
    "desk": desk,
    "gateway-portal": gateway_portal,
    "gateway-sms": gateway_sms,
    "gateway-ussd": gateway_ussd,
    "gateway-voice": gateway_voice,
    "router": router,
    "simulator": simulator,
}
OPEN_WITHOUT_DECLARING = {"/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect"}
"""FastAPI's own, which show the form of the API and no data."""


@pytest.fixture(autouse=True)
def secrets(monkeypatch, tmp_path):
    for name in ("KAVENEGAR_WEBHOOK_SECRET", "KAVENEGAR_API_KEY", "CASE_STORE_TOKEN"):
        monkeypatch.setenv(name, "x" * 32)
    for name in ("TRACKING_CODE_KEY", "GATEWAY_PORTAL_SECRET"):
        monkeypatch.setenv(name, "00" * 32)
    monkeypatch.setenv("GATEWAY_SMS_SPOOL_DIR", str(tmp_path))
    monkeypatch.setenv("GATEWAY_USSD_SPOOL_DIR", str(tmp_path))
    monkeypatch.setenv("GATEWAY_VOICE_SPOOL_DIR", str(tmp_path))
    monkeypatch.setenv("GATEWAY_VOICE_PUSH_SECRET", "x" * 32)
    monkeypatch.setenv("GATEWAY_PORTAL_SPOOL_DIR", str(tmp_path))


def calls(dependant: Dependant) -> Iterator[object]:
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from calls(dependency)


def undeclared(app: FastAPI) -> list[str]:
    """The paths whose route, with what its routers add, asks for no guard."""
    found = []
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context._effective_route, "dependant", None)
        if context.path in OPEN_WITHOUT_DECLARING:
            continue
        if dependant is None or not any(declared_auth(call) for call in calls(dependant)):
            found.append(str(context.path))
    return found


@pytest.mark.parametrize("service", APPS)
async def test_every_route_declares_who_may_call_it(service):
    app = APPS[service]()
    assert {"/healthz", "/readyz", "/metrics"} <= {
        context.path for context in iter_route_contexts(app.routes)
    }
    assert undeclared(app) == []


async def test_the_walk_finds_a_route_that_forgot():
    app = APPS["router"]()

    @app.get("/forgotten")
    async def forgotten() -> None: ...

    assert undeclared(app) == ["/forgotten"]
