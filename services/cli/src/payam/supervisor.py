"""The whole flow on one machine: engines, then topics and migrations, then services; and down again."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import httpx

from payam.care import engine_keeper, service_keeper
from payam.credentials import credentials
from payam.engines.bundle import ENGINES
from payam.errors import EngineError, OperatorError
from payam.ports import demand_free, free_port
from payam.probes import engine_reason
from payam.settings import CliSettings
from payam.state import note_running
from payam.status import PartStatus, State
from payam.steps import demand_services, make_topics, migrate
from payam.topology import EMBEDDED_PARTITIONS, SERVICES, ServicePlan, Site, port_of, url_of

GIVEN_ENGINE_SECONDS = 15.0


class Supervisor:
    """Everything that `payam up` runs."""

    def __init__(
        self,
        settings: CliSettings,
        state_dir: Path,
        environment: Mapping[str, str],
        tell: Callable[[PartStatus], None],
        services: Sequence[ServicePlan] = SERVICES,
    ) -> None:
        """Nothing starts yet; `tell` is called at every change of a part's state."""
        self.statuses: dict[str, PartStatus] = {}
        self.all_ready = asyncio.Event()
        self._services = services
        self._leave = asyncio.Event()
        self._done = {name: asyncio.Event() for name in (*ENGINES, "topics", "migrations")}
        self._http = httpx.AsyncClient(trust_env=False)
        engines = {
            name: make(state_dir, settings.engine_port(name) or free_port(), fast=False)
            for name, make in ENGINES.items()
            if settings.given(name) is None
        }
        self._urls = {name: settings.given(name) or engines[name].url for name in ENGINES}
        self.site = Site(
            state_dir=state_dir,
            environment=environment,
            secrets=credentials(state_dir, environment),
            kafka=self._urls["kafka"],
            database=self._urls["postgres"],
            redis=self._urls["redis"],
            embedded_kafka="kafka" in engines,
        )
        for name in ENGINES:
            self.statuses[name] = PartStatus(name, "engine" if name in engines else "given", tell)
        for plan in services:
            self.statuses[plan.name] = PartStatus(plan.name, "service", tell)
        self._engine_keepers = {
            name: engine_keeper(engine, self.statuses[name], partial(self._after, name))
            for name, engine in engines.items()
        }
        patience = settings.drain_timeout_seconds
        self._service_keepers = {
            plan.name: service_keeper(
                plan, self.statuses[plan.name], self.site, http=self._http, patience=patience
            )
            for plan in services
        }

    async def run(self) -> None:
        """Start everything and look after it until `ask_to_end`, or until something cannot be mended."""
        demand_services(self._services)
        for plan in self._services:
            demand_free(port_of(plan, self.site.environment), plan.name, f"{plan.prefix}_PORT")
        self._note_running()
        work = asyncio.create_task(self._everything())
        leave = asyncio.create_task(self._leave.wait())
        try:
            await asyncio.wait({work, leave}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._drain()
            leave.cancel()
            work.cancel()
            await asyncio.wait({work, leave})
            self.end_at_once()
            await self._http.aclose()
        if not work.cancelled() and (error := work.exception()) is not None:
            raise _root_of(error)

    def ask_to_end(self) -> None:
        """Begin to drain; at the second call, end everything at once."""
        if self._leave.is_set():
            self.end_at_once()
        self._leave.set()

    def end_at_once(self) -> None:
        """SIGKILL to whatever still runs."""
        for keeper in (*self._service_keepers.values(), *self._engine_keepers.values()):
            keeper.kill()

    def not_ready(self) -> list[PartStatus]:
        """The parts that are not ready now."""
        return [status for status in self.statuses.values() if status.state is not State.READY]

    async def _everything(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for name in ENGINES:
                keeper = self._engine_keepers.get(name)
                tasks.create_task(keeper.keep() if keeper else self._watch_given(name))
            for plan in self._services:
                tasks.create_task(self._keep_service(plan))
            tasks.create_task(self._await_all())

    async def _await_all(self) -> None:
        while True:
            if not self.not_ready():
                return self.all_ready.set()
            await asyncio.sleep(0.02)

    async def _drain(self) -> None:
        """The services in their turns, then the engines."""
        for turn in sorted({plan.drain for plan in self._services}):
            leaving = [plan.name for plan in self._services if plan.drain == turn]
            await asyncio.gather(*(self._service_keepers[name].leave() for name in leaving))
        await asyncio.gather(*(keeper.leave() for keeper in self._engine_keepers.values()))

    async def _keep_service(self, plan: ServicePlan) -> None:
        for need in plan.needs:
            await self._done[need].wait()
        await self._service_keepers[plan.name].keep()

    async def _watch_given(self, name: str) -> None:
        """An engine that others look after: ask it now and then, and do the steps that follow it once."""
        status = self.statuses[name]
        status.begin(None)
        deadline = time.monotonic() + GIVEN_ENGINE_SECONDS
        while True:
            reason = await engine_reason(name, self._urls[name])
            if reason is not None and status.ready_after is None and time.monotonic() > deadline:
                raise EngineError(
                    what=f"The {name} that the environment gives is not there: {reason}.",
                    mend="Start it, mend its URL, or unset the URL to use the embedded one.",
                )
            if reason is None and status.ready_after is None:
                await self._after(name)
                status.ready_after = time.monotonic() - status.started_at
            status.become(State.NOT_READY if reason else State.READY, reason or "")
            await asyncio.sleep(2.0 if status.state is State.READY else 0.2)

    async def _after(self, name: str) -> None:
        """What follows an engine's start; the topics each time, since a memory broker forgets them."""
        if name == "kafka":
            await make_topics(self.site.kafka, EMBEDDED_PARTITIONS if self.site.embedded_kafka else None)
            self._done["topics"].set()
        if name == "postgres" and not self._done["migrations"].is_set():
            ours = {**self.site.secrets, "DATABASE_URL": self.site.database}
            await migrate({**self.site.environment, **ours}, self.site.state_dir)
            self._done["migrations"].set()
        self._done[name].set()

    def _note_running(self) -> None:
        urls = {
            "KAFKA_BOOTSTRAP_SERVERS": self.site.kafka,
            "DATABASE_URL": self.site.database,
            "REDIS_URL": self.site.redis,
        }
        services = {f"{plan.prefix}_URL": url_of(plan, self.site.environment) for plan in self._services}
        note_running(self.site.state_dir, urls | services)


def _root_of(error: BaseException) -> BaseException:
    """The one error that matters in a group of them."""
    while isinstance(error, BaseExceptionGroup):
        ours = error.subgroup(OperatorError)
        error = (ours or error).exceptions[0]
    return error
