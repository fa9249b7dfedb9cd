"""Units and desks by name, for every page: read with the caller's session, remembered for a minute."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from desk.clients import Session

_KEPT_SECONDS: Final = 60.0
Place = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Places:
    """The organisation as it was a moment ago."""

    units: Mapping[str, Place] = field(default_factory=dict)
    """By id: {id, kind, name_fa, name_en, …}."""
    desks: Mapping[str, Place] = field(default_factory=dict)
    """By id: {id, unit_id, name_fa, name_en, position, …}, in the order of their position."""

    def unit(self, unit_id: str, language: str) -> str:
        """A unit's name; its id where it is not known."""
        return _name(self.units.get(unit_id), unit_id, language)

    def desk(self, desk_id: str, language: str) -> str:
        """A desk's name; its id where it is not known."""
        return _name(self.desks.get(desk_id), desk_id, language)

    def desk_choices(self, language: str) -> list[tuple[str, str]]:
        """What a select of desks offers."""
        return [(desk_id, self.desk(desk_id, language)) for desk_id in self.desks]

    def specialised(self) -> list[Place]:
        """The units whose liaisons can be asked."""
        return [
            unit for unit in self.units.values() if unit["kind"] == "specialised" and unit.get("active", True)
        ]

    def sections(self) -> list[Place]:
        """The units whose experts can be asked."""
        return [
            unit for unit in self.units.values() if unit["kind"] == "section" and unit.get("active", True)
        ]


@dataclass(slots=True)
class Organisation:
    """The memory; `forget` after a change."""

    _places: Places = field(default_factory=Places)
    _until: float = 0.0

    async def places(self, store: Session) -> Places:
        """As of at most a minute ago.

        Raises:
            StoreAwayError: the store does not answer.
        """
        if self._until < time.monotonic():
            units, desks = _listed(await store.get("/units")), _listed(await store.get("/desks"))
            desks.sort(key=lambda desk: (desk.get("position", 0), desk["id"]))
            self._places = Places({unit["id"]: unit for unit in units}, {desk["id"]: desk for desk in desks})
            self._until = time.monotonic() + _KEPT_SECONDS
        return self._places

    def forget(self) -> None:
        """Read anew next time."""
        self._until = 0.0


def _listed(answer: Any) -> list[Place]:  # noqa: ANN401  (a list, or an object with one in it)
    rows: Sequence[Place] = answer if isinstance(answer, list) else next(iter(answer.values()))
    return list(rows)


def _name(place: Place | None, fallback: str, language: str) -> str:
    return str(place["name_en" if language == "en" else "name_fa"]) if place else fallback
