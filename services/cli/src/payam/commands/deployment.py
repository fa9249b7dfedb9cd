"""`payam migrate`, `payam topics create`, `payam secrets`: what a deployment needs once, or again."""

import asyncio
import os

import typer

from payam.credentials import credentials
from payam.errors import StepFailedError
from payam.settings import CliSettings
from payam.state import open_state, read_running
from payam.steps import make_topics, migrate_in_the_open

topics_app = typer.Typer(no_args_is_help=True, help="Kafka's topics.")


def secrets() -> None:
    """Print the development secrets, as NAME=value lines; make them if they are not there yet."""
    for name, value in credentials(open_state(CliSettings().state_dir), os.environ).items():
        typer.echo(f"{name}={value}")


def migrate() -> None:
    """Bring the schema of DATABASE_URL (or of the running `payam up`) to the newest version."""
    raise typer.Exit(asyncio.run(migrate_in_the_open(database_url())))


def database_url() -> str:
    """What DATABASE_URL says, else the database of the running `payam up`."""
    settings = CliSettings()
    url = settings.given("postgres") or read_running(settings.state_dir.absolute()).get("DATABASE_URL")
    if url is None:
        raise _not_set(name="DATABASE_URL")
    return url


@topics_app.command("create")
def create_topics() -> None:
    """Make every topic that KAFKA_BOOTSTRAP_SERVERS (or the running `payam up`) does not have yet."""
    settings = CliSettings()
    running = read_running(settings.state_dir.absolute())
    servers = settings.given("kafka") or running.get("KAFKA_BOOTSTRAP_SERVERS")
    if servers is None:
        raise _not_set(name="KAFKA_BOOTSTRAP_SERVERS")
    asyncio.run(make_topics(servers))
    typer.echo("Every topic is there.")


def _not_set(*, name: str) -> StepFailedError:
    return StepFailedError(what=f"{name} is not set and no `payam up` runs here.", mend=f"Set {name}.")
