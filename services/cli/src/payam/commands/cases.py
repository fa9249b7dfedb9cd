"""`payam case`: one case, as a person would read it."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from payam.commands.store import case_store

_SHOWN = (
    *("tracking_code", "aliases", "state", "desk", "section"),
    *("topic", "kind", "channel", "opened_at", "closed_at"),
)


def case(tracking_code: Annotated[str, typer.Argument(help="Ten digits; Persian digits are fine.")]) -> None:
    """Show a case: what it is, what was said, what was answered and whether that arrived."""
    found = case_store().case(tracking_code)
    console = Console()
    facts = Table(box=None, show_header=False, pad_edge=False)
    facts.add_column(style="bold")
    facts.add_column(overflow="fold")
    for name in _SHOWN:
        value = found.get(name)
        if value:
            words = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            facts.add_row(name.replace("_", " "), words)
    console.print(facts)
    for line in sorted(_lines(found)):
        console.print(*line, markup=False, highlight=False)


def _lines(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Time, arrow and words of everything said in either direction."""
    came = [(str(said["occurred_at"]), "→", str(said["text"])) for said in found.get("messages", [])]
    went = [
        (str(sent["created_at"]), "←", f"{sent['text']}  [{sent['state']}]")
        for sent in found.get("outbound_messages", [])
    ]
    return came + went
