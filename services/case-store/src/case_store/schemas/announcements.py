"""Announcements: what staff write, and what the portal shows; plain text, never markup."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from case_store.model import Showing, Weight
from case_store.schemas.given import Given
from case_store.schemas.taken import Taken, Text

Title = Annotated[Text, StringConstraints(max_length=120, pattern=r"^[^\r\n]+$")]
Body = Annotated[Text, StringConstraints(max_length=4_000)]
_COLUMNS = {"from_": "shown_from", "until": "shown_until"}
_NEEDED = ("title_fa", "body_fa", "weight", "from_")


class AnnouncementRequest(Taken):
    """Something that everybody should know."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"title_fa": "تعطیلی سامانه", "body_fa": "جمعه از ساعت ۶ تا ۸ پاسخ‌گو نیستیم."}]
        }
    )

    title_fa: Title
    """One line, in Persian."""
    body_fa: Body
    """What is to be known; empty lines part paragraphs."""
    title_en: Title | None = None
    """The same in English; left out, English readers get the Persian."""
    body_en: Body | None = None
    """The same in English."""
    weight: Weight = Weight.INFO
    """`important` stands first, and apart."""
    from_: Annotated[AwareDatetime | None, Field(alias="from")] = None
    """From when it is shown; now if left out."""
    until: AwareDatetime | None = None
    """Until when; until it is ended if left out."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.from_ and self.until and self.until < self.from_:
            message = "until must not be before from"
            raise ValueError(message)
        if (self.title_en is None) != (self.body_en is None):
            message = "title_en and body_en go together"
            raise ValueError(message)
        return self

    def columns(self, now: datetime) -> dict[str, Any]:
        """As they are stored."""
        return columns_of(self) | {"shown_from": self.from_ or now}


class AnnouncementChange(Taken):
    """What is to be otherwise; what is left out stays, null takes it away where it may be missing."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"weight": "important"}]})

    title_fa: Title | None = None
    """One line, in Persian."""
    body_fa: Body | None = None
    """What is to be known."""
    title_en: Title | None = None
    """The same in English."""
    body_en: Body | None = None
    """The same in English."""
    weight: Weight | None = None
    """`important` stands first, and apart."""
    from_: Annotated[AwareDatetime | None, Field(alias="from")] = None
    """From when it is shown."""
    until: AwareDatetime | None = None
    """Until when."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            message = "say what is to be otherwise"
            raise ValueError(message)
        if any(name in self.model_fields_set and getattr(self, name) is None for name in _NEEDED):
            message = "title_fa, body_fa, weight and from cannot be taken away"
            raise ValueError(message)
        return self


def columns_of(body: AnnouncementRequest | AnnouncementChange) -> dict[str, Any]:
    """What a request names, by the columns that hold it."""
    told = body.model_dump(exclude_unset=isinstance(body, AnnouncementChange))
    return {_COLUMNS.get(name, name): value for name, value in told.items()}


class AnnouncementGiven(Given):
    """Something that everybody should know, and its time."""

    id: UUID
    """Ours."""
    title_fa: str
    """One line, in Persian."""
    body_fa: str
    """Plain text; empty lines part paragraphs."""
    title_en: str | None
    """The same in English."""
    body_en: str | None
    """The same in English."""
    weight: Weight
    """`important` stands first, and apart."""
    shown_from: Annotated[datetime, Field(serialization_alias="from")]
    """From when it is shown."""
    shown_until: Annotated[datetime | None, Field(serialization_alias="until")]
    """Until when; none until somebody ends it."""
    showing: Showing
    """`coming`, `shown` or `ended`."""
    written_by: str
    """By whom."""
    written_at: datetime
    """When."""
    changed_by: str | None
    """Who changed or ended it last."""
    changed_at: datetime | None
    """When."""
    version: int
    """Goes up with every change; the ETag."""


class AnnouncementPage(Given):
    """Announcements."""

    announcements: list[AnnouncementGiven]
    """At most `limit`; of what is shown now all, the important first."""
    next_cursor: str | None
    """Give it back to go on; none at the end."""
