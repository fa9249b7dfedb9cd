"""What a person sees of their own: taken and given for a gateway that has found out who they are.

Nothing here has a place for what stays inside: notes, names of staff, reasons, referrals and where they went.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from case_store.model import CaseState
from case_store.schemas.conversation import AddressGiven
from case_store.schemas.given import Given
from case_store.schemas.taken import Taken, Text
from envelope.addresses import parse_msisdn
from envelope.models import Channel
from envelope.taxonomy import Kind, Section, Topic


def _numbered(typed: str) -> str:
    msisdn = parse_msisdn(typed)
    if msisdn is None:
        message = "is not a phone number"
        raise ValueError(message)
    return msisdn


Msisdn = Annotated[Text, StringConstraints(max_length=40), AfterValidator(_numbered)]
TypedCode = Annotated[Text, StringConstraints(max_length=40)]
_ME, _CODE = "+989120000000", "1234567897"


class OwnerRequest(Taken):
    """A tracking code, in the body as everything that leads to a person."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": _CODE}]})

    code: TypedCode
    """Ten digits; Persian digits, spaces and dashes are taken."""


class CitizenRequest(Taken):
    """Who asks."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"msisdn": _ME}]})

    msisdn: Msisdn
    """The number that they proved to be theirs, in any spelling."""


class CitizenCasesRequest(CitizenRequest):
    """Who asks, and for which page."""

    limit: Annotated[int, Field(ge=1, le=50)] = 20
    """Cases a page."""
    cursor: Annotated[str, StringConstraints(max_length=100)] | None = None
    """`next_cursor` of the page before."""


class CitizenCaseRequest(CitizenRequest):
    """Who asks, and about which case."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"msisdn": _ME, "code": _CODE}]})

    code: TypedCode
    """Of the case, or another code that leads to it."""


class CitizenFileRequest(CitizenCaseRequest):
    """Who asks, and for which file of which case."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"msisdn": _ME, "code": _CODE, "sha256": "0" * 64}]}
    )

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """Of the file's bytes, as the case names it."""


class Side(StrEnum):
    """Who speaks."""

    YOU = "you"
    US = "us"


class PublicStep(StrEnum):
    """What happened to a case, in words that may leave the house."""

    OPENED = "opened"
    RECLASSIFIED = "reclassified"
    """It is about something else than was thought."""
    REFERRED = "referred"
    """Somebody who knows more has been asked; not who."""
    ANSWERED = "answered"
    WAITING = "waiting"
    """The answer asked the person something."""
    CLOSED = "closed"
    REOPENED = "reopened"
    OFFICIAL_REPLY_ISSUED = "official_reply_issued"
    OFFICIAL_REPLY_REVOKED = "official_reply_revoked"


class OwnerGiven(Given):
    """Where the person of a case is reached."""

    msisdn: str
    """Their mobile number, in E.164; never to be shown to whoever typed the code."""


class CitizenCaseSummary(Given):
    """One of a person's cases in a list."""

    tracking_code: str
    """The case's own code."""
    state: CaseState
    """Where it stands."""
    topic: Topic
    """What it is about."""
    section: Section
    """The section of the topic."""
    kind: Kind
    """What the person wants."""
    opened_at: datetime
    """When its first message was taken."""
    last_activity_at: datetime
    """The last word from either side."""
    due_at: datetime | None
    """Until when an answer is due; none when none is."""
    closed_at: datetime | None
    """When it was closed."""
    awaits_person: bool
    """The last word was ours, or we asked them something."""
    rating: int | None
    """How content they were, 1 to 5; none if they never said."""


class CitizenCases(Given):
    """A person's cases."""

    cases: list[CitizenCaseSummary]
    """The latest activity first."""
    next_cursor: str | None
    """Give it back to go on; none at the end."""


class CitizenFile(Given):
    """A file that the person sent."""

    sha256: str
    """To ask for it by."""
    media_type: str
    """As its bytes say."""
    size: int
    """In bytes."""
    seconds: float | None = None
    """Length of a recording."""


class CitizenOfficial(Given):
    """That a text carries official weight."""

    code: str
    """Whoever types it on the public page can have the text confirmed."""
    revoked: bool
    """Whether it is void; then its text is not shown."""


class CitizenEntry(Given):
    """One thing that was said."""

    at: datetime
    """When."""
    side: Annotated[Side, Field(serialization_alias="from")]
    """By whom."""
    channel: Channel
    """By which door; of an official reply, this one."""
    text: str
    """As said."""
    attachments: list[CitizenFile]
    """What came with it."""
    official: CitizenOfficial | None
    """If it is an official reply."""


class CitizenStep(Given):
    """One thing that happened to a case."""

    at: datetime
    """When."""
    what: PublicStep
    """What."""


class CitizenCase(CitizenCaseSummary):
    """One of a person's cases, whole as they may see it."""

    reopen_until: datetime | None
    """Of a closed one: so long a word of theirs opens it again."""
    aliases: list[str]
    """Other codes that lead to it."""
    entries: list[CitizenEntry]
    """What was said, the oldest first: their messages and our answers."""
    steps: list[CitizenStep]
    """What happened, the oldest first."""


class CitizenPerson(Given):
    """A person as we know them; what another who holds their phone could misuse is covered."""

    name: str | None
    """As staff entered it."""
    national_id: str | None
    """All but the last three digits are dots."""
    addresses: list[AddressGiven]
    """The oldest first; covered but for the number that was proved."""
    bulk_refused_at: datetime | None
    """Since when they want no bulk messages."""
    created_at: datetime
    """When they first wrote."""


class CitizenRating(Given):
    """What a person thinks of how a case was answered."""

    tracking_code: str
    """Of the case."""
    stars: int
    """1 to 5, 5 the best."""
    words: str
    """What they wrote beside it."""
    rated_at: datetime
    """When."""


class CitizenExport(Given):
    """Everything of a person that they may see."""

    person: CitizenPerson | None
    """None for a number that never wrote."""
    cases: list[CitizenCase]
    """The latest activity first; with commands and ratings among what was said."""
    ratings: list[CitizenRating]
    """The newest word on each case."""
    messages: list[CitizenEntry]
    """What they sent that belongs to no case."""
    complete: bool
    """Whether this is all; false where there is more than one file can hold."""
