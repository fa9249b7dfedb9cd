"""Units and desks, as the API takes and gives them."""

from typing import Annotated

from pydantic import Field, StringConstraints

from case_store.model import UnitKind
from case_store.schemas.given import Given
from case_store.schemas.taken import Name, Taken, Text

UnitId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]


class UnitGiven(Given):
    """A section of the centre, or a specialised unit that is asked through its liaisons."""

    id: str
    """Ours, for ever."""
    kind: UnitKind
    """Which of the two."""
    name_fa: str
    """In Persian."""
    name_en: str
    """In English."""
    province: str | None
    """Where its working time is looked up; the whole country's if none."""
    active: bool
    """It works."""
    version: int
    """The ETag."""


class UnitsGiven(Given):
    """The organisation."""

    units: list[UnitGiven]
    """Sections first."""


class UnitPut(Taken):
    """A unit as it shall be."""

    kind: UnitKind
    """A section has desks; a specialised unit has liaisons."""
    name_fa: Name
    """In Persian."""
    name_en: Name
    """In English."""
    province: Annotated[Text, StringConstraints(max_length=50)] | None = None
    """As in the envelope's list."""
    active: bool = True
    """It works."""


class DeskGiven(Given):
    """A queue of cases."""

    id: str
    """As the router calls it."""
    unit_id: str
    """Whose."""
    name_fa: str
    """In Persian."""
    name_en: str
    """In English."""
    position: int
    """Its place among them."""
    active: bool
    """It is shown."""
    version: int
    """The ETag."""


class DesksGiven(Given):
    """Every desk."""

    desks: list[DeskGiven]
    """In the order in which they are shown."""


class DeskPut(Taken):
    """A desk as it shall be."""

    unit_id: UnitId
    """A section that works."""
    name_fa: Name
    """In Persian."""
    name_en: Name
    """In English."""
    position: Annotated[int, Field(ge=0, le=1_000)] = 0
    """Its place among them."""
    active: bool = True
    """It is shown."""
