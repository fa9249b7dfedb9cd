"""Working time: the calendar with its reasons, weekly patterns, allowances, deadlines day by day."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from case_store.model import AllowanceUnit, Tier
from case_store.schemas.given import Given
from case_store.schemas.taken import Taken, Text
from case_store.worktime.allowances import MOST_DAYS, MOST_MINUTES
from case_store.worktime.calendar import Why
from envelope.models import Channel
from envelope.taxonomy import SECTION_OF, Kind, Section, Topic
from persian.words import PROVINCES


def _known(province: str) -> str:
    if province not in PROVINCES:
        message = "must be one of the 31 provinces, by its Persian name"
        raise ValueError(message)
    return province


Province = Annotated[str, AfterValidator(_known)]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-4]):[0-5]\d$")]
Intervals = Annotated[list[tuple[TimeOfDay, TimeOfDay]], Field(max_length=12)]
"""`[["07:30", "12:00"], ["13:00", "15:30"]]`; `24:00` ends a day."""
Reason = Annotated[Text, StringConstraints(max_length=300)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=r"^[^\x00]*$")]


class Weekday(StrEnum):
    """Saturday first, as a week begins here."""

    SATURDAY = "saturday"
    SUNDAY = "sunday"
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"


class DayRequest(Taken):
    """What is worked on one date, whatever holiday and pattern say."""

    province: Province | None = None
    """Where; everywhere if left out."""
    intervals: Intervals | None
    """The hours; `null` is closed."""
    reason: Reason
    """Shown with every deadline that it moves, in Persian."""


class WeekRequest(Taken):
    """A weekly pattern from a date on."""

    province: Province | None = None
    """Where; everywhere if left out."""
    valid_from: date
    """The first day on which it holds."""
    days: dict[Weekday, Intervals]
    """Hours by weekday; one that is left out is closed."""
    note: Note = ""
    """For people."""


class OlaRequest(Taken):
    """How much time a tier has for what; what is left out fits everything."""

    tier: Tier
    """Whose."""
    section: Section | None = None
    """Only this section."""
    topic: Topic | None = None
    """Only this topic."""
    kind: Kind | None = None
    """Only this kind."""
    channel: Channel | None = None
    """Only what came by this door."""
    allowance: Annotated[int, Field(ge=1, le=MOST_MINUTES)]
    """So many units; the law's ten working days end every deadline that would be later."""
    unit: AllowanceUnit
    """Working days or working minutes."""
    warn_share: Annotated[float, Field(gt=0, le=1)] = 0.75
    """Of the working time, when the warning comes."""
    note: Note = ""
    """For people."""
    active: bool = True
    """Whether the row speaks."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.unit is AllowanceUnit.WORKING_DAYS and self.allowance > MOST_DAYS:
            message = f"at most {MOST_DAYS} working days"
            raise ValueError(message)
        if self.topic and self.section and SECTION_OF[self.topic] is not self.section:
            message = "the topic is of another section: the row would never speak"
            raise ValueError(message)
        return self


class EnteredGiven(Given):
    """The row that decided a day."""

    province: str
    """Empty: everywhere."""
    intervals: list[list[str]] | None
    """The hours entered; none is closed."""
    reason: str
    """Why."""
    entered_by: str
    """Who."""
    entered_at: datetime
    """When."""
    version: int
    """For If-Match."""


class DayGiven(Given):
    """One day, explained."""

    date: date
    """Gregorian; in Tehran."""
    open: bool
    """Whether there are any hours."""
    intervals: list[list[str]]
    """The hours worked."""
    why: Why
    """What decided them."""
    words: str
    """The holiday's name (with `(تخمینی)` where its date is an estimate), the reason, or the note."""
    words_en: str
    """A holiday's name in English."""
    estimated: bool
    """A lunar holiday whose date is an estimate."""
    holiday: str
    """The official holiday of this day, also where it is worked all the same."""


class CalendarDayGiven(DayGiven):
    """One day of the calendar at the desk."""

    entered: EnteredGiven | None
    """The row that decided it, if one did."""


class CalendarGiven(Given):
    """A stretch of the calendar."""

    province: str | None
    """Whose; none is the country's."""
    days: list[CalendarDayGiven]
    """Every day, in order."""


class StandingGiven(Given):
    """Whether it is worked at a moment."""

    at: datetime
    """The moment."""
    open: bool
    """Whether it is worked."""
    until: datetime | None
    """When it closes, if it is open."""
    next_opening: datetime
    """The moment itself if it is open, else when it opens."""
    day: DayGiven
    """Why."""


class WeekGiven(Given):
    """A weekly pattern."""

    id: UUID
    """Ours."""
    province: str
    """Empty: everywhere."""
    valid_from: date
    """The first day on which it holds."""
    days: dict[Weekday, list[list[str]]]
    """Hours by weekday; one that is left out is closed."""
    note: str
    """For people."""
    entered_by: str
    """Who."""
    entered_at: datetime
    """When."""
    version: int
    """For If-Match."""


class OlaGiven(Given):
    """One row of the table of allowances."""

    id: UUID
    """Ours."""
    tier: Tier
    """Whose."""
    section: Section | None
    """Only this section."""
    topic: Topic | None
    """Only this topic."""
    kind: Kind | None
    """Only this kind."""
    channel: Channel | None
    """Only what came by this door."""
    allowance: int
    """So many units."""
    unit: AllowanceUnit
    """Working days or working minutes."""
    warn_share: float
    """Of the working time, when the warning comes."""
    note: str
    """For people."""
    active: bool
    """Whether it speaks."""
    version: int
    """For If-Match."""
