"""Working time as data: weeks, entered days, allowances, read whole and changed one at a time.

Every change goes through `turn`: it holds the version's row, so that changes come one after the other and
each makes the next version. Days are JSON: a week is `{"saturday": [["07:30", "15:30"]]}`, a day its list.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, Final

import sqlalchemy as sa
import yaml

from case_store.model import AllowanceUnit, Tier, named
from case_store.repository.database import Transaction
from case_store.repository.tables import calendar_day, ola, working_week, worktime_version
from case_store.worktime.allowances import Allowances, Ola, Terms
from case_store.worktime.calendar import Calendar, EnteredDay, Week
from case_store.worktime.hours import read_hours, write_hours
from case_store.worktime.timekeeping import Timekeeping

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""In the order of `date.weekday()`."""
_TURN: Final = "UPDATE worktime_version SET version = version + 1 RETURNING version"
_HELD: Final = "SELECT version FROM worktime_version FOR UPDATE"
_SHIPPED_BY: Final = "defaults"


async def version(tx: Transaction) -> int:
    """How often working time was changed; 0 until the defaults are in."""
    return int((await tx.connection.execute(sa.select(worktime_version.c.version))).scalar_one())


async def turn(tx: Transaction) -> int:
    """Make the next version, and hold everybody else who would, until the end of the transaction."""
    return int(await tx.raw.fetchval(_TURN))


async def read(tx: Transaction) -> Timekeeping:
    """All of it as one version."""
    current = await version(tx)
    weeks = [week_of(row) for row in await tx.rows(sa.select(working_week))]
    entered = [entered_of(row) for row in await tx.rows(sa.select(calendar_day))]
    olas = [ola_of(row) for row in await tx.rows(sa.select(ola).where(ola.c.active))]
    return Timekeeping(Calendar(weeks, entered), Allowances(olas), current)


async def load(tx: Transaction, now: datetime) -> bool:
    """Fill tables that were never filled with what ships with the service → whether they were."""
    if await version(tx) or await tx.raw.fetchval(_HELD):
        return False
    await turn(tx)
    for table, rows in ((working_week, shipped_weeks(now)), (ola, shipped_olas())):
        if await tx.row(sa.select(table.c.id).limit(1)) is None:
            await tx.connection.execute(sa.insert(table), rows)
    return True


def shipped() -> Timekeeping:
    """The defaults by themselves: version 0, which everything the database holds follows."""
    weeks = [week_of(row) for row in shipped_weeks(datetime.min.replace(tzinfo=UTC))]
    return Timekeeping(Calendar(weeks), Allowances(ola_of(row) for row in shipped_olas()))


def shipped_weeks(now: datetime) -> list[dict[str, Any]]:
    """Rows of `working_week`."""
    return [
        {
            "id": named(f"week|{week['province']}|{week['valid_from']}"),
            "province": week["province"],
            "valid_from": week["valid_from"],
            "intervals": week["days"],
            "note": week["note"],
            "entered_by": _SHIPPED_BY,
            "entered_at": now,
        }
        for week in _yaml("working_week")
    ]


def shipped_olas() -> list[dict[str, Any]]:
    """Rows of `ola`."""
    empty = dict.fromkeys(("section", "topic", "kind", "channel")) | {"warn_share": 0.75, "active": True}
    return [
        {**empty, **row, "id": named("ola|" + "|".join(f"{row.get(name)}" for name in ("tier", *empty)))}
        for row in _yaml("ola")
    ]


def week_of(row: Mapping[str, Any]) -> Week:
    """A row of `working_week` as a pattern; a day that it does not name is closed."""
    days = tuple(read_hours(row["intervals"].get(name, ())) for name in WEEKDAYS)
    return Week(row["province"], row["valid_from"], days, row["note"])


def days_of(week: Week) -> dict[str, list[list[str]]]:
    """A pattern's days as JSON, Saturday first as people here begin a week."""
    order = (5, 6, 0, 1, 2, 3, 4)
    return {WEEKDAYS[day]: write_hours(week.days[day]) for day in order if week.days[day]}


def entered_of(row: Mapping[str, Any]) -> EnteredDay:
    """A row of `calendar_day`; no intervals is closed."""
    return EnteredDay(row["day"], row["province"], read_hours(row["intervals"] or ()), row["reason"])


def ola_of(row: Mapping[str, Any]) -> Ola:
    """A row of `ola`."""
    terms = Terms(row["allowance"], AllowanceUnit(row["unit"]), row["warn_share"])
    return Ola(row["id"], Tier(row["tier"]), row["section"], row["topic"], row["kind"], row["channel"], terms)


def _yaml(name: str) -> Sequence[dict[str, Any]]:
    read: Sequence[dict[str, Any]] = yaml.safe_load(
        (files("case_store") / "defaults" / f"{name}.yaml").read_text("utf-8")
    )
    return read
