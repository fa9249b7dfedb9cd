"""Signing in and one's own account, as the API takes and gives them."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from case_store.schemas.given import Given
from case_store.schemas.staff import StaffWhole
from case_store.schemas.taken import Taken, Text

_LONGEST: Final = 200
Password = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST)]
SignInCode = Annotated[Text, StringConstraints(max_length=20)]
Address = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^https?://[!-~]+$")]


class SignInRequest(Taken):
    """Who somebody says they are, and how they prove it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"username": "z.karimi", "password": "…", "code": "123456"}]}
    )

    username: Annotated[Text, StringConstraints(max_length=100)]
    """Any case, any digits."""
    password: Password
    """Theirs."""
    code: SignInCode | None = None
    """Of the second factor; asked for (401, `…/second-factor-needed`) when one is set up."""


class SessionGiven(Given):
    """A session and whose it is."""

    expires_at: datetime
    """It ends then at the latest, earlier when nothing is done in it."""
    staff: StaffWhole
    """Whose."""


class SignedInGiven(SessionGiven):
    """A session that has just begun."""

    token: str
    """Send it as `Authorization: Bearer …`; it is told this once."""


class RunningSession(Given):
    """One of the caller's sessions."""

    id: str
    """Says nothing of its token."""
    created_at: datetime
    """The sign-in."""
    seen_at: datetime
    """Used last, to the minute."""
    expires_at: datetime
    """Ends then at the latest."""
    current: bool
    """The one that asks."""


class RunningSessions(Given):
    """Where the caller is signed in."""

    sessions: list[RunningSession]
    """The newest first."""


class EndedSessions(Given):
    """How many sessions ended."""

    ended: int
    """That many."""


class PasswordChange(Taken):
    """A new password for oneself."""

    current: Password
    """The one that holds now."""
    new: Password
    """At least ten characters, and not the user name."""


class CodeRequest(Taken):
    """A code from the phone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "123456"}]})

    code: SignInCode
    """Six digits of any script."""


class SecondFactorGiven(Given):
    """What a phone needs to make codes; told this once."""

    secret: str
    """To be typed in."""
    uri: str
    """To be shown as a QR code."""


class SsoBegin(Taken):
    """Where the browser comes back to."""

    redirect_uri: Address
    """As registered with the provider."""


class SsoBegun(Given):
    """Where the browser goes."""

    authorization_url: str
    """The provider's page."""
    state: str
    """Comes back with the browser; tie it to that browser, in a cookie."""


class SsoFinish(SsoBegin):
    """What the browser came back with."""

    state: Annotated[Text, StringConstraints(max_length=200)]
    """As it was given."""
    code: Annotated[Text, StringConstraints(max_length=4_000)]
    """The provider's."""


class EntryGiven(Given):
    """One entry of the audit trail."""

    seq: int
    """Its number; they follow each other without a gap."""
    at: datetime
    """When it happened."""
    actor: str
    """Who did it, by name."""
    actor_id: UUID | None
    """Who; none for a service."""
    action: str
    """What."""
    subject: str
    """To what: a tracking code, `staff:<id>`, `unit:<id>` and so on."""
    detail: dict[str, object]
    """More of it; never a citizen's word or number."""


class EntryPage(Given):
    """Entries, the newest first."""

    entries: list[EntryGiven]
    """At most `limit`."""
    next_cursor: str | None
    """Give it back to go on; none at the end."""


class VerificationGiven(Given):
    """Whether the chain of the audit trail holds."""

    whole: bool
    """Nothing was changed, removed or moved, as far as it was followed."""
    entries: int
    """Looked at, and good."""
    first_broken: int | None
    """The number of the first entry that is not what was written, or is not there."""
    reason: str | None
    """What is wrong with it."""
    total: int
    """The newest entry's number."""
    seq: Annotated[int, Field(ge=0)]
    """The last good place: go on `after` it, or keep it to compare the chain with later."""
    seal: str
    """The seal there, in hexadecimal."""
