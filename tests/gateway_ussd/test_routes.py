"""The edge: who may call, what is too long, whose fault it is; never a 500 and never a hint."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI
from fastapi.routing import APIRoute

from chassis.auth import declared_auth
from chassis.service import build_service
from gateway_ussd.errors import NotAuthenticError
from gateway_ussd.providers.port import Answer, Received
from gateway_ussd.routes import STATUSES, build_router
from gateway_ussd.settings import ProviderSettings
from tests.gateway_ussd.conftest import Gateway

FORM = {"content-type": "application/x-www-form-urlencoded"}
DIALLED = {"sessionId": "AT-1", "phoneNumber": "+989121234567", "serviceCode": "*4*1420#", "text": ""}


def client_of(app: FastAPI, host: str = "127.0.0.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(host, 4_000))
    return httpx.AsyncClient(transport=transport, base_url="http://gateway.test")


async def test_an_operators_request_is_answered_in_its_own_form(gateway: Gateway) -> None:
    async with client_of(gateway.app) as client:
        synchronous = await client.post("/ussd/chain", data=DIALLED)
        by_query = await client.get(
            "/ussd/last", params={"SessionID": "1", "MSISDN": "989121234568", "MSC": "1", "input": "4*1420"}
        )
    assert synchronous.text.startswith("CON آغاز")
    assert synchronous.headers["content-type"] == "text/plain; charset=utf-8"
    assert by_query.status_code == 200
    assert by_query.headers["freeflow"] == "FC"
    assert by_query.text.startswith("آغاز")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("::1", 200),
        ("::ffff:127.0.0.1", 200),
        ("10.0.0.1", 404),
        ("::ffff:10.0.0.1", 404),
        ("", 404),
        ("testclient", 404),
    ],
)
async def test_a_route_is_not_there_for_who_is_on_no_list(gateway: Gateway, host: str, status: int) -> None:
    for _ in range(2):
        async with client_of(gateway.app, host) as client:
            assert (await client.post("/ussd/chain", data=DIALLED)).status_code == status


async def test_each_connection_has_its_own_list(make_gateway: Callable[..., Any]) -> None:
    gateway = await make_gateway(
        providers={
            "here": ProviderSettings(form="africastalking"),
            "there": ProviderSettings(form="africastalking", networks=("10.1.0.0/16",)),
        }
    )
    async with client_of(gateway.app, "10.1.2.3") as client:
        assert (await client.post("/ussd/there", data=DIALLED)).status_code == 200
        assert (await client.post("/ussd/here", data=DIALLED)).status_code == 404


@pytest.mark.parametrize("path", ["/ussd/nobody", "/ussd/", "/ussd"])
async def test_a_connection_that_is_not_set_up_is_not_there(gateway: Gateway, path: str) -> None:
    async with client_of(gateway.app) as client:
        assert (await client.post(path, data=DIALLED)).status_code == 404


@pytest.mark.parametrize("told", [True, False])
async def test_a_body_that_is_too_long_is_cut_off(gateway: Gateway, told: bool) -> None:  # noqa: FBT001
    async def endless():
        for _ in range(200):
            yield b"text=" + b"a" * 1_000

    body = b"text=" + b"a" * 200_000 if told else endless()
    async with client_of(gateway.app) as client:
        answer = await client.post("/ussd/chain", content=body, headers=FORM)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(b"", FORM, id="nothing"),
        pytest.param(b"\xff\xfe\x00", FORM, id="no text"),
        pytest.param(b"sessionId=1", FORM, id="half"),
        pytest.param(b"<a/>", {"content-type": "application/xml"}, id="another form"),
        pytest.param(b"&".join(b"a=1" for _ in range(5_000)), FORM, id="many fields"),
    ],
)
async def test_what_is_not_in_the_form_is_refused_without_saying_it_back(
    gateway: Gateway, body: bytes, headers: dict[str, str]
) -> None:
    async with client_of(gateway.app) as client:
        answer = await client.post("/ussd/chain", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["status"] == 400


async def test_a_query_of_too_many_fields_is_refused(gateway: Gateway) -> None:
    async with client_of(gateway.app) as client:
        answer = await client.get("/ussd/last?" + "a=1&" * 200)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("error", "status"), [(NotAuthenticError("not the password"), 401), (ZeroDivisionError("0912"), 503)]
)
async def test_a_fault_is_a_clear_problem_and_never_a_500(error: Exception, status: int) -> None:
    class Faulty:
        name = "faulty"
        parts = ()

        async def receive(self, _received: Received) -> Answer:
            raise error

    networks = {"faulty": ProviderSettings(form="comviva").networks}
    router = build_router({"faulty": Faulty()}, networks, 1_024)
    app = build_service(name="test", description="", parts=[], routers=[router], problems=STATUSES)
    with structlog.testing.capture_logs() as lines:
        async with client_of(app) as client:
            answer = await client.post("/ussd/faulty", content=b"x")
    assert answer.status_code == status
    assert "0912" not in answer.text + str(lines)


async def test_a_provider_gets_what_was_sent() -> None:
    class Listening:
        name = "listening"
        parts = ()
        heard: Received

        async def receive(self, received: Received) -> Answer:
            self.heard = received
            return Answer(202, "سلام".encode(), "application/x-own", {"Freeflow": "FC"})

    provider = Listening()
    networks = {"listening": ProviderSettings(form="comviva").networks}
    app = build_service(
        name="test",
        description="",
        parts=[],
        routers=[build_router({"listening": provider}, networks, 1_024)],
        problems=STATUSES,
    )
    async with client_of(app) as client:
        answer = await client.post(
            "/ussd/listening?a=1&a=2&b=%D8%B3", content=b"body", headers={"X-Key": "k"}
        )
    assert provider.heard.method == "POST"
    assert provider.heard.query == {"a": "2", "b": "س"}
    assert provider.heard.headers["x-key"] == "k"
    assert provider.heard.body == b"body"
    assert (answer.status_code, answer.text) == (202, "سلام")
    assert (answer.headers["content-type"], answer.headers["freeflow"]) == ("application/x-own", "FC")


async def test_every_route_declares_its_allow_list(gateway: Gateway) -> None:
    routes = [
        route
        for route in gateway.app.routes
        if isinstance(route, APIRoute) and route.path.startswith("/ussd/")
    ]
    assert len(routes) == 2
    for route in routes:
        assert any(
            declared_auth(each.call) == "allow-list of networks" for each in route.dependant.dependencies
        )


async def test_ten_thousand_characters_are_a_screen_or_a_refusal(gateway: Gateway) -> None:
    async with client_of(gateway.app) as client:
        await client.post("/ussd/chain", data=DIALLED)
        answer = await client.post("/ussd/chain", data=DIALLED | {"text": "1*" + "آ" * 10_000})
    assert answer.status_code in {200, 400}


async def test_an_operator_that_hangs_up_in_the_middle_troubles_nobody(gateway: Gateway) -> None:
    heard = iter([{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}])
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/ussd/chain",
        "query_string": b"",
        "headers": [],
        "client": ("127.0.0.1", 4_000),
    }

    async def receive() -> dict[str, object]:
        return next(heard)

    async def send(_message: object) -> None:
        return

    with structlog.testing.capture_logs() as lines:
        await gateway.app(scope, receive, send)
    assert lines == []
