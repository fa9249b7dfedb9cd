import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from payam.errors import EngineDiedError, PortTakenError
from payam.keeper import LONGEST_BACK_OFF, Keeper, back_off_after
from payam.processes import Child, Farewell, rotate, spawn
from payam.status import PartStatus, State

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(60)
"""


async def well() -> str | None:
    return None


async def nothing() -> None:
    return


def keeper(
    log: Path,
    program: str = "import time; time.sleep(60)",
    *,
    ask: Callable[[], Awaitable[str | None]] = well,
    must_live: bool = False,
    patience: float = 5.0,
) -> Keeper:
    async def start() -> Child:
        return spawn([sys.executable, "-c", program], log=log)

    return Keeper(
        PartStatus("part", "service", lambda _status: None),
        spawn=start,
        ask=ask,
        on_ready=nothing,
        must_live=must_live,
        farewell=Farewell(signal.SIGTERM, patience),
    )


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - what is awaited is another process
            await asyncio.sleep(0.02)


def test_the_back_off_doubles_to_its_longest():
    pauses = [back_off_after(None)]
    while pauses[-1] < LONGEST_BACK_OFF:
        pauses.append(back_off_after(pauses[-1]))
    assert pauses == [1, 2, 4, 8, 16, 30]


async def test_a_child_that_ends_is_started_again(tmp_path: Path):
    kept = keeper(tmp_path / "log")
    work = asyncio.create_task(kept.keep())
    await until(lambda: kept.status.state is State.READY)
    first = kept.status.pid
    kept.status.child.kill()
    await until(lambda: kept.status.state is State.RESTARTING)
    assert kept.status.reason == "killed by SIGKILL; again in 1 s"
    await until(lambda: kept.status.state is State.READY)
    assert kept.status.pid != first
    assert kept.status.restarts == 1
    await kept.leave()
    await work
    assert kept.status.state is State.ENDED


async def test_a_child_that_fails_says_its_last_words(tmp_path: Path):
    kept = keeper(tmp_path / "log", "import sys; print('fine so far'); sys.exit('ValueError: no key')")
    work = asyncio.create_task(kept.keep())
    await until(lambda: kept.status.state is State.RESTARTING)
    assert kept.status.reason.startswith("ended with exit code 1: ValueError: no key")
    work.cancel()


async def test_a_part_that_must_live_and_never_did_is_an_error(tmp_path: Path):
    kept = keeper(tmp_path / "log", "raise SystemExit(3)", must_live=True, ask=sick)
    with pytest.raises(EngineDiedError, match=r"part ended with exit code 3 while starting"):
        await kept.keep()


async def sick() -> str | None:
    return "no database"


async def test_why_a_part_is_not_ready_is_shown(tmp_path: Path):
    reasons: list[str | None] = ["no database", None, "lost it"]

    async def ask() -> str | None:
        return reasons.pop(0) if len(reasons) > 1 else reasons[0]

    kept = keeper(tmp_path / "log", ask=ask)
    work = asyncio.create_task(kept.keep())
    await until(lambda: kept.status.reason == "no database")
    assert kept.status.state is State.STARTING
    await until(lambda: kept.status.state is State.NOT_READY)
    assert kept.status.reason == "lost it"
    await kept.leave()
    await work


async def test_a_child_that_will_not_leave_is_killed_when_its_time_is_over(tmp_path: Path):
    log = tmp_path / "log"
    kept = keeper(log, STUBBORN, patience=0.3)
    work = asyncio.create_task(kept.keep())
    await until(lambda: log.exists() and "up" in log.read_text())
    await kept.leave()
    await work
    assert kept.status.pid is None


async def test_a_port_taken_later_is_waited_for(tmp_path: Path):
    async def start() -> Child:
        raise PortTakenError(what="Port 1 is taken.", mend="End it.")

    kept = keeper(tmp_path / "log")
    kept._spawn = start
    work = asyncio.create_task(kept.keep())
    await until(lambda: kept.status.state is State.RESTARTING)
    assert "Port 1 is taken." in kept.status.reason
    work.cancel()


def test_logs_are_rotated_and_the_oldest_goes(tmp_path: Path):
    log = tmp_path / "x.log"
    for number in range(6):
        rotate(log)
        log.write_text(str(number))
    assert [file.read_text() for file in sorted(tmp_path.iterdir())] == ["5", "4", "3", "2"]
