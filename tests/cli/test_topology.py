import ast
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from payam.board import case_command, plain_line, sms_command, welcome
from payam.credentials import credentials
from payam.status import PartStatus, State
from payam.topology import SERVICES, ServicePlan, Site, broker_environment, service_environment

PORTS = {
    "gateway-sms": 8010,
    "gateway-ussd": 8020,
    "gateway-voice": 8030,
    "router": 8050,
    "case-store": 8040,
    "gateway-portal": 8000,
    "desk": 8001,
    "simulator": 8002,
}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(
        state_dir=tmp_path,
        environment={},
        secrets=credentials(tmp_path, {}),
        kafka="127.0.0.1:1",
        database="postgresql+asyncpg://x",
        redis="redis://x",
        embedded_kafka=True,
    )


def test_the_ports_are_the_ones_that_others_rely_on():
    assert {plan.name: plan.port for plan in SERVICES} == PORTS


@pytest.mark.parametrize("plan", SERVICES, ids=lambda plan: plan.name)
def test_every_service_of_the_table_can_be_run(plan: ServicePlan):
    spec = find_spec(f"{plan.module}.__main__")
    assert spec is not None
    assert spec.origin is not None
    ast.parse(Path(spec.origin).read_text("utf-8"))


def test_gateways_end_first_and_the_case_store_after_the_router():
    turn = {plan.name: plan.drain for plan in SERVICES}
    assert turn["gateway-sms"] < turn["router"] < turn["case-store"] < turn["simulator"]


@pytest.mark.parametrize("plan", SERVICES, ids=lambda plan: plan.name)
def test_a_service_is_told_its_engines_its_port_and_its_secrets(site: Site, plan: ServicePlan):
    told = service_environment(plan, site)
    assert told["DATABASE_URL"] == site.database
    assert told["REDIS_URL"] == site.redis
    assert told["CASE_STORE_OBJECTS_URL"] == (site.state_dir / "objects").as_uri()
    assert told[f"{plan.prefix}_PORT"] == str(plan.port)
    assert told["KAVENEGAR_BASE_URL"] == "http://127.0.0.1:8002"
    assert site.secrets.items() <= told.items()


def test_what_the_operator_sets_wins_and_moves_its_neighbours(site: Site):
    moved = replace(site, environment={"SIMULATOR_PORT": "9002", "GATEWAY_SMS_LOG_LEVEL": "debug"})
    told = service_environment(SERVICES[0], moved)
    assert told["KAVENEGAR_BASE_URL"] == "http://127.0.0.1:9002"
    assert told["GATEWAY_SMS_LOG_LEVEL"] == "debug"


def test_only_the_embedded_broker_is_called_forgetful(site: Site):
    assert broker_environment(site)["KAFKA_FORGETFUL"] == "true"
    assert broker_environment(site)["KAFKA_IDEMPOTENT_PRODUCER"] == "false"
    assert broker_environment(site)["KAFKA_FETCH_MAX_WAIT_MS"] == "100"
    assert broker_environment(replace(site, embedded_kafka=False)) == {"KAFKA_BOOTSTRAP_SERVERS": site.kafka}


def test_the_welcome_has_the_links_the_secrets_and_two_commands_of_one_line_each(site: Site):
    lines = welcome(site.secrets, {})
    assert any(line.endswith("http://127.0.0.1:8002/") for line in lines)
    assert any(line.endswith("http://127.0.0.1:8040/docs") for line in lines)
    assert f"  CASE_STORE_TOKEN={site.secrets['CASE_STORE_TOKEN']}" in lines
    assert sms_command(site.secrets, {}) in lines[-2]
    assert case_command(site.secrets, {}) in lines[-1]
    assert all("\n" not in line for line in lines)


def test_a_plain_line_says_what_happened_and_why():
    status = PartStatus("router", "service", lambda _status: None)
    status.become(State.RESTARTING, "ended with exit code 1; again in 2 s")
    assert plain_line(status) == "router: restarting: ended with exit code 1; again in 2 s"
