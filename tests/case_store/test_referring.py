"""What a verb makes of a referral, of those around it and of its case; and who sees what of it."""

from datetime import UTC, datetime
from itertools import product
from uuid import UUID, uuid4

import pytest

from case_store.errors import ForbiddenError, StateError
from case_store.model import CaseState, ReferralState, Tier, UnitKind
from case_store.referring import sight
from case_store.referring.steps import (
    AFTER,
    LIVE,
    Referral,
    Unit,
    Verb,
    below,
    case_state,
    come_back,
    demand_fitting,
)
from case_store.staffing import Actor, Role, member, service

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
OPEN, FORWARDED = ReferralState.OPEN, ReferralState.FORWARDED
ANSWERED, RETURNED, RECALLED = ReferralState.ANSWERED, ReferralState.RETURNED, ReferralState.RECALLED


def referral(
    parent: Referral | None = None,
    *,
    state: ReferralState = OPEN,
    unit: str = "pensions_office",
    tier: Tier = Tier.LIAISON,
    asked_by_id: UUID | None = None,
) -> Referral:
    return Referral(
        id=uuid4(),
        case_id=UUID(int=1),
        parent_id=parent.id if parent else None,
        tier=tier,
        unit_id=unit,
        assignee_id=None,
        state=state,
        question="چرا؟",
        asked_by="agent",
        asked_by_id=asked_by_id,
        asked_at=NOW,
        due_at=NOW,
    )


def somebody(*roles: Role, units: tuple[str, ...] = (), desks: tuple[str, ...] = ()) -> Actor:
    return member(uuid4(), "somebody", frozenset(roles), frozenset(units), frozenset(desks))


STEPS = {
    (OPEN, Verb.CLAIM): OPEN,
    (OPEN, Verb.ANSWER): ANSWERED,
    (OPEN, Verb.RETURN): RETURNED,
    (OPEN, Verb.FORWARD): FORWARDED,
    (OPEN, Verb.ASK_BELOW): FORWARDED,
    (OPEN, Verb.RECALL): RECALLED,
    (FORWARDED, Verb.ASK_BELOW): FORWARDED,
    (FORWARDED, Verb.RECALL): RECALLED,
}


@pytest.mark.parametrize(("state", "verb"), list(product(ReferralState, Verb)))
def test_every_step_is_in_the_table_or_refused(state: ReferralState, verb: Verb):
    one = referral(state=state)
    if (state, verb) in STEPS:
        one.step(verb)
        assert one.state is STEPS[state, verb]
    else:
        with pytest.raises(StateError):
            one.step(verb)
        assert one.state is state
    assert AFTER.keys() == STEPS.keys()


def test_who_comes_second_is_told_who_was_first():
    one = referral()
    one.settle(Verb.ANSWER, "فردا", "liaison-1", NOW)
    with pytest.raises(StateError, match="answered by liaison-1") as refused:
        one.settle(Verb.RETURN, "از ما نیست", "liaison-2", NOW)
    assert (one.answer, one.settled_by) == ("فردا", "liaison-1")
    assert refused.value.members == {"state": ANSWERED, "by": "liaison-1", "at": NOW}


def test_the_question_comes_back_up_when_the_last_one_below_is_settled():
    top = referral(state=FORWARDED, tier=Tier.EXPERT, unit="retirement")
    first, second = referral(top), referral(top, unit="it_office")
    family = [top, first, second]
    first.settle(Verb.ANSWER, "بله", "liaison", NOW)
    assert come_back(first, family) is None
    assert top.state is FORWARDED
    second.settle(Verb.RETURN, "از ما نیست", "liaison", NOW)
    assert come_back(second, family) is top
    assert top.state is OPEN


def test_nothing_comes_back_to_a_question_that_was_taken_back():
    top = referral(state=RECALLED)
    child = referral(top, state=ANSWERED)
    assert come_back(child, [top, child]) is None
    assert top.state is RECALLED
    assert come_back(top, [top, child]) is None


def test_below_is_everything_that_was_asked_because_of_it():
    top = referral()
    child, other = referral(top), referral()
    grandchild = referral(child)
    assert below(top, [grandchild, other, child, top]) == [child, grandchild]
    assert below(grandchild, [top, child, grandchild]) == []


@pytest.mark.parametrize("before", CaseState)
@pytest.mark.parametrize("states", [(), (OPEN,), (FORWARDED, OPEN), (ANSWERED, RETURNED), (RECALLED,)])
def test_a_case_is_referred_while_any_question_of_it_is_live(
    before: CaseState, states: tuple[ReferralState, ...]
):
    after = case_state(before, [referral(state=state) for state in states])
    live = any(state in LIVE for state in states)
    if before is CaseState.CLOSED:
        assert after is CaseState.CLOSED
    else:
        assert after is (CaseState.REFERRED if live else CaseState.OPEN)


SECTION = Unit("retirement", UnitKind.SECTION, "واحد بازنشستگی", active=True)
OFFICE = Unit("pensions_office", UnitKind.SPECIALISED, "اداره‌کل امور مستمری‌ها", active=True)


