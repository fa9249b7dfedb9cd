"""`payam doctor`: what is wrong with this machine or this deployment, and the mend."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping

import httpx
import typer
from rich.console import Console
from rich.table import Table

from payam.checks import Finding, engine_findings, kavenegar_finding, machine_findings, service_findings
from payam.engines.bundle import BINARIES
from payam.settings import CliSettings
from payam.state import read_running
from payam.topology import SERVICES

_URL_NAMES: Mapping[str, str] = {
    "kafka": "KAFKA_BOOTSTRAP_SERVERS",
    "postgres": "DATABASE_URL",
    "redis": "REDIS_URL",
}


def doctor() -> None:
    """Say what is wrong with this machine or deployment, and how to mend it; exit code 1 if anything is."""
    settings = CliSettings()
    findings = asyncio.run(_look(settings))
    Console().print(_table(findings))
    wrong = [finding for finding in findings if not finding.good]
    typer.echo(f"{len(wrong)} of {len(findings)} need mending." if wrong else "Nothing needs mending.")
    raise typer.Exit(1 if wrong else 0)


async def _look(settings: CliSettings) -> list[Finding]:
    running = read_running(settings.state_dir.absolute())
    environment = running | dict(os.environ)
    findings = list(
        machine_findings(
            settings.state_dir,
            environment,
            services=SERVICES,
            embedded={name: BINARIES[name] for name in BINARIES if settings.given(name) is None},
            running=bool(running),
        )
    )
    urls = {name: url for name, variable in _URL_NAMES.items() if (url := environment.get(variable))}
    findings += [finding async for finding in engine_findings(urls)]
    async with httpx.AsyncClient(trust_env=False) as http:
        findings += [finding async for finding in _of_services(http, environment, urls)]
        if settings.kavenegar_base_url:
            findings.append(await kavenegar_finding(http, settings.kavenegar_base_url))
    return findings


async def _of_services(
    http: httpx.AsyncClient, environment: Mapping[str, str], urls: Mapping[str, str]
) -> AsyncIterator[Finding]:
    """On a machine where nothing runs and no engine is given, services that do not answer are no fault."""
    if urls:
        async for finding in service_findings(http, SERVICES, environment):
            yield finding
    else:
        yield Finding("services", "nothing runs here; `payam up` starts it")


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for style in ("", "bold", "", "yellow"):
        table.add_column(style=style, overflow="fold")
    for finding in findings:
        mark = "[green]✓[/]" if finding.good else "[red]✗[/]"
        table.add_row(mark, finding.what, finding.seen, finding.mend)
    return table
