"""`payam up`: everything on this machine, with a live board, until Ctrl-C."""

import asyncio
import os
import signal
import time
from collections.abc import Callable

import psutil
import typer
from rich.console import Console
from rich.live import Live

from payam.board import board, plain_line, welcome
from payam.settings import CliSettings
from payam.state import claimed, open_state
from payam.status import PartStatus
from payam.supervisor import Supervisor


def up() -> None:
    """Start the engines and every service on this machine, and look after them until Ctrl-C.

    Ctrl-C drains in order; a second Ctrl-C ends everything at once.
    """
    settings = CliSettings()
    state_dir = open_state(settings.state_dir)
    with claimed(state_dir):
        console = Console()
        if console.is_terminal:
            asyncio.run(_run(settings, console, lambda _status: None, live=True))
        else:
            asyncio.run(_run(settings, console, _print_line, live=False))


async def _run(
    settings: CliSettings, console: Console, tell: Callable[[PartStatus], None], *, live: bool
) -> None:
    supervisor = Supervisor(settings, open_state(settings.state_dir), os.environ, tell)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, supervisor.ask_to_end)
    watching = asyncio.create_task(_announce(supervisor, settings, console))
    footer = f"Ctrl-C drains and ends; a second one ends at once. Logs: {settings.state_dir / 'logs'}"
    drawing = asyncio.create_task(_draw(supervisor, console, footer)) if live else None
    try:
        await supervisor.run()
    finally:
        watching.cancel()
        if drawing is not None:
            drawing.cancel()
            await asyncio.wait({drawing})


async def _announce(supervisor: Supervisor, settings: CliSettings, console: Console) -> None:
    """Say when all is ready and how to try it; or, after a while, what is missing."""
    try:
        await asyncio.wait_for(supervisor.all_ready.wait(), settings.ready_timeout_seconds)
    except TimeoutError:
        missing = "; ".join(plain_line(status) for status in supervisor.not_ready())
        _say(console, f"Not ready after {settings.ready_timeout_seconds:.0f} s: {missing}")
        await supervisor.all_ready.wait()
    for line in welcome(supervisor.site.secrets, os.environ):
        _say(console, line)
    _say(
        console,
        f"\nAll ready {time.time() - psutil.Process().create_time():.1f} s after the start; Ctrl-C ends it.",
    )
    _say(console, "ready")


async def _draw(supervisor: Supervisor, console: Console, footer: str) -> None:
    """Redraw twice a second; the last picture stays on the screen."""
    with Live(console=console, auto_refresh=False) as live:
        try:
            while True:
                live.update(board(supervisor.statuses.values(), footer), refresh=True)
                await asyncio.sleep(0.5)
        finally:
            live.update(board(supervisor.statuses.values(), ""), refresh=True)


def _print_line(status: PartStatus) -> None:
    typer.echo(f"{time.strftime('%H:%M:%S')} {plain_line(status)}")


def _say(console: Console, line: str) -> None:
    console.print(line, soft_wrap=True, markup=False, highlight=False)