@pytest.mark.parametrize(
    ("tier", "unit", "above"),
    [
        (Tier.AGENT, SECTION, None),
        (Tier.EXPERT, OFFICE, None),
        (Tier.LIAISON, SECTION, None),
        (Tier.LIAISON, Unit("old", UnitKind.SPECIALISED, "قدیم", active=False), None),
        (Tier.LIAISON, OFFICE, referral(unit="pensions_office")),
        (Tier.EXPERT, SECTION, referral(unit="it_office", tier=Tier.LIAISON)),
    ],
)
def test_a_unit_that_cannot_be_asked_is_refused(tier: Tier, unit: Unit, above: Referral | None):
    with pytest.raises(StateError):
        demand_fitting(tier, unit, above)


@pytest.mark.parametrize(
    ("tier", "unit", "above"),
    [
        (Tier.EXPERT, SECTION, None),
        (Tier.LIAISON, OFFICE, None),
        (Tier.LIAISON, OFFICE, referral(unit="retirement", tier=Tier.EXPERT)),
        (Tier.LIAISON, OFFICE, referral(unit="it_office", tier=Tier.LIAISON)),
        (Tier.EXPERT, SECTION, referral(unit="general", tier=Tier.EXPERT)),
    ],
)
def test_questions_go_up_or_across(tier: Tier, unit: Unit, above: Referral | None):
    demand_fitting(tier, unit, above)


def test_only_staff_of_the_unit_settle_and_only_the_asker_or_a_supervisor_recalls():
    asker = somebody(Role.AGENT, units=("retirement",), desks=("retirement",))
    one = referral(asked_by_id=asker.staff_id)
    liaison = somebody(Role.LIAISON, units=("pensions_office",))
    stranger = somebody(Role.LIAISON, units=("it_office",))
    supervisor = somebody(Role.SUPERVISOR, units=("retirement",))
    auditor = somebody(Role.AUDITOR, units=("pensions_office",))
    settling = [Verb.CLAIM, Verb.ANSWER, Verb.RETURN, Verb.FORWARD, Verb.ASK_BELOW]
    assert sight.verbs(liaison, one) == settling
    assert sight.verbs(asker, one) == sight.verbs(supervisor, one) == [Verb.RECALL]
    assert sight.verbs(stranger, one) == sight.verbs(auditor, one) == []
    assert sight.verbs(service(), one) == list(Verb)
    with pytest.raises(ForbiddenError):
        sight.demand(stranger, Verb.ANSWER, one)
    one.settle(Verb.ANSWER, "بله", "liaison", NOW)
    assert sight.verbs(liaison, one) == []


def test_somebody_who_was_only_asked_sees_the_line_that_led_to_them_and_no_other():
    top = referral(unit="retirement", tier=Tier.EXPERT)
    ours, beside = referral(top), referral(top, unit="it_office")
    under = referral(ours, unit="branches_office")
    apart = referral(unit="insurance_deputy")
    family = [top, ours, beside, under, apart]

    def seen(actor: Actor) -> set[UUID]:
        return sight.chain(actor, "retirement", family)

    everything = {one.id for one in family}
    assert seen(somebody(Role.LIAISON, units=("pensions_office",))) == {top.id, ours.id, under.id}
    assert seen(somebody(Role.LIAISON, units=("branches_office",))) == {top.id, ours.id, under.id}
    assert seen(somebody(Role.LIAISON, units=("it_office",))) == {top.id, beside.id}
    assert seen(somebody(Role.LIAISON, units=("insurance_deputy",))) == {apart.id}
    assert seen(somebody(Role.LIAISON, units=("retirement",), desks=("retirement",))) == everything - {
        apart.id
    }
    assert seen(somebody(Role.AGENT, units=("retirement",), desks=("retirement",))) == everything
    assert seen(somebody(Role.SUPERVISOR)) == seen(somebody(Role.AUDITOR)) == everything
    assert seen(somebody(Role.EXPERT, units=("insurance",), desks=("insurance",))) == set()


def test_a_case_is_shown_without_what_is_the_centres_alone():
    ours, other = referral(), referral(unit="it_office")
    case = {
        "desk": "retirement",
        "messages": [{"text": "سلام", "sender": "+98912"}],
        "notes": ["یادداشت"],
        "links": ["1"],
        "other_cases": ["2"],
        "corrections": ["3"],
        "person": {"name": "مریم", "addresses": ["+98912"], "national_id": "0013542419"},
        "events": [{"type": "referral_returned", "note": "دلیل"}],
        "clocks": [{"referral_id": one} for one in (None, ours.id, other.id)],
        "referrals": [
            {name: getattr(one, name) for name in ("id", "parent_id", "unit_id", "state", "asked_by_id")}
            for one in (ours, other)
        ],
    }
    shown = sight.visible(somebody(Role.LIAISON, units=("pensions_office",)), case)
    assert shown["messages"] == [{"text": "سلام", "sender": None}]
    assert [shown[name] for name in ("notes", "links", "other_cases", "corrections")] == [[]] * 4
    assert shown["person"] == {"name": "مریم", "addresses": [], "national_id": None}
    assert shown["events"] == [{"type": "referral_returned", "note": None}]
    assert [row["id"] for row in shown["referrals"]] == [ours.id]
    assert [clock["referral_id"] for clock in shown["clocks"]] == [None, ours.id]
    assert sight.visible(somebody(Role.AGENT, desks=("retirement",)), case) == case
