"""The staff, as the API takes and gives them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from case_store.schemas.given import Given
from case_store.schemas.organisation import UnitId
from case_store.schemas.taken import Name, Taken, Text
from case_store.staffing import Right, Role
from envelope.models import Language

Username = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{1,59}$")
]


def _each_once(given: list[Role]) -> list[Role]:
    return sorted(set(given))


Roles = Annotated[list[Role], Field(min_length=1, max_length=20), AfterValidator(_each_once)]
Units = Annotated[list[UnitId], Field(max_length=50)]
Extension = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{2,10}$")]
Subject = Annotated[Text, StringConstraints(max_length=255)]


class StaffSummary(Given):
    """Somebody a case can be given to."""

    id: UUID
    """Ours."""
    name: str
    """As it stands in histories."""
    roles: list[Role]
    """What they do."""
    units: list[str]
    """Where."""
    desks: list[str]
    """Of those units."""
    active: bool
    """They work here."""


class StaffGiven(StaffSummary):
    """Somebody as an administrator sees them."""

    username: str
    """For the sign-in."""
    language: Language
    """Of the desk's pages."""
    must_change_password: bool
    """Until they do, they may do nothing else."""
    password: bool
    """There is one."""
    second_factor: bool
    """A code is asked for."""
    extension: str | None
    """Of their telephone, which rings when they have somebody called."""
    single_sign_on: bool
    """Known to the provider."""
    locked_until: datetime | None
    """Nobody gets in as them before; too many wrong guesses."""
    created_at: datetime
    """Employed since."""
    version: int
    """The ETag."""


class StaffWhole(StaffGiven):
    """Somebody, and what they may do."""

    rights: list[Right]
    """That their roles bring; none until the password is changed."""


class StaffPage(Given):
    """Staff by name."""

    staff: list[StaffGiven | StaffSummary]
    """Whole for whoever manages staff."""


class StaffEmploy(Taken):
    """Somebody new."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"username": "z.karimi", "name": "زهرا کریمی", "roles": ["agent"], "units": ["retirement"]}
            ]
        }
    )

    username: Username
    """Latin letters, digits and `._@-`; case does not matter."""
    name: Name
    """As colleagues know them."""
    roles: Roles
    """What they do."""
    units: Units = Field(default_factory=list)
    """Where."""
    language: Language = Language.FA
    """Of the desk's pages."""
    sso_subject: Subject | None = None
    """As single sign-on knows them; then no password is made."""
    extension: Extension | None = None
    """Of their telephone."""


class StaffEmployed(Given):
    """Somebody new, and how they sign in for the first time."""

    staff: StaffWhole
    """They."""
    password: str | None
    """Told this once; none with single sign-on."""


class StaffChange(Taken):
    """What to change of somebody; what is left out stays."""

    name: Name = ""
    """As colleagues know them."""
    roles: Roles = Field(default_factory=list)
    """What they do."""
    units: Units = Field(default_factory=list)
    """Where."""
    language: Language = Language.FA
    """Of the desk's pages; everybody may change their own."""
    active: bool = True
    """False lets them go, and signs them out."""
    sso_subject: Subject | None = None
    """As single sign-on knows them; null forgets it."""
    extension: Extension | None = None
    """Of their telephone; null: they have none."""


class PasswordReset(Taken):
    """How much to reset."""

    second_factor: bool = False
    """Forget the lost phone as well."""


class PasswordGiven(Given):
    """A password that somebody is told."""

    password: str
    """Told this once; changed at the next sign-in."""
