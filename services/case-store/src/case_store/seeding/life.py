"""The course of one case: what it is about, where it stands, and when each thing happened."""

from dataclasses import dataclass
from random import Random
from typing import Final

from case_store.model import CaseState
from case_store.seeding.chance import Ranked, Weighted
from envelope.models import Channel
from envelope.taxonomy import SECTION_OF, Audience, Kind, Section, Topic

HOUR: Final = 3600
DAY: Final = 24 * HOUR

_CHANNELS: Final = Weighted(
    {
        Channel.PHONE: 0.60, Channel.SMS: 0.23, Channel.USSD: 0.05, Channel.PORTAL: 0.05,
        Channel.VOICE: 0.03, Channel.IN_PERSON: 0.03, Channel.API: 0.01,
    }
)  # fmt: skip
_TOPICS: Final = Ranked(
    (
        *(
            Topic.PENSION_PAYMENT,
            Topic.CONTRIBUTION_RECORD,
            Topic.ONLINE_ACCOUNT,
            Topic.RETIREMENT_APPLICATION,
        ),
        *(Topic.TREATMENT_ELIGIBILITY, Topic.OPTIONAL_INSURANCE, Topic.UNEMPLOYMENT, Topic.PENSIONER_WELFARE),
        *(Topic.SUPPORT_BASKET, Topic.MEDICAL_EXPENSE, Topic.SURVIVOR_PENSION, Topic.BRANCH_SERVICE),
        *(Topic.SHORT_TERM_BENEFIT, Topic.EMPLOYER_LIST, Topic.E_PRESCRIPTION, Topic.HOSPITAL_SERVICE),
        *(Topic.UNINSURED_WORK, Topic.OTHER, Topic.DISABILITY_PENSION),
    ),
    0.5,
)
_KINDS: Final = Weighted(
    {
        Kind.QUESTION: 0.48, Kind.COMPLAINT: 0.2, Kind.REQUEST: 0.16, Kind.STATUS_INQUIRY: 0.11,
        Kind.SUGGESTION: 0.03, Kind.APPRECIATION: 0.02,
    }
)  # fmt: skip
_AUDIENCES: Final = {
    Section.INSURANCE: Weighted({Audience.INSURED: 0.7, Audience.EMPLOYER: 0.2, Audience.UNKNOWN: 0.1}),
    Section.TREATMENT: Weighted({Audience.INSURED: 0.6, Audience.PENSIONER: 0.3, Audience.UNKNOWN: 0.1}),
    Section.RETIREMENT: Weighted({Audience.PENSIONER: 0.7, Audience.SURVIVOR: 0.2, Audience.UNKNOWN: 0.1}),
    Section.GENERAL: Weighted({Audience.UNKNOWN: 0.6, Audience.INSURED: 0.4}),
}
_UNDECIDED: Final = Weighted(
    {CaseState.NEW: 0.55, CaseState.TRIAGE: 0.06, CaseState.OPEN: 0.29, CaseState.REFERRED: 0.10}
)
_STILL_ANSWERED: Final = 0.02
_ON_THE_SPOT: Final = frozenset({Channel.PHONE, Channel.IN_PERSON})
_ASKED_FURTHER: Final = 0.0112
"""Of decided cases: with the ones that are with an expert now, two in a hundred of all."""


@dataclass(slots=True)
class Life:
    """One case's course; moments in seconds since 1970."""

    topic: Topic
    kind: Kind
    audience: Audience
    channel: Channel
    state: CaseState
    desk: str
    opened: int
    until: int
    """Now, for a case that goes on; else when it was closed."""
    taken: int | None = None
    """When somebody claimed it."""
    answered: int | None = None
    closed: int | None = None
    referred: int | None = None


def live(chance: Random, opened: int, now: int, *, undecided: bool) -> Life:
    """Invent a course that began at one moment and is seen at another."""
    topic = _TOPICS.pick(chance)
    life = Life(
        topic=topic,
        kind=_KINDS.pick(chance),
        audience=_AUDIENCES[SECTION_OF[topic]].pick(chance),
        channel=_CHANNELS.pick(chance),
        state=_UNDECIDED.pick(chance) if undecided else CaseState.CLOSED,
        desk=SECTION_OF[topic],
        opened=opened,
        until=now,
    )
    if undecided:
        _go_on(life, chance, now)
    else:
        _end(life, chance, now)
    return life


def _go_on(life: Life, chance: Random, now: int) -> None:
    if life.state is CaseState.TRIAGE:
        life.desk = "triage"
    elif life.state is not CaseState.NEW:
        life.taken = _between(chance, life.opened, now)
    if life.state is CaseState.REFERRED:
        life.referred = _between(chance, life.taken or life.opened, now)


def _end(life: Life, chance: Random, now: int) -> None:
    quick = life.channel in _ON_THE_SPOT and chance.random() < 0.75  # noqa: PLR2004  (three calls in four)
    patience = HOUR // 5 if quick else int(chance.expovariate(1 / (DAY * 0.8))) + HOUR // 2
    life.taken = _between(chance, life.opened, min(now, life.opened + patience))
    life.answered = min(now, life.taken + int(chance.random() * patience / 2) + 60)
    if chance.random() < _ASKED_FURTHER:
        life.referred = _between(chance, life.taken, life.answered)
    if chance.random() < _STILL_ANSWERED:
        life.state = CaseState.ANSWERED
        return
    rest = 0 if quick else int(chance.random() * 3 * DAY)
    life.closed = life.until = min(now, life.answered + rest)


def _between(chance: Random, first: int, last: int) -> int:
    return first + int(chance.random() * max(last - first, 0))
