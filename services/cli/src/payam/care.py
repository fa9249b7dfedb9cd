"""How each kind of part is started, asked and ended: an engine, a service."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import partial

import httpx

from payam.engines import Engine
from payam.keeper import Keeper
from payam.ports import demand_free
from payam.probes import service_reason
from payam.processes import Child, Farewell, rotate, spawn
from payam.status import PartStatus
from payam.topology import ServicePlan, Site, port_of, service_environment, url_of


def engine_keeper(engine: Engine, status: PartStatus, on_ready: Callable[[], Awaitable[None]]) -> Keeper:
    """Care for an embedded engine: one that ends before it was ever ready is an error."""

    async def start() -> Child:
        await asyncio.to_thread(engine.prepare)
        return engine.spawn()

    return Keeper(
        status,
        spawn=start,
        ask=partial(asyncio.to_thread, engine.answers),
        on_ready=on_ready,
        must_live=True,
        farewell=engine.farewell,
    )


def service_keeper(
    plan: ServicePlan, status: PartStatus, site: Site, *, http: httpx.AsyncClient, patience: float
) -> Keeper:
    """Care for a service: one that ends is started again, however often."""
    log = site.state_dir / "logs" / f"{plan.name}.log"

    async def start() -> Child:
        demand_free(port_of(plan, site.environment), plan.name, f"{plan.prefix}_PORT")
        rotate(log)
        return spawn([sys.executable, "-m", plan.module], log=log, env=service_environment(plan, site))

    async def ask() -> str | None:
        return await service_reason(http, url_of(plan, site.environment))

    return Keeper(
        status,
        spawn=start,
        ask=ask,
        on_ready=_nothing_more,
        must_live=False,
        farewell=Farewell(signal.SIGTERM, patience),
    )


async def _nothing_more() -> None:
    """Services have no step after their start."""
