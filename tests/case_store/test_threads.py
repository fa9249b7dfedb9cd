"""Which case a message belongs to, as a table."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from case_store.model import Case, CaseState, Windows
from case_store.threads import Step, decide
from envelope.models import Channel, Intent, Language
from envelope.taxonomy import SECTION_OF, Audience, Kind, Topic
from tests.case_store.conftest import routed

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
ME, SOMEBODY_ELSE = UUID(int=1), UUID(int=2)
LONG = "می‌خواستم بدانم برای دریافت دفترچه تازه چه مدارکی لازم است و کجا باید بروم"


def a_case(
    topic: Topic = Topic.PENSION_PAYMENT,
    state: CaseState = CaseState.OPEN,
    *,
    ago: timedelta = timedelta(minutes=5),
    owner: UUID = ME,
    desk: str | None = None,
) -> Case:
    return Case(
        id=uuid4(),
        contact_id=owner,
        tracking_code="1234567897",
        state=state,
        channel=Channel.SMS,
        line="10001420",
        topic=topic,
        section=SECTION_OF[topic],
        kind=Kind.QUESTION,
        audience=Audience.UNKNOWN,
        province=None,
        desk=desk or SECTION_OF[topic],
        language=Language.FA,
        opened_at=NOW - ago,
        last_activity_at=NOW - ago,
        closed_at=NOW - ago if state is CaseState.CLOSED else None,
    )


def message(text: str = LONG, topic: Topic = Topic.PENSION_PAYMENT, **others):
    return routed(text, topic=topic, at=NOW, **others)


DAY = timedelta(days=1)
OPEN, ANSWERED, CLOSED = CaseState.OPEN, CaseState.ANSWERED, CaseState.CLOSED


@pytest.mark.parametrize(
    ("what", "case", "said", "step"),
    [
        ("the same topic goes on", a_case(), message(), Step.JOIN),
        ("and after two days", a_case(ago=2 * DAY), message(), Step.JOIN),
        ("but not after four", a_case(ago=4 * DAY), message(), Step.OPEN),
        ("an answered case goes on", a_case(state=ANSWERED), message(), Step.JOIN),
        ("another section is another matter", a_case(), message(topic=Topic.E_PRESCRIPTION), Step.OPEN),
        ("the same section in one breath", a_case(), message(topic=Topic.PENSIONER_WELFARE), Step.JOIN),
        (
            "the same section hours later is another matter",
            a_case(ago=timedelta(hours=2)),
            message(topic=Topic.PENSIONER_WELFARE),
            Step.OPEN,
        ),
        (
            "a topic of the same section chosen in a menu is another matter",
            a_case(),
            message("هنوز نیامده", topic=Topic.PENSIONER_WELFARE, chosen=True),
            Step.OPEN,
        ),
        ("the same topic chosen in a menu goes on", a_case(), message(chosen=True), Step.JOIN),
        ("what triage must read goes on", a_case(), message(topic=Topic.OTHER, desk="triage"), Step.JOIN),
        ("a few letters go on", a_case(), message("هنوز نیامده", topic=Topic.E_PRESCRIPTION), Step.JOIN),
        (
            "a greeting is followed by the matter",
            a_case(Topic.OTHER, CaseState.TRIAGE, desk="triage"),
            message(),
            Step.JOIN,
        ),
        (
            "two matters of no known topic an age apart",
            a_case(Topic.OTHER, ago=4 * DAY),
            message(topic=Topic.OTHER),
            Step.OPEN,
        ),
        (
            "a reply to a closed case opens it again",
            a_case(state=CLOSED, ago=10 * DAY),
            message(),
            Step.REOPEN,
        ),
        ("but not after the window", a_case(state=CLOSED, ago=15 * DAY), message(), Step.OPEN),
        (
            "another matter does not open a closed case",
            a_case(state=CLOSED),
            message(topic=Topic.E_PRESCRIPTION),
            Step.OPEN,
        ),
        (
            "thanks do not open a closed case",
            a_case(state=CLOSED),
            message("ممنون از شما", kind=Kind.APPRECIATION),
            Step.NOTE,
        ),
        ("a rating opens nothing", a_case(state=CLOSED), message("5", intent=Intent.RATING), Step.NOTE),
        ("a command opens nothing", a_case(state=CLOSED), message("لغو", intent=Intent.OPT_OUT), Step.NOTE),
        ("a status question opens nothing", a_case(), message("پیگیری", intent=Intent.STATUS), Step.NOTE),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_a_message_without_a_code(what, case, said, step):
    assert decide(said, ME, [case], [], Windows()).step is step


@pytest.mark.parametrize("intent", [Intent.RATING, Intent.STATUS, Intent.HELP, Intent.OPT_OUT, Intent.OPT_IN])
def test_nothing_but_a_matter_ever_opens_a_case(intent):
    decision = decide(message("5", intent=intent), ME, [], [], Windows())
    assert decision.step is Step.NOTE
    assert decision.case is None


def test_a_cited_code_wins_over_topic_and_time():
    cited = a_case(Topic.UNEMPLOYMENT, ago=30 * DAY)
    decision = decide(message(), ME, [a_case()], [cited], Windows())
    assert decision.step is Step.JOIN
    assert decision.case is cited


def test_a_cited_code_of_somebody_else_counts_for_nothing():
    theirs = a_case(owner=SOMEBODY_ELSE)
    decision = decide(message(), ME, [], [theirs], Windows())
    assert decision.step is Step.OPEN
    assert decision.case is None
    mine = a_case()
    assert decide(message(), ME, [mine], [theirs], Windows()).case is mine


def test_a_cited_closed_case_is_opened_again_or_followed():
    recent, old = a_case(state=CLOSED, ago=13 * DAY), a_case(state=CLOSED, ago=15 * DAY)
    assert decide(message(), ME, [], [recent], Windows()).step is Step.REOPEN
    decision = decide(message(), ME, [], [old], Windows())
    assert decision.step is Step.OPEN
    assert decision.case is old


def test_of_two_open_cases_the_one_on_the_topic_is_continued():
    other, same = a_case(Topic.OTHER, desk="triage"), a_case(ago=DAY)
    assert decide(message(), ME, [other, same], [], Windows()).case is same


def test_an_open_case_is_preferred_to_opening_a_closed_one():
    opened, closed = a_case(ago=DAY), a_case(state=CLOSED)
    assert decide(message(), ME, [closed, opened], [], Windows()).case is opened
