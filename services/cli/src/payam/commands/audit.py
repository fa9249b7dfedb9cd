"""`payam audit`: whether anybody has changed the audit trail behind our back."""

from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from payam.clients import CaseStore
from payam.commands.store import case_store

_AT_ONCE: Final = 20_000
audit_app = typer.Typer(no_args_is_help=True, help="The audit trail of what staff did: verify.")


@audit_app.command("verify")
def verify_audit(
    known: Annotated[
        str | None,
        typer.Option(help="The place that an earlier run printed: shows that no end was cut off since."),
    ] = None,
) -> None:
    """Follow the chain of the audit trail from its first entry; exit code 1 if it is broken anywhere."""
    found = _followed(case_store(), known)
    if found["whole"]:
        typer.echo(f"Whole: {found['total']} entries, each as it was written.")
        typer.echo(f"Keep this place outside: {found['seq']}:{found['seal']}")
        return
    typer.echo(f"Broken at entry {found['first_broken']}: {found['reason']}.")
    typer.echo(f"The {found['seq']} before it are as they were written.")
    raise typer.Exit(1)


def _followed(store: CaseStore, known: str | None) -> dict[str, Any]:
    """Step by step, so that a long trail shows how far it is."""
    columns = (TextColumn("verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("verifying", total=None)
        after = None
        while True:
            found = store.audit_verification(after=after, known=known, limit=_AT_ONCE)
            progress.update(task, completed=found["seq"], total=found["total"])
            if not found["whole"] or found["seq"] >= found["total"]:
                return found
            after = f"{found['seq']}:{found['seal']}"
