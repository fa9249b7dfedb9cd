"""Standard answers: written by one, approved by another, offered while valid, found, suggested, counted."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from case_store.approval import Step
from case_store.errors import ForbiddenError, NotFoundError, StateError, VersionMismatchError
from case_store.handlers.staff import AnswerUsed
from case_store.handlers.standard_answers import Draft
from case_store.model import AnswerState
from case_store.repository.answer_lists import Wanted
from case_store.staffing import Actor, Role, service
from envelope.models import Language
from envelope.parts import estimate
from envelope.taxonomy import Kind, Topic
from envelope.tracking import mint
from persian.dates import tehran_date
from persian.search import search_key, search_terms
from tests.case_store.conftest import KEY, Store, routed

CODE = mint(1, KEY)
FISH = Draft("فیش مستمری", "فیش حقوق در سامانه است.")


@pytest.fixture
async def staff(store: Store) -> tuple[Actor, Actor, Actor]:
    """Who writes, who approves, and an agent."""
    writer, _ = await store.a_member([Role.EXPERT])
    approver, _ = await store.a_member([Role.SUPERVISOR])
    agent, _ = await store.a_member([Role.AGENT])
    return writer, approver, agent


async def approved(store: Store, staff, draft: Draft = FISH, **about) -> UUID:
    writer, approver, _ = staff
    about = {"topic": Topic.PENSION_PAYMENT, "kind": None, "shortcut": None} | about
    answer_id = await store.knowledge.answers.write(writer, **about, draft=draft)
    await step(store, writer, answer_id, 1, Step.SUBMIT)
    await step(store, approver, answer_id, 1, Step.APPROVE)
    return answer_id


async def step(store: Store, actor: Actor, answer_id: UUID, number: int, which: Step) -> None:
    await store.knowledge.answers.decide(actor, answer_id, number, which, None, None)


async def listed(store: Store, actor: Actor, q: str = "", **narrowed) -> list[str]:
    wanted = Wanted(**narrowed, terms=search_terms(q), key=search_key(q))
    return [row["title"] for row in await store.knowledge.answers.page(actor, wanted, None, 50)]


async def suggested(store: Store, actor: Actor) -> list[str]:
    return [row["title"] for row in await store.knowledge.suggestions.of_case(actor, CODE)]


async def test_a_version_is_offered_once_somebody_else_has_approved_it(store: Store, staff):
    writer, approver, agent = staff
    answer_id = await store.knowledge.answers.write(writer, Topic.PENSION_PAYMENT, None, "/fish", FISH)
    for which, actor in ((Step.SUBMIT, writer), (Step.APPROVE, approver)):
        assert await listed(store, agent) == []
        with pytest.raises(NotFoundError):
            await store.knowledge.answers.find(agent, answer_id)
        await step(store, actor, answer_id, 1, which)
    assert await listed(store, agent) == [FISH.title]
    [version] = (await store.knowledge.answers.find(agent, answer_id))["versions"]
    assert (version["offered"], version["decided_by"]) == (True, approver.name)


async def test_nobody_approves_what_they_wrote(store: Store, staff):
    _, approver, _ = staff
    answer_id = await store.knowledge.answers.write(approver, Topic.OTHER, None, None, FISH)
    await step(store, approver, answer_id, 1, Step.SUBMIT)
    with pytest.raises(ForbiddenError):
        await step(store, approver, answer_id, 1, Step.APPROVE)
    other, _ = await store.a_member([Role.SUPERVISOR], name=approver.name)
    await step(store, other, answer_id, 1, Step.APPROVE)


@pytest.mark.parametrize("which", list(Step))
@pytest.mark.parametrize("role", [Role.AGENT, Role.LIAISON, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_the_steps_are_for_those_with_the_right(store: Store, staff, which: Step, role: Role):
    answer_id = await store.knowledge.answers.write(staff[0], Topic.OTHER, None, None, FISH)
    actor, _ = await store.a_member([role])
    with pytest.raises(ForbiddenError):
        await step(store, actor, answer_id, 1, which)
    with pytest.raises(ForbiddenError):
        await store.knowledge.answers.write(actor, Topic.OTHER, None, None, FISH)
    with pytest.raises(ForbiddenError):
        await store.knowledge.answers.retire(actor, answer_id, None)


@pytest.mark.parametrize(
    ("taken", "refused"),
    [
        ([], [Step.APPROVE, Step.REFUSE]),
        ([Step.SUBMIT], [Step.SUBMIT]),
        ([Step.SUBMIT, Step.APPROVE], [Step.SUBMIT, Step.APPROVE, Step.REFUSE]),
        ([Step.SUBMIT, Step.REFUSE], list(Step)),
        ([Step.WITHDRAW], list(Step)),
        ([Step.SUBMIT, Step.APPROVE, Step.WITHDRAW], list(Step)),
    ],
)
async def test_a_step_that_does_not_fit_is_refused(store: Store, staff, taken, refused):
    writer, approver, _ = staff
    answer_id = await store.knowledge.answers.write(writer, Topic.OTHER, None, None, FISH)
    for which in taken:
        await step(store, approver, answer_id, 1, which)
    for which in refused:
        with pytest.raises(StateError):
            await step(store, approver, answer_id, 1, which)


async def test_a_new_version_takes_over_only_when_it_is_approved(store: Store, staff):
    writer, approver, agent = staff
    answer_id = await approved(store, staff)
    newer = FISH._replace(title="فیش تازه")
    assert await store.knowledge.answers.add_version(writer, answer_id, newer, None) == 2
    assert await listed(store, agent) == [FISH.title]
    await step(store, writer, answer_id, 2, Step.SUBMIT)
    await step(store, approver, answer_id, 2, Step.APPROVE)
    assert await listed(store, agent) == [newer.title]
    await step(store, approver, answer_id, 2, Step.WITHDRAW)
    assert await listed(store, agent) == [FISH.title]


@pytest.mark.parametrize(
    ("begins", "ends", "offered"),
    [(0, 0, True), (-1, 1, True), (1, None, False), (None, -1, False), (None, 0, True), (0, None, True)],
)
async def test_only_what_is_valid_today_is_offered(store: Store, staff, begins, ends, offered):
    def day(offset: int | None):
        return None if offset is None else tehran_date(datetime.now(UTC)) + timedelta(days=offset)

    await store.file(routed(code=CODE))
    await approved(store, staff, FISH._replace(valid_from=day(begins), valid_to=day(ends)))
    assert await listed(store, staff[2]) == [FISH.title] * offered
    assert await suggested(store, staff[2]) == [FISH.title] * offered


async def test_a_retired_answer_is_offered_no_more_and_frees_its_shortcut(store: Store, staff):
    writer, approver, agent = staff
    await store.file(routed(code=CODE))
    answer_id = await approved(store, staff, shortcut="/fish")
    with pytest.raises(StateError, match="shortcut"):
        await store.knowledge.answers.write(writer, Topic.OTHER, None, "/fish", FISH)
    await store.knowledge.answers.retire(approver, answer_id, None)
    assert await listed(store, agent) == await suggested(store, agent) == []
    await store.knowledge.answers.write(writer, Topic.OTHER, None, "/fish", FISH)
    with pytest.raises(StateError, match="retired"):
        await store.knowledge.answers.add_version(writer, answer_id, FISH, None)


async def test_whoever_read_an_older_version_is_told(store: Store, staff):
    writer, approver, _ = staff
    answer_id = await store.knowledge.answers.write(writer, Topic.OTHER, None, None, FISH)
    await store.knowledge.answers.add_version(writer, answer_id, FISH, 1)
    with pytest.raises(VersionMismatchError):
        await store.knowledge.answers.decide(writer, answer_id, 1, Step.SUBMIT, None, 1)
    with pytest.raises(VersionMismatchError):
        await store.knowledge.answers.retire(approver, answer_id, 1)


async def test_two_who_decide_at_once_do_not_both(store: Store, staff):
    writer, approver, _ = staff
    answer_id = await store.knowledge.answers.write(writer, Topic.OTHER, None, None, FISH)
    await step(store, writer, answer_id, 1, Step.SUBMIT)
    outcomes = await asyncio.gather(
        *(step(store, approver, answer_id, 1, which) for which in (Step.APPROVE, Step.REFUSE)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [StateError]


@pytest.mark.parametrize("q", ["فيش حقوق", "فیش‌حقوق", "حقو", "سامانه", "سامنه"])
async def test_answers_are_found_however_words_are_spelled_or_nearly_so(store: Store, staff, q: str):
    await approved(store, staff)
    await approved(store, staff, Draft("نسخه", "داروخانه کد ملی را می‌پرسد."), topic=Topic.E_PRESCRIPTION)
    assert await listed(store, staff[2], q) == [FISH.title]


async def test_the_list_is_narrowed_and_shows_drafts_to_those_who_write(store: Store, staff):
    writer, _, agent = staff
    await approved(store, staff, shortcut="/fish")
    await store.knowledge.answers.write(writer, Topic.OTHER, None, None, Draft("پیش‌نویس", "متن"))
    assert await listed(store, writer) == ["پیش‌نویس", FISH.title]
    assert await listed(store, writer, state=AnswerState.DRAFT) == ["پیش‌نویس"]
    assert await listed(store, writer, topic=Topic.PENSION_PAYMENT) == [FISH.title]
    assert await listed(store, agent, shortcut="/fish") == [FISH.title]
    assert await listed(store, agent, language=Language.EN) == []


async def test_the_same_topic_comes_first_then_the_words_then_the_uses(store: Store, staff):
    agent = staff[2]
    await store.file(routed("حقوق بازنشستگی واریز نشده", code=CODE))
    often = await approved(store, staff, Draft("پرکاربرد", "چیز دیگری"))
    await approved(store, staff, Draft("هم‌موضوع", "چیز دیگری"))
    await approved(store, staff, Draft("بهترین", "اگر حقوق بازنشستگی واریز نشده است"))
    await approved(store, staff, Draft("موضوع دیگر", "حقوق و بازنشستگی"), topic=Topic.OTHER)
    await approved(store, staff, Draft("بی‌ربط", "دفترچه"), topic=Topic.OTHER)
    await approved(store, staff, Draft("شکایت", "حقوق"), kind=Kind.COMPLAINT)
    await store.rows("UPDATE standard_answer SET uses = 9 WHERE id = $1", often)
    assert await suggested(store, agent) == ["بهترین", "پرکاربرد", "هم‌موضوع", "موضوع دیگر"]


async def test_an_english_case_is_offered_english_first_and_persian_then(store: Store, staff):
    await store.file(routed("my pension is late", code=CODE, language=Language.EN))
    await approved(store, staff)
    await approved(store, staff, Draft("Payslip", "Your payslip is online.", "en"))
    assert await suggested(store, staff[2]) == ["Payslip", FISH.title]


async def test_suggestions_are_for_those_within_reach(store: Store, staff):
    await store.file(routed(code=CODE))
    stranger, _ = await store.a_member([Role.AGENT], ["treatment"])
    with pytest.raises(NotFoundError):
        await suggested(store, stranger)


@pytest.mark.alone
async def test_suggestions_are_quick_among_thousands(store: Store, staff):
    await store.file(routed("سلام حقوق بازنشستگی پدرم این ماه واریز نشده لطفا پیگیری کنید", code=CODE))
    now, topics = datetime.now(UTC), list(Topic)
    async with store.database.transaction() as tx:
        ids = [UUID(int=number) for number in range(1, 5_001)]
        rows = [(one, topics[place % len(topics)], now) for place, one in enumerate(ids)]
        await tx.copy("standard_answer", ("id", "topic", "created_at"), rows)
        text = search_key("حقوق بازنشستگی واریز می‌شود؛ لطفا فیش را در سامانه ببینید و پیگیری کنید")
        fields = (
            "answer_id",
            "number",
            "title",
            "text",
            "normalized_text",
            "state",
            "written_by",
            "written_at",
        )
        of = [(one, 1, "عنوان", "متن", text, "approved", "x", now) for one in ids]
        await tx.copy("answer_version", fields, of)
        await tx.raw.execute("ANALYZE answer_version, standard_answer")
    spent = []
    for _ in range(5):
        began = time.perf_counter()
        assert len(await suggested(store, staff[2])) == 8
        spent.append(time.perf_counter() - began)
    assert min(spent) < 0.1, "20 ms on an idle machine"


async def test_a_reply_made_from_an_answer_counts_a_use_once(store: Store, staff):
    answer_id = await approved(store, staff)
    await store.file(routed(code=CODE))
    agent = staff[2]
    for _ in range(2):
        await store.staff.reply(
            agent, CODE, "فیش", None, key="one", version=None, answer=AnswerUsed(answer_id, 1)
        )
    [use] = await store.rows("SELECT * FROM answer_use")
    assert (use["answer_id"], use["number"], use["staff_name"]) == (answer_id, 1, agent.name)
    assert (await store.knowledge.answers.find(agent, answer_id))["uses"] == 1
    with pytest.raises(NotFoundError):
        await store.staff.reply(
            agent, CODE, "فیش", None, key="two", version=None, answer=AnswerUsed(answer_id, 9)
        )
    assert await store.count("answer_use") == 1


async def test_every_write_is_in_the_audit_without_a_word_of_the_text(store: Store, staff):
    await approved(store, staff)
    entries = await store.rows("SELECT action, detail::text FROM audit_entry WHERE subject LIKE 'answer:%'")
    actions = [entry["action"] for entry in entries]
    assert actions == ["answer_written", "answer_submitted", "answer_approved"]
    assert all(FISH.text not in entry["detail"] for entry in entries)


async def test_an_empty_table_is_filled_with_the_defaults_once(store: Store, staff):
    await asyncio.gather(*(store.knowledge.answers.load_defaults() for _ in range(3)))
    rows = await store.knowledge.answers.page(service(), Wanted(), None, 50)
    assert len(rows) == 15
    assert {row["decided_by"] for row in rows} == {"system"}
    assert all(row["offered"] and row["shortcut"] for row in rows)
    assert all(estimate(row["text"]).parts <= 2 for row in rows)
    assert await listed(store, staff[2], shortcut="/fish") == ["فیش و واریز مستمری"]
    answer_id = rows[0]["id"]
    await store.knowledge.answers.retire(staff[1], answer_id, None)
    await store.knowledge.answers.load_defaults()
    assert await store.count("standard_answer") == 15
