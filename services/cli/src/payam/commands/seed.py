"""`payam seed`: a store as full as after years of work, invented."""

import os
from typing import Annotated

import typer

from payam.commands.deployment import database_url
from payam.credentials import credentials
from payam.settings import CliSettings
from payam.state import open_state
from payam.steps import seed_in_the_open


def seed(
    cases: Annotated[int, typer.Option(min=1, help="How many; a tenth of them wait.")] = 1_000_000,
    messages: Annotated[int, typer.Option(min=1, help="From people; ours come on top.")] = 3_000_000,
    number: Annotated[int, typer.Option("--seed", help="The same number, the same data.")] = 1420,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Also into a store that holds something.")] = False,
) -> None:
    """Fill DATABASE_URL (or the running `payam up`) with invented people, cases, words and deadlines."""
    url = database_url()
    secrets = credentials(open_state(CliSettings().state_dir), os.environ)
    arguments = ["--cases", str(cases), "--messages", str(messages), "--seed", str(number)]
    environment = os.environ | secrets | {"DATABASE_URL": url}
    raise typer.Exit(seed_in_the_open([*arguments, *(["--yes"] if yes else [])], environment))
