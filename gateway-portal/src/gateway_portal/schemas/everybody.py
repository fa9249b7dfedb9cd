"""What is the same for everybody: letters, standard answers, hours, announcements."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from envelope.taxonomy import SECTION_OF, Section, Topic
from gateway_portal.schemas.shown import Shown, known


class Verdict(Shown):
    """Whether a letter is genuine; nothing of the person or the case."""

    known: bool
    """Whether the code stands on any official reply."""
    genuine: bool
    """Whether that reply still holds."""
    issued_at: datetime | None = None
    """When."""
    revoked_at: datetime | None = None
    """Since when it is void."""
    text: str | None = None
    """To compare with the letter."""


class StandardAnswer(Shown):
    """An answer that is given to everybody."""

    topic: Annotated[Topic, known(Topic, Topic.OTHER)]
    """What it answers."""
    title: str
    """In a line."""
    text: str
    """As people read it."""
    offered: bool = True
    """Approved and valid today."""
    uses: int = 0
    """How often it helped."""

    @property
    def section(self) -> Section:
        """The section of its topic."""
        return SECTION_OF[self.topic]


class AnswerPage(Shown):
    """Standard answers."""

    answers: Sequence[StandardAnswer]
    """All that the store gives at once."""


class Day(Shown):
    """One day of the calendar."""

    date: date
    """In Tehran."""
    intervals: Sequence[tuple[str, str]] = ()
    """Hours worked: `07:30` to `15:30`; none is closed."""
    why: str = ""
    """What decided them: `holiday`, `entered`, `pattern`."""
    words: str = ""
    """The holiday's name or the reason, in Persian."""
    words_en: str = ""
    """A holiday's name in English."""
    estimated: bool = False
    """A lunar holiday whose date is an estimate."""


class Calendar(Shown):
    """A stretch of days."""

    days: Sequence[Day]
    """In order."""


class Standing(Shown):
    """Whether it is worked now."""

    open: bool
    """So it is."""
    until: AwareDatetime | None = None
    """When it closes, if it is open."""
    next_opening: AwareDatetime
    """When it opens, if it is closed."""
    day: Day
    """Why."""

    def holds(self, now: datetime) -> bool:
        """Whether it is still true, however long ago it was said."""
        return now < (self.until or now if self.open else self.next_opening)


class Weight(StrEnum):
    """How much an announcement matters."""

    INFO = "info"
    IMPORTANT = "important"


class Announcement(Shown):
    """Something that everybody should know."""

    id: UUID
    """To lead to it on its page."""
    title_fa: str
    """One line."""
    body_fa: str
    """Plain text; empty lines part paragraphs."""
    title_en: str | None = None
    """The same in English, if somebody has written it."""
    body_en: str | None = None
    """The same in English."""
    weight: Annotated[Weight, known(Weight, Weight.INFO)] = Weight.INFO
    """What matters stands first."""
    shown_from: AwareDatetime = Field(alias="from")
    """Since when it is told."""
    until: AwareDatetime | None = None
    """Until when; none until somebody ends it."""

    @property
    def important(self) -> bool:
        """Whether it stands apart."""
        return self.weight is Weight.IMPORTANT

    def holds(self, now: datetime) -> bool:
        """Whether it is still to be told, however long ago the store said so."""
        return self.until is None or now < self.until


class AnnouncementPage(Shown):
    """Announcements."""

    announcements: Sequence[Announcement]
    """The important first."""
