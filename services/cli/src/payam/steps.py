"""The steps between the engines and the services: the database is migrated, the topics are made."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from bus.errors import BusUnavailableError
from bus.settings import KafkaSettings
from bus.topics_admin import ensure_topics
from payam.errors import StepFailedError
from payam.processes import rotate, spawn
from payam.topology import ServicePlan


def demand_services(plans: Sequence[ServicePlan]) -> None:
    """One clear line if a service is not installed here."""
    missing = [plan.name for plan in plans if find_spec(plan.module) is None]
    if missing:
        raise StepFailedError(
            what=f"Not installed in this environment: {', '.join(missing)}.",
            mend="Run `make .venv`, and use `.venv/bin/payam`.",
        )


async def make_topics(bootstrap_servers: str, partitions: int | None = None) -> None:
    """Make every topic that is not there yet; a broker that has just started is asked again for a while."""
    settings = KafkaSettings(bootstrap_servers=bootstrap_servers)
    if partitions is not None:
        settings = settings.model_copy(update={"partitions": partitions})
    for attempt in range(20):
        try:
            await ensure_topics(settings)
        except BusUnavailableError as error:
            reason = str(error)
            await asyncio.sleep(0.1 * (attempt + 1))
        else:
            return
    raise StepFailedError(what=f"The topics could not be made: {reason}.", mend="Look at Kafka's log.")


async def migrate(environment: Mapping[str, str], state_dir: Path) -> None:
    """Bring the database's schema to the newest version."""
    log = state_dir / "logs" / "migrate.log"
    rotate(log)
    child = spawn([sys.executable, "-m", "case_store", "migrate"], log=log, env=environment)
    try:
        await asyncio.to_thread(child.wait)
    finally:
        child.kill()
    if child.exit_code:
        raise StepFailedError(
            what=f"The database was not migrated: {child.last_words()}", mend=f"(log: {log})"
        )


async def migrate_in_the_open(database_url: str) -> int:
    """Migrate with its output on this terminal; the exit code."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "case_store", "migrate"), env=os.environ | {"DATABASE_URL": database_url}
    )
    return await process.wait()


def seed_in_the_open(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Seed with its bar on this terminal; the exit code.

    Ctrl-C reaches the child by itself; we wait while it puts the indexes back.
    """
    child = subprocess.Popen(  # noqa: S603  (a module of ours, numbers of the operator's)
        [sys.executable, "-m", "case_store", "seed", *arguments], env=dict(environment)
    )
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN),
        signal.SIGTERM: signal.signal(signal.SIGTERM, lambda number, _: child.send_signal(number)),
    }
    try:
        return child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
