"""Invented staff: agents and experts of every section's unit, liaisons of every specialised one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Final, NamedTuple

from case_store.seeding.chance import digest
from case_store.seeding.rows import MembershipRow, Rows, StaffRow
from case_store.seeding.words import Words

_SECTION_STAFF: Final = {"agent": 24, "expert": 6}
_LIAISONS: Final = {"liaison": 3}


class Colleague(NamedTuple):
    """Somebody of the staff."""

    id: str
    username: str
    name: str
    role: str
    unit: str


@dataclass(frozen=True, slots=True)
class Units:
    """The organisation as the store has it."""

    of_desk: dict[str, str]
    """Desk → the section's unit."""
    specialised: Sequence[str]


class Crew:
    """Who works in which unit; the same for every batch."""

    def __init__(self, seed: int, units: Units, words: Words) -> None:
        """Invent them."""
        self.units = units
        self._by_place: dict[tuple[str, str], list[Colleague]] = {}
        places = [(unit, _SECTION_STAFF) for unit in sorted({*units.of_desk.values()})]
        places += [(unit, _LIAISONS) for unit in units.specialised]
        for unit, roles in places:
            for role, count in roles.items():
                team = [_colleague(seed, unit, role, number, words) for number in range(1, count + 1)]
                self._by_place[unit, role] = team

    def anyone(self, unit: str, role: str, chance: Random) -> Colleague:
        """One of a unit's people of a role."""
        team = self._by_place[unit, role]
        return team[int(chance.random() * len(team))]

    def rows(self, since: datetime) -> Rows:
        """Them as rows."""
        everyone = [colleague for team in self._by_place.values() for colleague in team]
        return Rows(
            staff=[StaffRow(one.id, one.username, one.name, (one.role,), since) for one in everyone],
            staff_unit=[MembershipRow(one.id, one.unit) for one in everyone],
        )


def _colleague(seed: int, unit: str, role: str, number: int, words: Words) -> Colleague:
    username = f"seed{seed}-{unit.replace('_', '-')}-{role}-{number:02}"
    drawn = digest("staff", username)
    name = words.name(drawn[16] / 256, drawn[17] / 256)
    return Colleague(drawn[:16].hex(), username, name, role, unit)
