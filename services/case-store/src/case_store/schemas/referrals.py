"""Referrals: what is asked, what came back, the watch list."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, StringConstraints

from case_store.model import CaseState, ReferralState, Tier
from case_store.referring.steps import Verb
from case_store.schemas.given import Given
from case_store.schemas.taken import Name, Taken, Text
from envelope.taxonomy import Kind, Section, Topic

Words = Annotated[Text, StringConstraints(max_length=4_000)]
Reason = Annotated[Text, StringConstraints(max_length=1_000)]
Above = Literal[Tier.EXPERT, Tier.LIAISON]


class AskRequest(Taken):
    """A question to an expert or to the liaison of a specialised unit."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"tier": "liaison", "unit_id": "pensions_office", "question": "علت تأخیر واریز؟"}]
        }
    )

    tier: Above
    """`expert` or `liaison`."""
    unit_id: Name | None = None
    """Who is asked; an expert's question goes to the case's own unit if left out."""
    assignee_id: UUID | None = None
    """A colleague of that unit, if one in particular is meant."""
    question: Words
    """What they are to say."""
    parent_id: UUID | None = None
    """The referral because of which this is asked; it waits for this one."""


class AnswerRequest(Taken):
    """What the unit says."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "مستمری فردا واریز می‌شود."}]})

    text: Words
    """For the centre, which gives it to the person."""


class ReasonRequest(Taken):
    """Why a referral is sent back or taken back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "مربوط به این واحد نیست."}]})

    reason: Reason
    """For whoever is at the other end."""


class ForwardRequest(Taken):
    """Who is to be asked instead."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"tier": "liaison", "unit_id": "contributions_office"}]}
    )

    tier: Above
    """`expert` or `liaison`."""
    unit_id: Name
    """Who is asked."""
    question: Words | None = None
    """In words of one's own; the question as it came if left out."""


class ReferralGiven(Given):
    """A question to a unit, with its own clock and its own answer."""

    id: UUID
    """Ours."""
    tracking_code: str
    """The case."""
    parent_id: UUID | None
    """The referral because of which it was asked."""
    tier: Tier
    """Who is asked: an expert or a liaison."""
    unit_id: str
    """Of which unit."""
    unit_name_fa: str
    """The unit's Persian name."""
    unit_name_en: str
    """The unit's English name."""
    assignee_id: UUID | None
    """The colleague who has it."""
    assignee_name: str | None
    """What they are called."""
    state: ReferralState
    """Where it stands; a forwarded one waits for those below it."""
    question: str
    """What was asked."""
    asked_by: str
    """By whom."""
    asked_by_id: UUID | None
    """None for a service."""
    asked_at: datetime
    """When."""
    due_at: datetime
    """By its own clock."""
    overdue: bool
    """Open, and past that moment."""
    answer: str | None
    """What came back: the answer, or why it was returned or recalled."""
    settled_by: str | None
    """Who answered, returned or recalled it."""
    settled_at: datetime | None
    """When."""
    may: list[Verb]
    """What the caller could do with it as it stands."""
    version: int
    """Goes up with every change; the ETag."""


class ReferralSummary(ReferralGiven):
    """A referral in the watch list, with what its case is about."""

    topic: Topic
    """Of the case."""
    kind: Kind
    """Of the case."""
    section: Section
    """Of the case."""
    desk: str
    """Of the case."""
    province: str | None
    """Of the case."""
    priority: int
    """Of the case; higher is sooner."""
    case_state: CaseState
    """Where the case stands."""


class ReferralWhole(ReferralSummary):
    """A referral with those in its line that the caller may see."""

    above: list[ReferralGiven]
    """The questions that led to it, the first one first."""
    below: list[ReferralGiven]
    """What was asked because of it, in the order asked."""


class ReferralPage(Given):
    """Referrals, the nearest deadline first."""

    referrals: list[ReferralSummary]
    """At most `limit`."""
    next_cursor: str | None
    """Give it back to go on; none at the end."""
