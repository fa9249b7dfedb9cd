"""The whole flow with real engines and services in small: up, watched, mended, and down in its order."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from envelope.topics import TOPICS
from payam.errors import EngineError, OperatorError, PortTakenError
from payam.ports import free_port
from payam.probes import database_facts, kafka_topics
from payam.settings import CliSettings
from payam.state import open_state
from payam.status import State
from payam.supervisor import Supervisor
from payam.topology import SERVICES, ServicePlan

pytestmark = pytest.mark.alone
PROGRAMS = Path(__file__).parent / "programs"
PLANS = (
    ServicePlan("gate", "stand_in_gate", 1, 1, frozenset({"topics"})),
    ServicePlan("worker", "stand_in_worker", 1, 2, frozenset({"topics", "redis"})),
    ServicePlan("store", "stand_in_store", 1, 3, frozenset({"topics", "migrations"})),
)


@pytest.fixture
def site(tmp_path: Path, monkeypatch) -> tuple[Path, dict[str, str]]:
    monkeypatch.syspath_prepend(str(PROGRAMS))
    ports = {f"{plan.prefix}_PORT": str(free_port()) for plan in PLANS}
    ours = {"PYTHONPATH": str(PROGRAMS), "STAND_IN_FOLDER": str(tmp_path)}
    return open_state(tmp_path / "state"), {**os.environ, **ports, **ours}


@asynccontextmanager
async def running(site: tuple[Path, dict[str, str]], settings: CliSettings) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(settings, *site, lambda _status: None, PLANS)
    work = asyncio.create_task(supervisor.run())
    try:
        async with asyncio.timeout(60):
            ready = asyncio.create_task(supervisor.all_ready.wait())
            await asyncio.wait({ready, work}, return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
        yield supervisor
    finally:
        supervisor.ask_to_end()
        await work


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - what is awaited is another process
            await asyncio.sleep(0.02)


async def test_all_comes_up_is_mended_and_goes_down_in_its_order(site):
    state_dir, environment = site
    async with running(site, CliSettings()) as supervisor:
        assert supervisor.not_ready() == []
        topics = await kafka_topics(supervisor.site.kafka)
        assert topics is not None
        assert set(TOPICS) <= topics
        facts = await database_facts(supervisor.site.database)
        assert not isinstance(facts, str)
        assert facts.migrated_to

        folder = Path(environment["STAND_IN_FOLDER"])
        (folder / "worker.sick").write_text("cannot reach the broker")
        worker = supervisor.statuses["worker"]
        await until(lambda: worker.state is State.NOT_READY)
        assert worker.reason == "consumer: cannot reach the broker"
        (folder / "worker.sick").unlink()

        broker = supervisor.statuses["kafka"]
        os.kill(broker.pid or 0, signal.SIGKILL)
        await until(lambda: broker.restarts == 1 and broker.state is State.READY)
        assert set(TOPICS) <= (await kafka_topics(supervisor.site.kafka) or set())
        children = [status.pid for status in supervisor.statuses.values()]
    assert (folder / "left").read_text().split() == ["gate", "worker", "store"]
    assert not any(pid and psutil.pid_exists(pid) and alive(pid) for pid in children)
    assert {file.name for file in (state_dir / "logs").iterdir()} >= {"gate.log", "kafka.log", "migrate.log"}


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_asking_twice_ends_at_once(site):
    supervisor = Supervisor(CliSettings(), *site, lambda _status: None, PLANS)
    work = asyncio.create_task(supervisor.run())
    await until(lambda: supervisor.statuses["kafka"].pid is not None)
    supervisor.ask_to_end()
    supervisor.ask_to_end()
    async with asyncio.timeout(10):
        await work
    assert all(status.pid is None for status in supervisor.statuses.values())


async def test_a_service_whose_port_is_taken_is_one_clear_line(site):
    _, environment = site
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", int(environment["GATE_PORT"])))
        squatter.listen()
        with pytest.raises(PortTakenError, match=r"which gate needs, is taken by .*set GATE_PORT"):
            await Supervisor(CliSettings(), *site, lambda _status: None, PLANS).run()


async def test_a_service_that_is_not_installed_is_one_clear_line(site):
    plans = (ServicePlan("ghost", "no_such_module", 1, 1, frozenset()),)
    with pytest.raises(OperatorError, match=r"Not installed in this environment: ghost\. Run `make .venv`"):
        await Supervisor(CliSettings(), *site, lambda _status: None, plans).run()


async def test_a_given_engine_that_is_away_is_one_clear_line(site, monkeypatch):
    monkeypatch.setattr("payam.supervisor.GIVEN_ENGINE_SECONDS", 0.5)
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    with pytest.raises(EngineError, match=r"The redis that the environment gives is not there"):
        await Supervisor(CliSettings(), *site, lambda _status: None, PLANS).run()


@pytest.mark.fault
def test_the_command_killed_leaves_nothing_behind_and_says_why_it_cannot_start_twice(tmp_path: Path):
    environment = {**os.environ, "PAYAM_STATE_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    environment |= {f"{plan.prefix}_PORT": str(free_port()) for plan in SERVICES}
    command = [sys.executable, "-m", "payam", "up"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert any("kafka: ready" in line for line in first.stdout)
        second = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert second.stderr.startswith("payam: `payam up` already runs in ")
        assert second.stderr.count("\n") == 1
        children = psutil.Process(first.pid).children(recursive=True)
        assert len(children) >= 3
        first.kill()
    deadline = time.monotonic() + 15
    while any(alive(child.pid) for child in children):
        assert time.monotonic() < deadline, "a child outlived `payam up`"
        time.sleep(0.05)
