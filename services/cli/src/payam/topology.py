"""What runs on one machine, and in which order it ends: read this table to know the whole flow."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

USSD_FORMS: Final = ("africastalking", "comviva", "huawei", "inoti", "madapi")
"""Over HTTP; SMPP wants an SMSC's address in the operator's own settings."""
EMBEDDED_PARTITIONS: Final = 1
"""One process a service reads each topic, and the embedded broker's work grows with its batches."""


@dataclass(frozen=True)
class ServicePlan:
    """One service: a process of its own."""

    name: str
    """Its folder's name."""
    module: str
    """What `python -m` starts."""
    port: int
    """Where it listens unless `<PREFIX>_PORT` says otherwise."""
    drain: int
    """Its turn when everything ends: 1 ends first; the same number, together."""
    needs: frozenset[str]
    """The engines, and the steps after them, that must be done before it starts."""
    links: Mapping[str, str] = field(default_factory=dict)
    """What a person may open, as label → path."""

    @property
    def prefix(self) -> str:
        """Of its settings in the environment: `gateway-sms` → `GATEWAY_SMS`."""
        return self.name.upper().replace("-", "_")


SERVICES: tuple[ServicePlan, ...] = (
    ServicePlan(
        "gateway-sms", "gateway_sms", 8010, 1, frozenset({"topics", "redis"}), {"SMS gateway API": "/docs"}
    ),
    ServicePlan(
        "gateway-ussd", "gateway_ussd", 8020, 1, frozenset({"topics", "redis"}), {"USSD gateway API": "/docs"}
    ),
    ServicePlan(
        "gateway-voice", "gateway_voice", 8030, 1, frozenset({"topics"}), {"voice gateway API": "/docs"}
    ),
    ServicePlan("router", "message_router", 8050, 2, frozenset({"topics"})),
    ServicePlan(
        "case-store", "case_store", 8040, 3, frozenset({"topics", "migrations"}), {"case API": "/docs"}
    ),
    ServicePlan(
        "gateway-portal", "gateway_portal", 8000, 1, frozenset({"topics", "redis"}), {"the portal": "/"}
    ),
    ServicePlan("desk", "desk", 8001, 1, frozenset(), {"the desk": "/"}),
    ServicePlan("simulator", "simulator", 8002, 4, frozenset(), {"the phone": "/"}),
)
"""Gateways end first, so that nothing new comes in; the case store when what is under way has arrived."""


@dataclass(frozen=True)
class Site:
    """What every service of one machine is told from the same source."""

    state_dir: Path
    environment: Mapping[str, str]
    """The operator's; it wins over what we would choose."""
    secrets: Mapping[str, str]
    kafka: str
    database: str
    redis: str
    embedded_kafka: bool
    """The broker is ours and forgets."""


def port_of(plan: ServicePlan, environment: Mapping[str, str]) -> int:
    """The port of a service in this environment."""
    return int(environment.get(f"{plan.prefix}_PORT") or plan.port)


def base_url(name: str, environment: Mapping[str, str]) -> str:
    """`http://127.0.0.1:<port>` of a service, by its name."""
    plan = next(plan for plan in SERVICES if plan.name == name)
    return url_of(plan, environment)


def url_of(plan: ServicePlan, environment: Mapping[str, str]) -> str:
    """`http://127.0.0.1:<port>` of a service."""
    return f"http://127.0.0.1:{port_of(plan, environment)}"


def service_environment(plan: ServicePlan, site: Site) -> dict[str, str]:
    """Everything that one service is told."""
    chosen = {
        **site.secrets,
        **broker_environment(site),
        "DATABASE_URL": site.database,
        "REDIS_URL": site.redis,
        "KAVENEGAR_BASE_URL": base_url("simulator", site.environment),
        "CASE_STORE_URL": base_url("case-store", site.environment),
        "SIMULATOR_GATEWAY_URL": base_url("gateway-sms", site.environment),
        "SIMULATOR_USSD_URL": base_url("gateway-ussd", site.environment),
        "SIMULATOR_VOICE_URL": base_url("gateway-voice", site.environment),
        "GATEWAY_USSD_PROVIDERS": json.dumps(_ussd_providers(base_url("simulator", site.environment))),
        "GATEWAY_USSD_LOOKUPS": json.dumps(_ussd_lookups(base_url("simulator", site.environment))),
        "CASE_STORE_OBJECTS_URL": (site.state_dir / "objects").as_uri(),
        "GATEWAY_PORTAL_OBJECTS_URL": (site.state_dir / "objects").as_uri(),
        "GATEWAY_PORTAL_WEBHOOK_NETWORKS": "127.0.0.0/8,::1/128",
        "GATEWAY_VOICE_OBJECTS_URL": (site.state_dir / "objects").as_uri(),
        f"{plan.prefix}_HOST": "127.0.0.1",
        f"{plan.prefix}_PORT": str(plan.port),
        f"{plan.prefix}_SPOOL_DIR": str(site.state_dir / "spool" / plan.name),
        "PYTHONUNBUFFERED": "1",
    }
    return chosen | {name: value for name, value in site.environment.items() if value}


def _ussd_providers(world: str) -> dict[str, dict[str, str]]:
    """Every form that the simulated operators speak, under its own name."""
    forms: dict[str, dict[str, str]] = {form: {"form": form} for form in USSD_FORMS}
    forms["huawei"]["base_url"] = f"{world}/huawei/SendUssdService/services/SendUssd"
    return forms


def _ussd_lookups(world: str) -> dict[str, dict[str, str]]:
    """The services of other organisations, which the simulator plays."""
    return {
        "basket": {"url": f"{world}/outside/basket/{{national_id}}"},
        "branches": {"url": f"{world}/outside/branches?province={{province}}"},
    }


def broker_environment(site: Site) -> dict[str, str]:
    """How to speak with the broker; ours forgets, refuses idempotence, and answers a waiting fetch late."""
    if not site.embedded_kafka:
        return {"KAFKA_BOOTSTRAP_SERVERS": site.kafka}
    return {
        "KAFKA_BOOTSTRAP_SERVERS": site.kafka,
        "KAFKA_FORGETFUL": "true",
        "KAFKA_IDEMPOTENT_PRODUCER": "false",
        "KAFKA_PARTITIONS": str(EMBEDDED_PARTITIONS),
        "KAFKA_SESSION_TIMEOUT_MS": "3000",
        "KAFKA_FETCH_MAX_WAIT_MS": "100",
    }
