"""Whatever a stranger may send to an API of ours, the answer is one that its description tells of."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest
import schemathesis
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup

from case_store.model import Rules
from case_store.repository.database import Database
from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, routed, url
from tests.case_store.one_api import TOKEN, made
from tests.gateway_portal.conftest import LIVE_KEY, StoreStandIn, a_key, a_partner, put_together
from tests.gateway_portal.test_api_webhooks import HOOKS, LOGGED, SECRET, WEBHOOK
from tests.redis_server import RedisServer

__all__ = ["url"]
Opened = Callable[[], AbstractAsyncContextManager[FastAPI]]
CODE = mint(100, KEY)
pytestmark = pytest.mark.timeout(400)
_NEVER_ENDS = {"/api/v1/changes"}
"""Server-sent events."""
_SLOW_BY_DESIGN = {"/api/v1/sessions"}
"""A password is hashed for long, and a wrong one makes the next one wait."""


@contextmanager
def served(opened: Opened) -> Iterator[str]:
    """An app on a port, in a thread and a loop of its own; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    listening = threading.Event()
    servers: list[uvicorn.Server] = []

    async def serve() -> None:
        async with opened() as app:
            config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
            servers.append(uvicorn.Server(config))
            listening.set()
            await servers[0].serve([listener])

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    try:
        assert listening.wait(30), "the app has not started"
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(30)
        listener.close()


def described(address: str, token: str) -> schemathesis.BaseSchema:
    """The API that a description tells of, called by whoever holds this token.

    Not checked: that whatever fits the description is taken. A tracking code has a check digit, a cursor is
    one that we gave: no JSON schema says so.
    """
    schemes = ("HTTPBearer", "partnerKey")
    checks = {"positive_data_acceptance": {"enabled": False}}
    return schemathesis.openapi.from_url(
        address,
        config=SchemathesisConfig.from_dict(
            {"checks": checks, "auth": {"openapi": {scheme: {"bearer": token} for scheme in schemes}}}
        ),
    )


@pytest.fixture
def case_store(url: str) -> Iterator[schemathesis.BaseSchema]:
    """The store's whole API on a real database with a case in it."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[FastAPI]:
        database = Database(url, pool_size=5)
        await database.start()
        store = Store(database, Rules())
        await store.access.organisation.load_defaults()
        await store.file(routed(code=CODE))
        yield made(store.handlers)
        await database.stop()

    with served(opened) as address:
        yield described(f"{address}/openapi.json", TOKEN).exclude(path=list(_NEVER_ENDS | _SLOW_BY_DESIGN))


def a_submission(code: str) -> dict[str, object]:
    """As the case store tells a partner of its own."""
    moment = "2026-11-22T08:00:00Z"
    return {
        "message_id": "0197a1b2-0000-7000-8000-000000000001",
        "tracking_code": code,
        "case_code": code,
        "opened": True,
        "reference": None,
        "state": "answered",
        "topic": "pension_payment",
        "kind": "question",
        "submitted_at": moment,
        "last_activity_at": moment,
        "version": 3,
        "section": "retirement",
        "due_at": moment,
        "closed_at": None,
        "answers": [{"at": moment, "text": "پاسخ شما", "official": None}],
    }


class Knowing(StoreStandIn):
    """A case store that has whatever a partner asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.partners = [a_partner(a_key(LIVE_KEY), per_minute=1_000_000, per_day=1_000_000)]
        self.answers = {
            "/partner/submissions": {"submissions": [a_submission(CODE)], "next_cursor": None},
            "/partner/case": lambda body: a_submission(body["code"]),
            "/partner/withdrawal": lambda body: a_submission(body["code"]) | {"state": "withdrawn"},
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        _, at, below = request.url.path.partition(HOOKS)
        if not at:
            return super().__call__(request)
        if request.method == "DELETE":
            return httpx.Response(204)
        last = below.rpartition("/")[2]
        told = {
            "secret": WEBHOOK | SECRET,
            "test": LOGGED,
            "replay": LOGGED,
            "deliveries": {"deliveries": [LOGGED], "next_cursor": None},
            "": WEBHOOK | SECRET if request.method == "POST" else {"webhooks": [WEBHOOK]},
        }
        return httpx.Response(200, json=told.get(last, WEBHOOK))


@pytest.fixture
def portal(tmp_path: Path, redis: RedisServer) -> Iterator[str]:
    """The portal on a real Redis, with a case store that knows every code; its address."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[FastAPI]:
        app = put_together(tmp_path, redis, Knowing()).app
        async with app.router.lifespan_context(app):
            yield app

    with served(opened) as address:
        yield address


def demand_no_failures(schema: schemathesis.BaseSchema, examples: int, least: int) -> None:
    """Every operation, `least` of them at least, does what its description tells of; else what each does."""
    found: dict[str, str] = {}
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        tried += 1
        try:
            everything(operation, examples)
        except (Exception, FailureGroup) as error:  # noqa: BLE001  (each is told, whatever it is)
            found[operation.label] = f"{type(error).__name__}: {error}"
    assert not found, "\n\n".join(f"{label}\n{words}" for label, words in found.items())
    assert tried >= least


def everything(operation: schemathesis.APIOperation, examples: int) -> None:
    """Requests of the documented form and of others, always the same ones."""
    for mode in schemathesis.GenerationMode:

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def one(case: schemathesis.Case) -> None:
            case.call_and_validate()

        with contextlib.suppress(Unsatisfiable):
            one()


def test_the_case_store_answers_as_it_says(case_store):
    demand_no_failures(case_store, examples=3, least=100)


def test_the_api_for_other_services_answers_as_it_says(portal):
    demand_no_failures(described(f"{portal}/api/v1/openapi.json", LIVE_KEY), examples=8, least=13)


def test_open311_answers_as_it_says(portal):
    schema = described(f"{portal}/openapi.json", LIVE_KEY).include(path_regex="^/open311/")
    demand_no_failures(schema, examples=12, least=6)
