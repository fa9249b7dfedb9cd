"""The first steps of asking: one choice a page, each an address; a standard answer before one writes."""

import re
from html import unescape

import pytest

from envelope.taxonomy import SECTION_OF, Kind, Section, Topic
from gateway_portal.words import say
from persian.words import word

ANSWERS = "/answers"


def links(page: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="([^"]+)"', page)]


def standard(topic: str, title: str, uses: int, *, offered: bool = True) -> dict[str, object]:
    return {"topic": topic, "title": title, "text": f"متن {title}", "offered": offered, "uses": uses}


async def test_every_way_through_the_choices_leads_to_the_page_where_one_writes(visit):
    first = (await visit().get("/ask")).text
    for kind in (Kind.QUESTION, Kind.COMPLAINT, Kind.SUGGESTION, Kind.REQUEST):
        assert f"/ask?kind={kind}" in links(first)
    second = (await visit().get("/ask?kind=complaint")).text
    for section in Section:
        assert f"/ask?kind=complaint&section={section}" in links(second)
        third = (await visit().get(f"/ask?kind=complaint&section={section}")).text
        topics = [topic for topic in Topic if SECTION_OF[topic] is section]
        assert [f"topic={topic}" in third for topic in topics] == [True] * len(topics)
        for topic in topics:
            assert f"/ask?kind=complaint&section={section}&topic={topic}" in links(third)
            form = await visit().get(f"/ask?kind=complaint&section={section}&topic={topic}")
            assert form.status_code == 200
            assert 'name="text"' in form.text
            assert f'<option value="{topic}" selected>' in form.text


async def test_each_step_says_where_one_is_and_leads_back_with_what_was_chosen(visit):
    assert "گام ۱ از ۵" in (await visit().get("/ask")).text
    page = (await visit().get("/ask?kind=request&section=treatment&topic=e_prescription")).text
    assert "گام ۴ از ۵" in page
    assert {"/ask", "/ask?kind=request", "/ask?kind=request&section=treatment"} <= set(links(page))
    assert word(Topic.E_PRESCRIPTION) in page


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/ask?kind=praise", "kind"),
        ("/ask?kind=status_inquiry", "kind"),
        ("/ask?kind=complaint&section=finance", "section"),
        ("/ask?kind=complaint&section=insurance&topic=e_prescription", "topic"),
        ("/ask?kind=complaint&section=insurance&topic=<script>", "topic"),
    ],
)
async def test_a_choice_that_is_none_of_ours_is_asked_for_again(visit, address, title):
    page = await visit().get(address)
    assert page.status_code == 200
    assert say("fa", f"ask.{title}.title") in page.text
    assert say("fa", "ask.unknown") in page.text
    assert "<script" not in page.text


async def test_an_address_with_a_topic_alone_knows_its_section(visit):
    page = (await visit().get("/ask?kind=question&topic=pension_payment")).text
    assert "/ask?kind=question&section=retirement" in links(page)
    assert 'name="text"' in page


async def test_the_answer_that_helps_most_is_shown_before_anybody_writes(visit, behind):
    behind.answers[ANSWERS] = {
        "answers": [
            standard("unemployment", "کهنه", 9, offered=False),
            standard("unemployment", "بیشتر", 7),
            standard("unemployment", "کمتر", 2),
            standard("other", "دیگر", 99),
        ]
    }
    address = "/ask?kind=question&section=insurance&topic=unemployment"
    page = (await visit().get(address)).text
    assert "متن بیشتر" in page
    assert [other in page for other in ("کهنه", "کمتر", "دیگر")] == [False, False, False]
    assert 'name="text"' not in page
    [write] = [link for link in links(page) if link.endswith("answer=read")]
    assert 'name="text"' in (await visit().get(write)).text
    [helped] = [link for link in links(page) if link.startswith("/ask/helped")]
    thanks = await visit().get(helped)
    assert say("fa", "ask.helped.title") in thanks.text
    assert write in links(thanks.text)
    assert 'name="text"' in (await visit().get(address.replace("unemployment", "employer_list"))).text


async def test_a_standard_answer_is_text_and_nothing_else(visit, behind):
    hostile = '<img src=x onerror="alert(1)">'
    behind.answers[ANSWERS] = {"answers": [standard("other", hostile, 1)]}
    page = (await visit().get("/ask?kind=question&section=general&topic=other")).text
    assert "<img" not in page
    assert "&lt;img" in page


@pytest.mark.parametrize("trouble", ["away", "error", "nonsense", "nothing"])
async def test_without_the_store_people_go_straight_on_to_writing(visit, behind, trouble):
    behind.away, behind.status = trouble == "away", 500 if trouble == "error" else None
    if trouble == "nonsense":
        behind.answers[ANSWERS] = {"answers": "many"}
    page = await visit().get("/ask?kind=question&section=general&topic=other")
    assert page.status_code == 200
    assert 'name="text"' in page.text


async def test_the_store_is_not_asked_for_every_visitor(visit, behind):
    behind.answers[ANSWERS] = {"answers": [standard("other", "پاسخ", 1)]}
    for _ in range(5):
        assert "متن پاسخ" in (await visit().get("/ask?kind=question&section=general&topic=other")).text
    assert [path for path, _, _ in behind.asked] == [ANSWERS]
    behind.away = True
    assert "متن پاسخ" in (await visit().get("/ask?kind=question&section=general&topic=other")).text


async def test_every_page_speaks_english_as_well_and_stays_in_it(visit, behind):
    behind.answers[ANSWERS] = {"answers": [standard("other", "An answer", 1)]}
    for address in (
        "/ask?lang=en",
        "/ask?kind=question&lang=en",
        "/ask?kind=question&section=general&lang=en",
        "/ask?kind=question&section=general&topic=other&lang=en",
        "/ask?kind=question&section=general&topic=other&answer=read&lang=en",
        "/ask/helped?lang=en",
    ):
        page = (await visit().get(address)).text
        assert '<html lang="en"' in page
        own = {unescape(link) for link in re.findall(r'<a [^>]*href="(/[^"]*)"[^>]*hreflang', page)}
        assert [link for link in links(page) if link.startswith("/ask") and "lang=en" not in link] == [
            link for link in links(page) if link in own
        ]


@pytest.mark.parametrize("path", ["/ask/write", "/ask/edit", "/ask/code", "/ask/send"])
async def test_the_address_of_a_page_that_comes_of_a_form_leads_to_the_beginning(visit, path):
    answer = await visit().get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/ask")


async def test_no_page_needs_a_script_or_holds_anything_inline(visit):
    for address in ("/ask", "/ask?kind=question", "/ask?kind=question&section=general&topic=other"):
        page = await visit().get(address)
        assert not re.search(r"<style|style=|\son\w+=|javascript:", page.text)
        assert "<script" not in page.text
        assert "set-cookie" not in page.headers


async def test_the_language_is_changed_without_losing_what_was_chosen(visit):
    page = (await visit().get("/ask?kind=question&section=general")).text
    assert "/ask?kind=question&section=general&lang=en" in links(page)


@pytest.mark.parametrize("name", ["path", "language", "query", "self", "lang", "😀"])
async def test_an_address_may_hold_whatever_somebody_adds_to_it(visit, name):
    page = await visit().get("/ask", params={"kind": "question", name: "x"})
    assert page.status_code == 200
