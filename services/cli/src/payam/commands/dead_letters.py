"""`payam dlq`: what could not be processed, and sending it again."""

import getpass
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from payam.commands.store import case_store
from payam.errors import CaseStoreError

dlq_app = typer.Typer(no_args_is_help=True, help="Messages that could not be processed: list, show, replay.")


@dlq_app.command("list")
def list_dead_letters(
    topic: Annotated[str | None, typer.Option(help="Only those of this topic.")] = None,
    state: Annotated[str | None, typer.Option(help="Only those in this state.")] = None,
    cursor: Annotated[str | None, typer.Option(help="Go on from here; a full page prints it.")] = None,
) -> None:
    """List dead letters, the newest first."""
    page = case_store().dead_letters(topic=topic, state=state, cursor=cursor)
    items: list[dict[str, Any]] = page.get("items") or []
    for item in items:
        # Two lines each: an id is long, must be copied whole, and a terminal may have 80 columns.
        typer.echo(f"{item.get('id')}  {_text(item.get('state'))}  {_text(item.get('failed_at'))}")
        place = f"{_text(item.get('topic'))}/{_text(item.get('partition'))}@{_text(item.get('offset'))}"
        typer.echo(f"    {place}  {_text(item.get('reason'))}  ({_text(item.get('size'))} bytes)")
    if not items:
        typer.echo("No dead letters.")
    if page.get("next_cursor"):
        typer.echo(f"More: payam dlq list --cursor {page['next_cursor']}")


@dlq_app.command("show")
def show_dead_letter(number: Annotated[str, typer.Argument(help="Its id, from `payam dlq list`.")]) -> None:
    """Show one dead letter with all that is known of it."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in case_store().dead_letter(number).items():
        table.add_row(name.replace("_", " "), _text(value))
    Console().print(table)


@dlq_app.command("replay")
def replay_dead_letters(
    number: Annotated[str | None, typer.Argument(help="Its id, from `payam dlq list`.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All that wait.")] = False,
    topic: Annotated[str | None, typer.Option(help="With --all: only those of this topic.")] = None,
) -> None:
    """Send one dead letter to its topic again, or with --all every one; who did it is written down."""
    if everything is (number is not None):
        raise CaseStoreError(what="Nothing chosen.", mend="Give one id from `payam dlq list`, or --all.")
    actor = f"payam dlq ({getpass.getuser()})"
    if number is not None:
        case_store().replay(number, actor)
        typer.echo(f"Replayed {number}.")
    else:
        count = case_store().replay_all(topic, actor).get("replayed")
        typer.echo(f"Replayed {count} of {topic or 'all topics'}.")


def _text(value: object) -> str:
    return "–" if value is None else str(value)
