"""What was measured, what was wanted, and whether it holds: a table for a person, JSON for a machine."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One measured thing. `ratio` is to the bare floor of the same run where there is one."""

    name: str
    value: float
    unit: str
    target: float
    at_least: bool = True
    floor: float | None = None

    @property
    def ratio(self) -> float | None:
        return None if self.floor is None else self.value / self.floor

    @property
    def holds(self) -> bool:
        measured = self.value if self.ratio is None else self.ratio
        return measured >= self.target if self.at_least else measured <= self.target

    def row(self) -> dict[str, object]:
        fields = asdict(self)
        fields.pop("at_least")
        return fields | {"ratio": self.ratio, "holds": self.holds}


def show(figures: list[Figure], notes: list[str]) -> None:
    """Print the table: what falls short as well as what holds."""
    table = Table(title="Payam bench, everything on this machine")
    for column in ("what", "measured", "floor", "ratio", "target", ""):
        table.add_column(column, justify="left" if column == "what" else "right")
    for figure in figures:
        sign = "≥" if figure.at_least else "≤"
        table.add_row(
            figure.name,
            f"{figure.value:,.2f} {figure.unit}",
            "" if figure.floor is None else f"{figure.floor:,.0f}",
            "" if figure.ratio is None else f"{figure.ratio:.0%}",
            f"{sign} {figure.target:,.2f}",
            "[green]holds[/]" if figure.holds else "[red]falls short[/]",
        )
    console = Console(width=120)
    console.print(table)
    for note in notes:
        console.print(f"  {note}", markup=False, highlight=False)


def write(figures: list[Figure], path: Path) -> None:
    """Write the same as JSON."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(json.dumps([figure.row() for figure in figures], indent=2) + "\n")
