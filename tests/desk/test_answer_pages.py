"""Standard answers at the desk: written, submitted, approved by somebody else, compared, retired."""

import re

import pytest

ANSWER = {
    "key": "answer-1",
    "topic": "pension_payment",
    "kind": "",
    "shortcut": "/variz",
    "title": "زمان واریز",
    "text": "مستمری پایان هر ماه واریز می‌شود.",
    "language": "fa",
    "valid_from": "۱۴۰۵/۰۱/۰۱",
    "valid_to": "",
    "do": "submit",
}


@pytest.fixture
async def expert(sign_in):
    return await sign_in("expert", units=["retirement"], name="سارا احمدی")


@pytest.fixture
async def supervisor(sign_in):
    return await sign_in("supervisor", units=["retirement"], name="نرگس حسینی")


async def written(expert, **change) -> str:
    return (await expert.fill("/answers/new", **ANSWER | change)).headers["location"]


def version_of(html: str) -> str:
    return re.search(r'name="version" value="(\d+)"', html)[1]


async def test_an_answer_is_written_submitted_and_approved_by_somebody_else(expert, supervisor):
    page = await written(expert)
    own = await expert.html(page)
    assert "در انتظار تأیید" in own
    assert 'value="approve"' not in own
    shown = await supervisor.html(page)
    await supervisor.fill(f"{page}/versions/1", do="approve", version=version_of(shown))
    assert "در کار" in await supervisor.html(page)
    assert "زمان واریز" in await supervisor.html("/answers?q=واریز&topic=pension_payment")


async def test_a_new_version_shows_what_it_changes(expert):
    page = await written(expert)
    edit = await expert.html(f"{page}/edit")
    assert "۱۴۰۵/۰۱/۰۱" in edit
    changed = {"text": "مستمری پنجم هر ماه واریز می‌شود.", "do": "save", "key": "answer-2"}
    await expert.fill(f"{page}/edit", **ANSWER | changed | {"version": version_of(edit)})
    shown = await expert.html(page)
    assert "<del>پایان</del><ins>پنجم</ins>" in shown


async def test_a_refusal_says_why(expert, supervisor):
    page = await written(expert)
    version = version_of(await supervisor.html(page))
    await supervisor.fill(f"{page}/versions/1", do="refuse", reason="تاریخ دقیق نیست", version=version)
    assert "تاریخ دقیق نیست" in await expert.html(page)


async def test_two_who_write_at_once_lose_no_word(expert, sign_in):
    page = await written(expert)
    version = version_of(await expert.html(f"{page}/edit"))
    colleague = await sign_in("expert", units=["retirement"])
    for key, writer, text, status in (("a", colleague, "نخست", 303), ("b", expert, "دومین نوشته", 412)):
        told = {"text": text, "key": key, "version": version, "do": "save"}
        answer = await writer.fill(f"{page}/edit", status, **ANSWER | told)
    assert "دومین نوشته" in answer.text
    assert "نخست" in answer.text
    assert int(version_of(answer.text)) > int(version)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"text": "م" * 901}, "text"),
        ({"valid_from": "فردا"}, "valid_from"),
        ({"valid_to": "1404/01/01"}, "valid_to"),
        ({"shortcut": "بی خط"}, "shortcut"),
        ({"topic": ""}, "topic"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(expert, change, field):
    refused = await expert.fill("/answers/new", 422, **ANSWER | change)
    assert f'id="{field}-fault"' in refused.text
    assert "مستمری" in refused.text or field == "text"


async def test_a_short_name_is_only_given_once(expert):
    await written(expert)
    refused = await expert.fill("/answers/new", 422, **ANSWER | {"key": "answer-9"})
    assert "پاسخ دیگری این نام کوتاه را دارد" in refused.text


async def test_a_retired_answer_is_offered_no_more(expert, supervisor):
    page = await written(expert)
    await supervisor.fill(f"{page}/retire", version=version_of(await supervisor.html(page)))
    shown = await supervisor.html(page)
    assert "بازنشسته" in shown
    assert f"{page}/edit" not in shown


async def test_the_list_is_narrowed_and_htmx_gets_its_rows_alone(expert, store):
    await store.knowledge.answers.load_defaults()
    await written(expert)
    rows = await expert.html("/answers?state=submitted", hx_target="rows", hx_request="true")
    assert "زمان واریز" in rows
    assert "تأییدشده" not in rows
    assert "<html" not in rows
