"""Whatever somebody types is taken for what it is, and leads to the cases within their reach."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from case_store.cursors import Position
from case_store.errors import ForbiddenError
from case_store.handlers.search import Found, SearchKind
from case_store.handlers.search_index import SearchIndex
from case_store.repository import search
from case_store.staffing import Actor, Right, Role, service
from envelope.taxonomy import Topic
from envelope.tracking import mint, spaced
from persian.normalize import normalize
from tests.case_store.conftest import KEY, Store, routed

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
CODE, OTHER = mint(1, KEY), mint(2, KEY)
NATIONAL_ID = "0013542419"
NOTED = {"author": None, "version": None}


async def file(store: Store, text: str, **more) -> None:
    message = routed(text, **more)
    await store.file(message.model_copy(update={"normalized_text": normalize(text)}))


async def find(store: Store, query: str, actor: Actor | None = None, limit: int = 21) -> Found:
    await store.knowledge.index.catch_up()
    return await store.knowledge.search.find(actor or service(), query, None, limit)


def codes(found: Found) -> list[str]:
    return [row["tracking_code"] for row in found.cases]


async def name(store: Store, number: str, called: str, national_id: str | None = None) -> None:
    await store.rows(
        "UPDATE contact SET name = $2, national_id = $3 FROM contact_address "
        "WHERE contact_id = contact.id AND value = $1",
        *(number, called, national_id),
    )


@pytest.mark.parametrize(
    "query",
    [
        "میخواهم",
        "می خواهم بازنشسته",
        "می‌خواهم",
        "بازنش",
        "مستمري",
        "مستمری بگیر",
        "مستمری‌بگیر ۱۴۰۵",
        "بازنشسته می‌خواهم",
    ],
)
async def test_words_are_found_however_they_are_spelled(store: Store, query: str):
    await file(store, "سلام، می‌خواهم بازنشسته شوم؛ مستمری‌بگیر سال ۱۴۰۵ هستم", code=CODE)
    await file(store, "نسخهٔ الکترونیک من ثبت نشده", sender="+989120000002", topic=Topic.E_PRESCRIPTION)
    found = await find(store, query)
    assert (found.kind, codes(found)) == (SearchKind.WORDS, [CODE])


@pytest.mark.parametrize("query", ["بازنشسته بیکاری", "نشسته", "سلام خداحافظ"])
async def test_every_word_must_be_there(store: Store, query: str):
    await file(store, "سلام، می‌خواهم بازنشسته شوم")
    assert codes(await find(store, query)) == []


async def test_words_may_stand_in_different_messages_replies_and_notes_of_a_case(store: Store):
    await file(store, "حقوق پدرم واریز نشده", code=CODE)
    await file(store, "شعبهٔ نیشابور")
    await store.staff.reply(service(), CODE, "فردا پرداخت می‌شود", "agent", key="1", version=None)
    await store.staff.note(service(), CODE, "با بانک صحبت شد", **NOTED)
    for query in ("واریز نیشابور", "نیشابور پرداخت", "پرداخت بانک"):
        assert codes(await find(store, query)) == [CODE]


async def test_what_we_send_by_ourselves_is_not_searched(store: Store):
    await file(store, "حقوق پدرم واریز نشده")
    assert codes(await find(store, "رهگیری")) == []


@pytest.mark.parametrize(
    "typed", [CODE, spaced(CODE), OTHER, CODE.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))]
)
async def test_a_code_or_an_alias_leads_to_its_case(store: Store, typed: str):
    await file(store, "یک", code=CODE)
    await file(store, "دو", code=OTHER)
    found = await find(store, typed)
    assert (found.kind, codes(found)) == (SearchKind.CODE, [CODE])


@pytest.mark.parametrize("typed", ["09120000001", "۰۹۱۲ ۰۰۰ ۰۰۰۱", "+98 912 000 0001", "9120000001"])
async def test_a_number_leads_to_its_person_and_their_cases(store: Store, typed: str):
    await file(store, "یک", code=CODE)
    await file(store, "دو", sender="+989120000002")
    found = await find(store, typed)
    assert (found.kind, codes(found)) == (SearchKind.NUMBER, [CODE])
    assert [person["addresses"][0]["value"] for person in found.people] == ["+989120000001"]


@pytest.mark.parametrize("typed", [NATIONAL_ID, "۰۰۱۳۵۴۲۴۱۹", "001-354241-9", "13542419"])
async def test_a_national_id_leads_to_its_person(store: Store, typed: str):
    await file(store, "یک", code=CODE)
    await name(store, "+989120000001", "زهرا رضایی", NATIONAL_ID)
    found = await find(store, typed)
    assert (found.kind, codes(found)) == (SearchKind.NATIONAL_ID, [CODE])
    assert [person["national_id"] for person in found.people] == [NATIONAL_ID]


async def test_a_national_id_is_masked_for_whoever_may_not_read_it(store: Store):
    await file(store, "یک", code=CODE)
    await name(store, "+989120000001", "زهرا رضایی", NATIONAL_ID)
    auditor, _ = await store.a_member([Role.AUDITOR], [])
    assert Right.READ_IDENTITY not in auditor.rights
    found = await find(store, NATIONAL_ID, auditor)
    assert [person["national_id"] for person in found.people] == ["•••••••419"]


async def test_digits_that_lead_nowhere_are_looked_for_as_words(store: Store):
    await file(store, "شمارهٔ پروندهٔ من 8841207 است", code=CODE)
    assert codes(await find(store, "۸۸۴۱۲۰۷")) == [CODE]
    nothing = await find(store, mint(77, KEY))
    assert (nothing.kind, nothing.cases) == (SearchKind.CODE, [])


async def test_a_person_is_found_by_name_also_after_it_changed(store: Store):
    await file(store, "یک", code=CODE)
    await name(store, "+989120000001", "زهرا رضایی")
    found = await find(store, "رضايي")
    assert codes(found) == [CODE]
    assert [person["name"] for person in found.people] == ["زهرا رضایی"]
    await name(store, "+989120000001", "زهرا محمدی")
    assert codes(await find(store, "رضایی")) == []
    assert codes(await find(store, "زهرا محم")) == [CODE]


async def test_an_agent_finds_the_cases_of_their_desks_alone(store: Store):
    await file(store, "بازنشستگی من", code=CODE)
    await file(store, "بازنشستگی من", code=OTHER, sender="+989120000002", topic=Topic.E_PRESCRIPTION)
    agent, _ = await store.a_member([Role.AGENT], ["retirement"])
    for query in ("بازنشستگی", OTHER, "09120000002"):
        assert OTHER not in codes(await find(store, query, agent))
    assert codes(await find(store, "بازنشستگی", agent)) == [CODE]
    assert codes(await find(store, CODE, agent)) == [CODE]


async def test_whoever_may_not_read_may_not_search(store: Store):
    administrator, _ = await store.a_member([Role.ADMINISTRATOR], [])
    with pytest.raises(ForbiddenError):
        await find(store, "حقوق", administrator)


async def test_whoever_was_only_asked_finds_by_the_conversation_not_by_notes_names_or_numbers(store: Store):
    await file(store, "بازنشستگی من", code=CODE)
    await name(store, "+989120000001", "زهرا رضایی", NATIONAL_ID)
    await store.staff.note(service(), CODE, "پروندهٔ حساس", **NOTED)
    liaison, _ = await store.a_member([Role.LIAISON], ["pensions_office"])
    assert codes(await find(store, "بازنشستگی", liaison)) == []
    await refer(store, CODE, "pensions_office")
    assert codes(await find(store, "بازنشستگی", liaison)) == [CODE]
    for hidden in ("حساس", "رضایی", "بازنشستگی حساس", "09120000001", NATIONAL_ID):
        found = await find(store, hidden, liaison)
        assert (found.cases, found.people) == ([], [])


async def refer(store: Store, code: str, unit: str) -> None:
    await store.rows(
        "INSERT INTO referral (id, case_id, tier, unit_id, state, question, asked_by, asked_at, due_at) "
        "SELECT gen_random_uuid(), id, 'liaison', $2, 'open', '?', 'agent', now(), now() FROM cases "
        "WHERE tracking_code = $1",
        *(code, unit),
    )


async def test_the_newest_come_first_and_pages_neither_repeat_nor_hide(store: Store, monkeypatch):
    monkeypatch.setattr(search, "WALKED", 3)
    many = 25
    for number in range(many):
        at = NOW - timedelta(days=5 * number)
        await file(
            store, f"حقوق {number}", sender=f"+9891200001{number:02}", code=mint(100 + number, KEY), at=at
        )
    await store.knowledge.index.catch_up()
    seen, after = [], None
    while True:
        rows = (await store.knowledge.search.find(service(), "حقوق", after, 4)).cases
        seen += codes(Found(SearchKind.WORDS, rows[:3]))
        if len(rows) < 4:
            break
        after = Position(rows[2]["opened_at"], rows[2]["id"])
    assert seen == [mint(100 + number, KEY) for number in range(many)]


async def test_no_week_is_left_out_between_two_stretches(store: Store, monkeypatch):
    monkeypatch.setattr(search, "WALKED", 1)
    monkeypatch.setattr(search, "PATIENCE", 60)
    many = 40
    for number in range(many):
        at = NOW - timedelta(weeks=number)
        await file(
            store, f"حقوق {number}", sender=f"+9891200001{number:02}", code=mint(100 + number, KEY), at=at
        )
    assert codes(await find(store, "حقوق", limit=50)) == [mint(100 + number, KEY) for number in range(many)]


async def test_no_day_is_left_out_and_none_comes_twice_where_days_become_weeks(store: Store, monkeypatch):
    monkeypatch.setattr(search, "WALKED", 1)
    monkeypatch.setattr(search, "PATIENCE", 60)
    many = 45
    for number in range(many):
        at = NOW - timedelta(hours=16 * number)
        await file(
            store, f"حقوق {number}", sender=f"+9891200001{number:02}", code=mint(100 + number, KEY), at=at
        )
    assert codes(await find(store, "حقوق", limit=50)) == [mint(100 + number, KEY) for number in range(many)]


async def test_where_patience_ends_the_search_goes_on_from_there(store: Store, monkeypatch):
    monkeypatch.setattr(search, "WALKED", 1)
    monkeypatch.setattr(search, "PATIENCE", -1)
    for number in range(3):
        at = NOW - timedelta(days=300 * number)
        await file(
            store, f"حقوق {number}", sender=f"+9891200001{number:02}", code=mint(100 + number, KEY), at=at
        )
    await store.knowledge.index.catch_up()
    monkeypatch.setattr(search, "_STRETCH", 1)
    found, after, rounds = [], None, 0
    while rounds < 200:
        page = await store.knowledge.search.find(service(), "حقوق", after, 10)
        found += codes(page)
        after, rounds = page.resume, rounds + 1
        if after is None:
            break
    assert found == [mint(100 + number, KEY) for number in range(3)]


@pytest.mark.parametrize(
    "hostile",
    [
        "'",
        "'' | '' & !",
        ":*",
        "\\",
        "a' & 'b",
        "حقوق') OR 1=1 --",
        "%_%",
        "\u202e\u202e",
        "()" * 90,
        "#حقوق",
        "@2942",
    ],
)
async def test_hostile_words_are_harmless(store: Store, hostile: str):
    await file(store, "سلام به همه", code=CODE)
    found = await find(store, hostile)
    assert found.cases == []


async def test_a_snippet_shows_the_words_where_they_are_as_plain_text(store: Store):
    text = "سلام. " + "مقدمه " * 40 + "و اما <b>حقوقِ</b> بازنشستگی من واریز نشده " + "پایان " * 40
    await file(store, text, code=CODE)
    [row] = (await find(store, "حقوق واریز")).cases
    shown = row["snippet"]
    assert [shown.text[start:end] for start, end in shown.marks] == ["<b>حقوقِ</b>", "واریز"]
    assert len(shown.text) <= 165
    assert shown.text.startswith("…")
    assert shown.text.endswith("…")


async def test_a_document_is_written_once_by_one_process_at_a_time(store: Store, database):
    await file(store, "حقوق من", code=CODE)
    async with database.transaction() as tx:
        await tx.raw.execute("SELECT pg_advisory_xact_lock(14200016)")
        assert await SearchIndex(database).catch_up() == 0
    assert await SearchIndex(database).catch_up() == 1
    assert await SearchIndex(database).catch_up() == 0
    assert await store.count("search_pending") == 0


async def test_a_crash_while_documents_are_written_loses_none(store: Store, monkeypatch):
    await file(store, "حقوق من", code=CODE)

    async def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr("case_store.repository.search_index.write", fail)
        with pytest.raises(RuntimeError):
            await store.knowledge.index.keep_up()
    assert codes(await find(store, "حقوق")) == [CODE]


async def test_numbers_are_not_among_the_words_that_are_learned(store: Store):
    await file(store, "کد ملی من ۰۰۱۳۵۴۲۴۱۹ و تلفن ۰۹۱۲۳۴۵۶۷۸۹ است", code=CODE)
    await store.knowledge.index.catch_up()
    words = {row["word"] for row in await store.rows("SELECT word FROM search_word")}
    assert "تلفن" in words
    assert not any(letter.isdigit() for word in words for letter in word)


async def test_every_search_has_its_index(store: Store, database):
    await file(store, "حقوق من", code=CODE)
    await store.knowledge.index.catch_up()
    shape = search._Shape(limited=False, outer=True, goes_on=False)
    values = {"inner": "('حقوق')", "widest": "('حقوق')", "behind_at": NOW, "behind_id": UUID(int=0)}
    values |= {"mark": "@d", "first": 2, "last": 1, "most": 10}
    async with database.reading() as tx:
        compiled = search._by_span(shape).compile(tx.connection.sync_connection.engine)
        told_values = {**compiled.params, **values}
        plan = await tx.raw.fetch(
            f"EXPLAIN {compiled}", *(told_values[name] for name in compiled.positiontup)
        )
    told = "\n".join(row[0] for row in plan)
    assert "search_entry_words" in told
    assert "Seq Scan" not in told
