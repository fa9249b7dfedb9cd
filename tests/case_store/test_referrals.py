"""A question goes up the tiers and its answer comes back down; of two who settle it at once one is taken."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from case_store.cursors import Position
from case_store.errors import ForbiddenError, NotFoundError, StateError, VersionMismatchError
from case_store.handlers.referrals.asking import Question
from case_store.model import CaseState, ReferralState, Tier
from case_store.referring.steps import Verb
from case_store.staffing import Actor, Role, service
from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, routed

CODE, OTHER_CODE = mint(100, KEY), mint(101, KEY)
WHY = "چرا مستمری این ماه واریز نشده است؟"
ANSWER = "فهرست بانک فردا ارسال می‌شود."


@dataclass(frozen=True)
class Crew:
    """Who takes part."""

    agent: Actor
    expert: Actor
    liaison: Actor
    colleague: Actor
    stranger: Actor
    supervisor: Actor


@pytest.fixture
async def crew(store: Store) -> Crew:
    async def one(role: Role, unit: str) -> Actor:
        actor, _ = await store.a_member([role], [unit], name=f"{role}-{unit}-{uuid4().hex[:4]}")
        return actor

    crew = Crew(
        agent=await one(Role.AGENT, "retirement"),
        expert=await one(Role.EXPERT, "retirement"),
        liaison=await one(Role.LIAISON, "pensions_office"),
        colleague=await one(Role.LIAISON, "pensions_office"),
        stranger=await one(Role.LIAISON, "it_office"),
        supervisor=await one(Role.SUPERVISOR, "retirement"),
    )
    await store.file(routed(code=CODE))
    return crew


def of(tier: Tier, unit: str | None = None, text: str | None = WHY, assignee: UUID | None = None) -> Question:
    return Question(tier, unit, text, assignee)


TO_EXPERT = of(Tier.EXPERT)
TO_OFFICE = of(Tier.LIAISON, "pensions_office")


async def state_of(store: Store, code: str = CODE) -> CaseState:
    return CaseState((await store.rows("SELECT state FROM cases WHERE tracking_code = $1", code))[0]["state"])


async def referral(store: Store, referral_id: UUID) -> dict[str, Any]:
    return (await store.rows("SELECT * FROM referral WHERE id = $1", referral_id))[0]


async def test_a_question_goes_up_to_the_liaison_and_its_answer_down_to_the_person(store: Store, crew: Crew):
    verbs, watch = store.consulting.referrals, store.consulting.watch
    to_expert = await verbs.ask(crew.agent, CODE, TO_EXPERT, None)
    assert await state_of(store) is CaseState.REFERRED
    assert (await referral(store, to_expert))["unit_id"] == "retirement"

    await verbs.claim(crew.expert, to_expert, 1)
    to_liaison = await verbs.forward(crew.expert, to_expert, of(Tier.LIAISON, "pensions_office", None), 2)
    assert (await referral(store, to_expert))["state"] == ReferralState.FORWARDED
    below = await referral(store, to_liaison)
    assert (below["parent_id"], below["question"], below["tier"]) == (to_expert, WHY, "liaison")

    seen = await watch.find(crew.liaison, to_liaison)
    assert [row["question"] for row in seen["above"]] == [WHY]
    await verbs.claim(crew.liaison, to_liaison, 1)
    await verbs.answer(crew.liaison, to_liaison, ANSWER, 2)
    assert await state_of(store) is CaseState.REFERRED

    back = await watch.find(crew.expert, to_expert)
    assert (back["state"], back["assignee_id"]) == (ReferralState.OPEN, crew.expert.staff_id)
    assert [row["answer"] for row in back["below"]] == [ANSWER]
    await verbs.answer(crew.expert, to_expert, ANSWER, back["version"])
    assert await state_of(store) is CaseState.OPEN

    await store.staff.reply(crew.agent, CODE, "مستمری شما فردا واریز می‌شود.", None, key=None, version=None)
    assert await state_of(store) is CaseState.ANSWERED
    events = await store.rows("SELECT type, actor FROM case_event ORDER BY seq")
    assert [(event["type"], event["actor"]) for event in events[1:]] == [
        ("case_referred", crew.agent.name),
        ("referral_forwarded", crew.expert.name),
        ("referral_answered", crew.liaison.name),
        ("referral_answered", crew.expert.name),
        ("case_replied", crew.agent.name),
    ]
    audited = await store.rows("SELECT action, detail::text FROM audit_entry ORDER BY seq")
    assert [entry["action"] for entry in audited].count("referral_claimed") == 2
    assert not any(words in entry["detail"] for entry in audited for words in (WHY, ANSWER))
    await store.access.witness.flush()
    looked = await store.rows("SELECT actor FROM audit_entry WHERE action = 'referral_seen' ORDER BY seq")
    assert [entry["actor"] for entry in looked] == [crew.liaison.name, crew.expert.name]


async def test_a_unit_may_ask_two_others_at_once_and_answers_when_both_have(store: Store, crew: Crew):
    verbs = store.consulting.referrals
    top = await verbs.ask(crew.agent, CODE, TO_EXPERT, None)
    first = await verbs.ask_below(crew.expert, top, TO_OFFICE, code=CODE, version=None)
    question = of(Tier.LIAISON, "it_office", "سامانه چه می‌گوید؟")
    second = await verbs.ask_below(crew.expert, top, question, code=CODE, version=None)
    await verbs.answer(crew.liaison, first, ANSWER, None)
    assert (await referral(store, top))["state"] == ReferralState.FORWARDED
    with pytest.raises(StateError, match="forwarded"):
        await verbs.answer(crew.expert, top, ANSWER, None)
    await verbs.send_back(crew.stranger, second, "از ما نیست", None)
    assert (await referral(store, top))["state"] == ReferralState.OPEN
    assert (await referral(store, second))["answer"] == "از ما نیست"
    with pytest.raises(NotFoundError):
        await verbs.ask_below(crew.expert, top, TO_OFFICE, code=OTHER_CODE, version=None)


async def test_a_returned_question_opens_the_case_again(store: Store, crew: Crew):
    verbs = store.consulting.referrals
    asked = await verbs.ask(crew.agent, CODE, TO_OFFICE, None)
    await verbs.send_back(crew.liaison, asked, "کد ملی لازم است", None)
    row = await referral(store, asked)
    assert (row["state"], row["answer"], row["settled_by"]) == (
        "returned",
        "کد ملی لازم است",
        crew.liaison.name,
    )
    assert await state_of(store) is CaseState.OPEN
    note = await store.rows("SELECT note FROM case_event WHERE type = 'referral_returned'")
    assert note == [{"note": "کد ملی لازم است"}]


@pytest.mark.parametrize(
    ("question", "refused"),
    [
        (of(Tier.LIAISON), StateError),
        (of(Tier.LIAISON, "retirement"), StateError),
        (of(Tier.EXPERT, "pensions_office"), StateError),
        (of(Tier.AGENT, "retirement"), StateError),
        (of(Tier.LIAISON, "nowhere"), NotFoundError),
        (of(Tier.LIAISON, "pensions_office", WHY, uuid4()), StateError),
    ],
)
async def test_a_question_to_nobody_who_could_answer_is_refused(
    store: Store, crew: Crew, question: Question, refused: type[Exception]
):
    with pytest.raises(refused):
        await store.consulting.referrals.ask(crew.agent, CODE, question, None)
    assert await store.count("referral") == 0
    assert await state_of(store) is CaseState.NEW


async def test_a_question_may_be_meant_for_one_colleague(store: Store, crew: Crew):
    verbs = store.consulting.referrals
    meant = of(Tier.LIAISON, "pensions_office", WHY, crew.liaison.staff_id)
    asked = await verbs.ask(crew.agent, CODE, meant, None)
    with pytest.raises(StateError, match=crew.liaison.name):
        await verbs.claim(crew.colleague, asked, None)
    await verbs.claim(crew.liaison, asked, None)
    assert (await referral(store, asked))["version"] == 1
    with pytest.raises(StateError):
        await verbs.claim(service(), asked, None)
    agents_are_no_liaisons = of(Tier.LIAISON, "pensions_office", WHY, crew.agent.staff_id)
    with pytest.raises(StateError):
        await verbs.ask(crew.agent, CODE, agents_are_no_liaisons, None)


async def do(store: Store, verb: Verb, actor: Actor, referral_id: UUID, version: int | None = None) -> None:
    verbs = store.consulting.referrals
    match verb:
        case Verb.CLAIM:
            await verbs.claim(actor, referral_id, version)
        case Verb.ANSWER:
            await verbs.answer(actor, referral_id, ANSWER, version)
        case Verb.RETURN:
            await verbs.send_back(actor, referral_id, "نه", version)
        case Verb.FORWARD:
            await verbs.forward(actor, referral_id, of(Tier.LIAISON, "it_office"), version)
        case Verb.ASK_BELOW:
            await verbs.ask_below(actor, referral_id, of(Tier.LIAISON, "it_office"), code=CODE, version=None)
        case Verb.RECALL:
            await verbs.recall(actor, referral_id, "لازم نیست", version)


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("ended", [Verb.ANSWER, Verb.RETURN, Verb.RECALL])
async def test_nothing_is_done_to_what_is_settled(store: Store, crew: Crew, ended: Verb, verb: Verb):
    asked = await store.consulting.referrals.ask(crew.agent, CODE, TO_OFFICE, None)
    await do(store, ended, crew.agent if ended is Verb.RECALL else crew.liaison, asked)
    before = await referral(store, asked)
    with pytest.raises(StateError, match=before["settled_by"]):
        await do(store, verb, crew.agent if verb is Verb.RECALL else crew.colleague, asked)
    assert await referral(store, asked) == before
    assert await state_of(store) is CaseState.OPEN


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb is not Verb.RECALL])
async def test_a_referral_is_settled_by_its_own_unit_alone(store: Store, crew: Crew, verb: Verb):
    asked = await store.consulting.referrals.ask(crew.agent, CODE, TO_OFFICE, None)
    for outsider, told in (
        (crew.agent, ForbiddenError),  # no right
        (crew.expert, ForbiddenError),  # the right, another unit
        (crew.supervisor, ForbiddenError),
        (crew.stranger, NotFoundError),  # the case is not there for them
    ):
        with pytest.raises(told):
            await do(store, verb, outsider, asked)
    assert (await referral(store, asked))["version"] == 1


async def test_only_who_asked_or_a_supervisor_takes_a_question_back(store: Store, crew: Crew):
    verbs = store.consulting.referrals
    asked = await verbs.ask(crew.agent, CODE, TO_OFFICE, None)
    for outsider in (crew.expert, crew.liaison):
        with pytest.raises(ForbiddenError):
            await verbs.recall(outsider, asked, "نه", None)
    await verbs.recall(crew.supervisor, asked, "تکراری", None)
    assert (await referral(store, asked))["settled_by"] == crew.supervisor.name


async def test_what_was_asked_because_of_it_is_taken_back_as_well(store: Store, crew: Crew):
    verbs = store.consulting.referrals
    top = await verbs.ask(crew.agent, CODE, TO_EXPERT, None)
    middle = await verbs.forward(crew.expert, top, TO_OFFICE, None)
    lowest = await verbs.forward(crew.liaison, middle, of(Tier.LIAISON, "it_office"), None)
    await verbs.recall(crew.agent, top, "حل شد", None)
    states = {row["id"]: row["state"] for row in await store.rows("SELECT id, state FROM referral")}
    assert states == dict.fromkeys((top, middle, lowest), "recalled")
    assert await store.rows("SELECT 1 FROM clock WHERE referral_id IS NOT NULL AND stopped_at IS NULL") == []
    assert await state_of(store) is CaseState.OPEN


async def test_a_part_taken_back_gives_the_question_to_its_unit_again(store: Store, crew: Crew):
    verbs = store.consulting.referrals
    top = await verbs.ask(crew.agent, CODE, TO_OFFICE, None)
    part = await verbs.forward(crew.liaison, top, of(Tier.LIAISON, "it_office"), None)
    await verbs.recall(crew.liaison, part, "خودمان می‌دانیم", None)
    await verbs.answer(crew.colleague, top, ANSWER, None)
    assert await state_of(store) is CaseState.OPEN


async def test_a_closed_case_asks_nobody_and_an_answered_one_is_due_anew(store: Store, crew: Crew):
    verbs = store.consulting.referrals
    await store.staff.reply(crew.agent, CODE, "بررسی می‌کنیم.", None, key=None, version=None)
    assert await running(store) == []
    await verbs.ask(crew.agent, CODE, TO_OFFICE, None)
    assert await state_of(store) is CaseState.REFERRED
    assert [row["tier"] for row in await running(store)] == ["agent", "liaison"]
    await store.file(routed(code=OTHER_CODE, sender="+989120000002"))
    await store.staff.close(crew.agent, OTHER_CODE, "answered", None, notify=False, version=None)
    with pytest.raises(StateError, match="closed"):
        await verbs.ask(crew.agent, OTHER_CODE, TO_OFFICE, None)


async def running(store: Store) -> list[dict[str, Any]]:
    return await store.rows(
        "SELECT tier, referral_id, due_at FROM clock WHERE stopped_at IS NULL ORDER BY tier, started_at"
    )


async def test_every_referral_has_a_clock_of_its_own(store: Store, crew: Crew):
    verbs = store.consulting.referrals
    own = (await running(store))[0]
    top = await verbs.ask(crew.agent, CODE, TO_EXPERT, None)
    assert await running(store) == [own, {**(await running(store))[1], "referral_id": top}]
    assert (await referral(store, top))["due_at"] == (await running(store))[1]["due_at"]

    lower = await verbs.forward(crew.expert, top, TO_OFFICE, None)
    assert [row["referral_id"] for row in await running(store)] == [None, lower]
    assert (await running(store))[0] == own

    await verbs.answer(crew.liaison, lower, ANSWER, None)
    assert [row["referral_id"] for row in await running(store)] == [None, top]
    clocks = await store.rows("SELECT started_at FROM clock WHERE referral_id = $1", top)
    assert len(clocks) == 2

    await store.rows("UPDATE cases SET version = version + 1")  # something else happens meanwhile
    await verbs.answer(crew.expert, top, ANSWER, None)
    assert await running(store) == [own]
    due = await store.rows("SELECT due_at FROM cases")
    assert due == [{"due_at": own["due_at"]}]


async def test_of_two_answers_at_once_one_is_taken_and_the_other_is_told(store: Store, crew: Crew):
    verbs = store.consulting.referrals
    for _ in range(5):
        asked = await verbs.ask(crew.agent, CODE, TO_OFFICE, None)
        outcomes = await asyncio.gather(
            verbs.answer(crew.liaison, asked, "از من", 1),
            verbs.answer(crew.colleague, asked, "از او", None),
            verbs.send_back(crew.colleague, asked, "نه", None),
            return_exceptions=True,
        )
        told = [outcome for outcome in outcomes if outcome is not None]
        assert len(told) == 2
        row = await referral(store, asked)
        for refusal in told:
            assert isinstance(refusal, StateError | VersionMismatchError)
            if isinstance(refusal, StateError):
                assert refusal.members["by"] == row["settled_by"]
    settled = await store.rows(
        "SELECT 1 FROM case_event WHERE type IN ('referral_answered', 'referral_returned')"
    )
    assert len(settled) == 5


async def test_an_answer_and_a_recall_at_once_leave_one_outcome(store: Store, crew: Crew):
    verbs = store.consulting.referrals
    for _ in range(5):
        top = await verbs.ask(crew.agent, CODE, TO_EXPERT, None)
        lower = await verbs.forward(crew.expert, top, TO_OFFICE, None)
        outcomes = await asyncio.gather(
            verbs.answer(crew.liaison, lower, ANSWER, None),
            verbs.recall(crew.agent, top, "لازم نیست", None),
            return_exceptions=True,
        )
        answered, taken_back = (outcome is None for outcome in outcomes)
        assert taken_back  # a recall takes back whatever is left, an answered part too early to matter
        row = await referral(store, lower)
        assert row["state"] == ("answered" if answered else "recalled")
        assert (await referral(store, top))["state"] == "recalled"
        assert await state_of(store) is CaseState.OPEN
        assert [clock["tier"] for clock in await running(store)] == ["agent"]


async def test_a_referral_that_changed_since_it_was_read_is_left_alone(store: Store, crew: Crew):
    verbs = store.consulting.referrals
    asked = await verbs.ask(crew.agent, CODE, TO_OFFICE, None)
    await verbs.claim(crew.colleague, asked, 1)
    with pytest.raises(VersionMismatchError):
        await verbs.answer(crew.liaison, asked, ANSWER, 1)
    with pytest.raises(VersionMismatchError):
        await verbs.ask(crew.agent, CODE, TO_OFFICE, 1)
    await verbs.answer(crew.liaison, asked, ANSWER, 2)


async def test_a_liaison_sees_the_conversation_and_their_own_line_alone(store: Store, crew: Crew):
    verbs, watch = store.consulting.referrals, store.consulting.watch
    with pytest.raises(NotFoundError):
        await store.cases.find(crew.liaison, CODE)
    await store.staff.note(crew.agent, CODE, "این شخص پیش از این هم گفته بود", None, version=None)
    ours = await verbs.ask(crew.agent, CODE, TO_OFFICE, None)
    other = await verbs.ask(crew.agent, CODE, of(Tier.LIAISON, "it_office", "خطای سامانه؟"), None)
    seen = await store.cases.find(crew.liaison, CODE)
    assert [row["id"] for row in seen["referrals"]] == [ours]
    assert (seen["notes"], seen["person"]["addresses"]) == ([], [])
    assert [message["text"] for message in seen["messages"]] == [routed().envelope.text]
    told = str(seen)
    assert "خطای سامانه" not in told
    assert "+98912" not in told
    assert [row["id"] for row in (await store.cases.find(crew.agent, CODE))["referrals"]] == [ours, other]
    with pytest.raises(NotFoundError):
        await watch.find(crew.liaison, other)
    with pytest.raises(ForbiddenError):
        await verbs.ask(crew.liaison, CODE, of(Tier.LIAISON, "it_office"), None)


async def test_an_expert_asked_by_another_section_asks_below_their_own_referral(store: Store, crew: Crew):
    verbs = store.consulting.referrals
    consulted, _ = await store.a_member([Role.EXPERT], ["insurance"])
    top = await verbs.ask(crew.agent, CODE, of(Tier.EXPERT, "insurance"), None)
    with pytest.raises(ForbiddenError, match="below"):
        await verbs.ask(consulted, CODE, TO_OFFICE, None)
    await verbs.ask_below(consulted, top, TO_OFFICE, code=CODE, version=None)


async def test_the_watch_list_shows_the_nearest_deadline_first_page_by_page(store: Store, crew: Crew):
    verbs, watch = store.consulting.referrals, store.consulting.watch
    now = datetime.now(UTC)
    asked = [await verbs.ask(crew.agent, CODE, TO_OFFICE, None) for _ in range(5)]
    elsewhere = await verbs.ask(crew.agent, CODE, of(Tier.LIAISON, "it_office"), None)
    for hours, one in zip((3, -2, 1, -2, 2), asked, strict=True):
        await store.rows("UPDATE referral SET due_at = $2 WHERE id = $1", one, now + timedelta(hours=hours))

    async def page(actor: Actor, **given: object) -> list[dict[str, Any]]:
        wanted: dict[str, Any] = {
            "state": ReferralState.OPEN,
            "unit": None,
            "overdue": False,
            "mine": False,
            "after": None,
        }
        return await watch.page(actor, **wanted | {"limit": 50} | given)

    first = await page(crew.liaison, limit=3)
    rest = await page(crew.liaison, after=Position(first[-1]["due_at"], first[-1]["id"]))
    due = [row["due_at"] for row in first + rest]
    assert due == sorted(due)
    assert {row["id"] for row in first + rest} == set(asked)
    assert [row["overdue"] for row in first + rest] == [True, True, False, False, False]
    assert {row["id"] for row in await page(crew.liaison, overdue=True)} == {asked[1], asked[3]}
    assert {row["id"] for row in await page(crew.stranger)} == {elsewhere}
    assert {row["id"] for row in await page(crew.supervisor, unit="it_office")} == {elsewhere}
    assert len(await page(crew.agent, mine=True)) == 6
    await verbs.claim(crew.liaison, asked[0], None)
    assert [row["id"] for row in await page(crew.liaison, mine=True)] == [asked[0]]
    await verbs.answer(crew.liaison, asked[0], ANSWER, None)
    assert [row["id"] for row in await page(crew.liaison, state=ReferralState.ANSWERED)] == [asked[0]]
    assert first[0]["tracking_code"] == CODE
    assert Verb.ANSWER in first[0]["may"]
