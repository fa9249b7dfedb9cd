"""What other services hand in for a person, and the receipt they get."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    WithJsonSchema,
)

from envelope.models import TrackingCode
from envelope.taxonomy import Audience, Kind, Topic
from envelope.tracking import parse
from gateway_portal.schemas.shown import Shown
from persian.words import PROVINCES

LONGEST_TEXT: Final = 4_000
_LETTERS: Final = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
_PRINTED: Final = r"[^\x00-\x1f\x7f]"
_VISIBLE: Final = r"[^\s\x00-\x1f\x7f]"
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_RFC_3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _with_something_in_it(text: str) -> str:
    if not text.strip() or "\0" in text:
        message = "must have letters, and none of them NUL"
        raise ValueError(message)
    return text


def _code(typed: str) -> str:
    code = parse(typed)
    if code is None:
        message = "is no tracking code: its last digit checks the others"
        raise ValueError(message)
    return code


def _province(name: str) -> str:
    if name not in PROVINCES:
        message = "is none of the 31 provinces by its Persian name"
        raise ValueError(message)
    return name


def _rfc_3339(value: object) -> object:
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        message = "is no moment as RFC 3339 has it, with its offset"
        raise ValueError(message)
    return value


def _likely(moment: datetime) -> datetime:
    if moment < _EARLIEST:
        message = "must be of this century"
        raise ValueError(message)
    return moment


Words = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_TEXT),
    AfterValidator(_with_something_in_it),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT, "pattern": _LETTERS}),
]
Reference = Annotated[str, StringConstraints(pattern=rf"^{_VISIBLE}({_PRINTED}{{0,98}}{_VISIBLE})?$")]
Mobile = Annotated[str, StringConstraints(pattern=r"^(\+98|0098|98|0)?9[0-9]{9}$")]
Account = Annotated[str, StringConstraints(pattern=rf"^{_VISIBLE}{{1,100}}$")]
GivenCode = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_code),
    WithJsonSchema({"type": "string", "format": "tracking-code", "maxLength": 40}),
]
Province = Annotated[
    str, AfterValidator(_province), WithJsonSchema({"type": "string", "enum": list(PROVINCES)})
]
Moment = Annotated[AwareDatetime, BeforeValidator(_rfc_3339), AfterValidator(_likely)]
GivenKind = Literal[Kind.QUESTION, Kind.COMPLAINT, Kind.SUGGESTION, Kind.REQUEST, Kind.APPRECIATION]


class _Taken(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )


class ByMobile(_Taken):
    """A person by a mobile number that you have made sure is theirs; needs the scope `messages:vouch`."""

    mobile: Mobile = Field(examples=["09121234567"])
    """An Iranian mobile number; acknowledgement and answer go there by SMS as well."""

    @property
    def e164(self) -> str:
        """With the country's code."""
        return f"+98{self.mobile[-10:]}"


class ByAccount(_Taken):
    """A person by a name that only you know them by; they are reached through you alone."""

    account: Account = Field(examples=["user-71f3"])
    """The same person has the same name each time, so that what belongs together stays together."""


def _by(value: Any) -> str:  # noqa: ANN401  (whatever JSON holds)
    return "mobile" if isinstance(value, dict) and "mobile" in value else "account"


Person = Annotated[
    Annotated[ByMobile, Tag("mobile")] | Annotated[ByAccount, Tag("account")], Discriminator(_by)
]


class NewMessage(_Taken):
    """What a person says, handed in by a service that speaks for them."""

    text: Words = Field(examples=["دو سال از سابقهٔ من ثبت نشده است."])
    """In the person's own words, any language; they are kept as they are."""
    person: Person
    """Who says it: exactly one of `mobile` and `account`."""
    topic: Topic | None = None
    """What it is about, if the person chose; else it is read from the text."""
    kind: GivenKind | None = None
    """What the person wants by it, if they chose."""
    audience: Audience | None = None
    """Who the person is to the organisation."""
    province: Province | None = None
    """Where the person lives, by its Persian name."""
    tracking_code: GivenCode | None = Field(default=None, examples=["1234567894"])
    """Of an earlier case that this is about. Persian digits, spaces and dashes are taken."""
    reference: Reference | None = Field(default=None, examples=["ticket-4711"])
    """What you call it; find it again by it. Not for names or numbers of people."""
    occurred_at: Moment | None = None
    """When the person said it, if that was not now."""


class Links(Shown):
    """Where to go on."""

    case: str
    """How it stands."""
    withdrawal: str
    """Where to take it back."""


class Receipt(Shown):
    """It was taken and cannot be lost any more."""

    message_id: str = Field(json_schema_extra={"format": "uuid"})
    """Ours; the same for every copy."""
    tracking_code: TrackingCode
    """The person's as well as yours: show it to them."""
    state: Literal["received"]
    """As far as it has come."""
    accepted_at: AwareDatetime
    """When we took it."""
    links: Links
    """Where to go on."""
