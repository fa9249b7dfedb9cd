"""How a service lives: ready with reasons, dead with its parts, silent about people."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import textwrap

import httpx
import pytest
import structlog
from fastapi import APIRouter, Depends
from pydantic import BaseModel, SecretStr

from chassis.auth import bearer_token, open_to_all, path_secret
from chassis.logging import configure_logging, mask
from chassis.parts import Periodic, Task
from chassis.problems import Problem
from chassis.service import build_service
from chassis.settings import ServiceSettings
from envelope.errors import PayamError


class Lamp:
    """A part whose readiness a test switches."""

    def __init__(self, name: str, log: list[str]) -> None:
        self.name = name
        self.log = log
        self.reason: str | None = None

    async def start(self) -> None:
        self.log.append(f"start {self.name}")

    async def stop(self) -> None:
        self.log.append(f"stop {self.name}")

    def health(self) -> str | None:
        return self.reason


class BusyError(PayamError):
    retriable = True


class GoneError(PayamError):
    pass


class Form(BaseModel):
    number: int


def client(app) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://service")


def routes() -> APIRouter:
    router = APIRouter()

    @router.get("/busy", dependencies=[Depends(open_to_all("test"))])
    async def busy() -> None:
        raise BusyError("the broker is away")

    @router.get("/gone", dependencies=[Depends(open_to_all("test"))])
    async def gone() -> None:
        raise GoneError("no such case")

    @router.get("/crash", dependencies=[Depends(open_to_all("test"))])
    async def crash() -> None:
        raise RuntimeError("09120000000")

    @router.get("/teapot", dependencies=[Depends(open_to_all("test"))])
    async def teapot() -> None:
        raise Problem(418, "A teapot", "Short and stout", errors=[{"detail": "handle", "pointer": "/here"}])

    @router.post("/form", dependencies=[Depends(bearer_token(SecretStr("right")))])
    async def form(form: Form) -> None: ...

    @router.get("/hook/{secret}", dependencies=[Depends(path_secret(SecretStr("right")))])  # noqa: FAST003  (its guard reads it)
    async def hook() -> None: ...

    return router


@pytest.fixture
def app():
    return build_service(
        name="test", description="A test.", parts=[], routers=[routes()], problems={GoneError: 404}
    )


async def test_parts_start_in_order_and_stop_in_reverse():
    log: list[str] = []
    app = build_service(name="test", description="A test.", parts=[Lamp("a", log), Lamp("b", log)])
    async with app.router.lifespan_context(app):
        assert log == ["start a", "start b"]
    assert log[2:] == ["stop b", "stop a"]


async def test_readiness_names_each_part_that_is_not_ready_and_why():
    lamp = Lamp("kafka", [])
    app = build_service(name="test", description="A test.", parts=[lamp, Lamp("ok", [])])
    async with client(app) as http:
        assert (await http.get("/readyz")).status_code == 200
        lamp.reason = "cannot be reached"
        answer = await http.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == {"kafka": "cannot be reached"}


async def test_what_a_service_can_do_without_leaves_it_degraded_and_fit_for_work():
    lamp = Lamp("kafka", [])
    app = build_service(name="test", description="A test.", parts=[lamp], works_without={"kafka"})
    lamp.reason = "cannot be reached"
    async with client(app) as http:
        answer = await http.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "service": "test",
        "status": "degraded",
        "reasons": {"kafka": "cannot be reached"},
    }


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/busy", 503, "Service Unavailable"),
        ("/gone", 404, "Not Found"),
        ("/crash", 500, "Internal Server Error"),
        ("/teapot", 418, "A teapot"),
        ("/nowhere", 404, "Not Found"),
    ],
)
async def test_every_error_is_a_problem_document(app, path, status, title):
    async with client(app) as http:
        answer = await http.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == title
    assert "0912" not in answer.text


async def test_a_wrong_body_is_named_by_place_and_never_repeated(app):
    async with client(app) as http:
        answer = await http.post(
            "/form", json={"number": "۰۹۱۲۰۰۰۰۰۰۰x"}, headers={"Authorization": "Bearer right"}
        )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/body/number"
    assert "۰۹۱۲" not in answer.text


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic cmlnaHQ="}]
)
async def test_without_the_token_the_answer_is_401_and_no_hint(app, header):
    async with client(app) as http:
        answer = await http.post("/form", json={"number": 1}, headers=header)
    assert answer.status_code == 401
    assert "right" not in answer.text


async def test_without_the_secret_the_route_is_not_there(app):
    async with client(app) as http:
        assert (await http.get("/hook/wrong")).status_code == 404
        assert (await http.get("/hook/right")).status_code == 200


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ("from 09120000000", "from <number>"),
        ("to +989120000000!", "to <number>!"),
        ("کد ملی من ۰۰۱۳۵۴۲۴۱۹ است", "<words> <number> <words>"),
        ("POST http://api/v1/SECRETKEY/sms/send.json", "POST http://api/v1/***/sms/send.json"),
        ("GET /kavenegar/s3cr3t/mo", "GET /kavenegar/***/mo"),
        ("batch of 500", "batch of 500"),
    ],
)
def test_a_log_line_holds_no_number_no_words_and_no_secret(said, masked):
    assert mask(said) == masked


def test_whatever_a_caller_logs_is_masked_however_deep_and_whoever_logs_it(capsys):
    configure_logging(ServiceSettings(), "test")
    try:
        structlog.get_logger("fresh").info(
            "mo_received", body={"from": ["09120000000"], "text": "سلام"}, raw=b"secret"
        )
        logging.getLogger("somebody").warning("number %s said %s", "09120000000", "سلام")
        try:
            raise ValueError("09120000000 گفت سلام")  # noqa: TRY301  (a caller that raises and logs)
        except ValueError:
            structlog.get_logger("fresh").exception("failed")
    finally:
        structlog.reset_defaults()
        logging.basicConfig(handlers=[], force=True)
    printed = capsys.readouterr().out
    assert "mo_received" in printed
    assert "somebody" not in printed or "number <number>" in printed
    assert "0912" not in printed
    assert "سلام" not in printed
    assert "secret" not in printed


async def test_periodic_work_outlives_its_failures_and_tells_of_them():
    runs = 0

    async def fails() -> None:
        nonlocal runs
        runs += 1
        raise OSError

    part = Periodic("sweep", 0.01, fails)
    await part.start()
    async with asyncio.timeout(5):
        while runs < 4:  # noqa: ASYNC110  (a test polls what it does not own)
            await asyncio.sleep(0.01)
    assert "in a row: OSError" in (part.health() or "")
    await part.stop()


async def test_a_task_that_returned_counts_as_dead():
    async def returns() -> None:
        return

    task = Task("consumer", returns)
    await task.start()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert task.health() == "ended"
    assert isinstance(task.failure(), RuntimeError)
    await task.stop()


async def test_a_task_cancelled_from_inside_counts_as_dead_and_one_that_was_stopped_does_not():
    async def lets_a_cancellation_out() -> None:
        raise asyncio.CancelledError

    async def waits() -> None:
        await asyncio.sleep(60)

    task, stopped = Task("consumer", lets_a_cancellation_out), Task("other", waits)
    await task.start()
    await stopped.start()
    await asyncio.sleep(0.01)
    assert "cancelled from inside" in str(task.failure())
    await stopped.stop()
    assert stopped.failure() is None
    await task.stop()


DYING = textwrap.dedent(
    """
    import asyncio, sys
    from chassis.parts import Task
    from chassis.service import build_service, serve
    from chassis.settings import ServiceSettings

    async def dies():
        await asyncio.sleep(0.5)
        raise RuntimeError("gone")

    serve(lambda: build_service(name="test", description="d", parts=[Task("consumer", dies)]),
          ServiceSettings(port=int(sys.argv[1])), "test")
    """
)


@pytest.mark.fault
def test_a_service_whose_part_died_ends_its_process():
    from payam.ports import free_port  # noqa: PLC0415  (only this test needs a port)

    process = subprocess.Popen(
        [sys.executable, "-c", DYING, str(free_port())], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        printed, _ = process.communicate(timeout=20)
    finally:
        process.kill()
    assert "part_died" in printed
    assert process.returncode in (0, -signal.SIGTERM)


HOLDING = textwrap.dedent(
    """
    import asyncio, sys
    from fastapi import APIRouter, Depends
    from fastapi.responses import StreamingResponse
    from chassis.auth import open_to_all
    from chassis.service import build_service, serve
    from chassis.settings import ServiceSettings

    class Stream:
        name = "stream"
        async def start(self): self.over = asyncio.Event()
        async def stop(self): pass
        def health(self): return None
        def let_go(self): self.over.set()
        async def lines(self):
            yield "begun"
            await self.over.wait()
            yield "over"

    stream, router = Stream(), APIRouter()

    @router.get("/stream", dependencies=[Depends(open_to_all("a test"))])
    async def watch():
        return StreamingResponse(stream.lines())

    serve(lambda: build_service(name="test", description="d", parts=[stream], routers=[router]),
          ServiceSettings(port=int(sys.argv[1]), stop_within_seconds=60), "test")
    """
)


@pytest.mark.fault
async def test_a_service_that_stops_lets_go_of_requests_that_would_wait_for_ever():
    from payam.ports import free_port  # noqa: PLC0415  (as above)

    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", HOLDING, str(port)], env=os.environ)  # noqa: ASYNC220  (at once)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client, asyncio.timeout(40):
            while True:
                try:
                    await client.get("/healthz")
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.1)
            async with client.stream("GET", "/stream", timeout=30) as stream:
                words = stream.aiter_text()
                assert await anext(words) == "begun"
                process.terminate()
                assert "".join([word async for word in words]) == "over"
        assert process.wait(10) in (0, -signal.SIGTERM)
    finally:
        process.kill()


async def test_a_route_of_an_included_router_keeps_its_guard_its_path_and_its_words():
    inner = APIRouter(prefix="/lamps", tags=["lamps"])

    class Told(BaseModel):
        lamp: str
        fault: str | None = None

    @inner.get("/{name}", summary="One lamp", status_code=202, response_model_exclude_none=True)
    async def show(name: str) -> Told:
        """How it stands."""
        return Told(lamp=name)

    outer = APIRouter(prefix="/v1", dependencies=[Depends(bearer_token(SecretStr("secret")))])
    outer.include_router(inner)
    app = build_service(name="lamps", description="Lamps.", parts=[], routers=[outer])
    async with client(app) as asked:
        assert (await asked.get("/v1/lamps/red")).status_code == 401
        answer = await asked.get("/v1/lamps/red", headers={"Authorization": "Bearer secret"})
    assert (answer.status_code, answer.json()) == (202, {"lamp": "red"})
    told = app.openapi()["paths"]["/v1/lamps/{name}"]["get"]
    assert (told["summary"], told["tags"], told["description"]) == ("One lamp", ["lamps"], "How it stands.")
    assert told["security"]
