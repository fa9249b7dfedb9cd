"""People see their own cases, whole and kindly told, and nobody else's."""

import re
from html import unescape

import httpx
import pytest

from gateway_portal.words import say
from tests.gateway_portal.stories import (
    CODE,
    LETTER,
    ME,
    OTHER_CODE,
    SHA,
    SOMEBODY,
    answered,
    at,
    closed,
    entry,
    owned,
    signed_in,
    story,
    summary,
)

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>\u202e'
CASES, CASE = "/citizen/cases", "/citizen/case"
PATHS = (
    "/cases",
    f"/cases/{CODE}",
    f"/cases/{CODE}/letters/{LETTER}",
    f"/cases/{CODE}/files/{SHA}",
    "/cases/export",
)
FILE = {"sha256": SHA, "media_type": "application/pdf", "size": 1_234_000, "seconds": None}


def letter(**other):
    return entry("سابقهٔ شما کامل است.", us=True, official={"code": LETTER, "revoked": False}, **other)


def fa(key: str, **told: object) -> str:
    return say("fa", f"cases.{key}", **told)


def text_of(page: httpx.Response) -> str:
    """What a reader sees, without tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


@pytest.fixture
async def mine(portal):
    async with await signed_in(portal) as browser:
        yield browser


async def test_the_list_tells_each_case_with_its_code_state_and_what_comes_next(mine, behind):
    cases = [summary(), summary(OTHER_CODE, state="answered", awaits_person=True, topic="e_prescription")]
    behind.answers[CASES] = {"cases": cases, "next_cursor": None}
    page = await mine.get("/cases")
    assert page.status_code == 200
    shown = text_of(page)
    assert shown.index("سابقه بیمه") < shown.index("نسخه الکترونیک")
    assert "۱۲۳ ۴۵۶ ۷۸۹۴" in shown
    assert fa("state.open") in shown
    assert fa("state.answered") in shown
    assert re.search(r"تا \S+ \d+ \S+ \d+ پاسخ می‌دهیم\.", shown)
    assert f'href="/cases/{CODE}"' in page.text
    assert behind.asked == [(CASES, "Bearer a-service-token", {"msisdn": ME, "limit": 20, "cursor": None})]


async def test_a_long_list_goes_on_by_a_link(mine, behind):
    behind.answers[CASES] = lambda body: {
        "cases": [summary()],
        "next_cursor": None if body["cursor"] else "a+b/c=",
    }
    first = await mine.get("/cases")
    [following] = re.findall(r'rel="next" href="([^"]+)"', first.text)
    second = await mine.get(unescape(following))
    assert behind.asked[-1][2]["cursor"] == "a+b/c="
    assert 'rel="next"' not in second.text
    assert fa("newest") in second.text


async def test_a_cursor_that_is_none_is_a_page_that_is_not_there(mine, behind):
    behind.answers[CASES] = httpx.Response(422, json={"title": "no such cursor"})
    assert (await mine.get("/cases?cursor=x")).status_code == 404
    assert (await mine.get("/cases")).status_code == 503


async def test_whoever_never_wrote_is_shown_the_door_to_ask(mine, behind):
    behind.answers[CASES] = {"cases": [], "next_cursor": None}
    page = await mine.get("/cases")
    assert fa("none") in page.text
    assert 'href="/ask"' in page.text


@pytest.mark.parametrize("path", PATHS)
async def test_without_a_session_nothing_is_shown_and_nothing_asked(visit, behind, path):
    page = await visit().get(path)
    assert page.status_code == 303
    assert page.headers["location"].startswith("/sign-in?next=%2Fcases")
    assert behind.asked == []


async def test_a_case_tells_its_story_and_what_was_said(mine, behind):
    steps = [{"at": "2026-11-21T08:05:00Z", "what": what} for what in ("opened", "referred", "answered")]
    behind.answers[CASE] = owned(answered(steps=steps, aliases=[OTHER_CODE]))
    shown = text_of(await mine.get(f"/cases/{CODE}"))
    assert shown.index("سابقهٔ من کامل نیست.") < shown.index("فیش‌های حقوقی را به شعبه ببرید.")
    assert fa("step.opened") in shown
    assert fa("step.referred") in shown
    assert "شنبه ۳۰ آبان ۱۴۰۵، ساعت ۱۱:۳۵" in shown
    assert fa("next.answered") in shown
    assert behind.asked == [(CASE, "Bearer a-service-token", {"msisdn": ME, "code": CODE})]


@pytest.mark.parametrize("typed", ["۱۲۳۴۵۶۷۸۹۴", "123 456 7894", "۱۲۳-۴۵۶-۷۸۹۴", "123%E2%80%8C4567894"])
async def test_a_code_may_be_written_as_people_write_it(mine, behind, typed):
    behind.answers[CASE] = owned(story())
    assert (await mine.get(f"/cases/{typed}")).status_code == 200


async def test_another_code_of_the_case_leads_to_it(mine, behind):
    behind.answers[CASE] = owned(story(aliases=[OTHER_CODE]))
    page = await mine.get(f"/cases/{OTHER_CODE}")
    assert f'action="/cases/{CODE}/messages"' in page.text
    assert fa("aliases") in page.text


@pytest.mark.parametrize("path", PATHS[1:4])
async def test_another_persons_case_is_not_there(portal, behind, path):
    behind.answers[CASE] = owned(story(entries=[letter()]))
    async with await signed_in(portal, SOMEBODY) as browser:
        page = await browser.get(path)
    assert page.status_code == 404
    assert "سابقهٔ شما" not in page.text
    assert {body["msisdn"] for _, _, body in behind.asked} == {SOMEBODY}


@pytest.mark.parametrize("typed", ["1234567890", "12", "abc", "123456789٧٧", "..%2Fx", "+989121234567"])
async def test_what_is_no_code_is_not_asked_for(mine, behind, typed):
    assert (await mine.get(f"/cases/{typed}")).status_code == 404
    assert (await mine.get(f"/cases/{typed}/files/{SHA}")).status_code == 404
    assert behind.asked == []


async def test_hostile_words_are_shown_as_words_wherever_they_stand(mine, behind):
    entries = [
        entry(HOSTILE, channel=HOSTILE, **{"from": HOSTILE}),
        entry(HOSTILE, us=True, official={"code": HOSTILE, "revoked": False}),
        entry("", attachments=[FILE | {"media_type": HOSTILE}]),
    ]
    hostile = dict.fromkeys(("state", "topic", "section", "kind"), HOSTILE)
    steps = [{"at": at(), "what": HOSTILE}]
    behind.answers[CASE] = owned(story(**hostile, aliases=[HOSTILE], entries=entries, steps=steps))
    behind.answers[CASES] = {"cases": [summary(**hostile)], "next_cursor": HOSTILE}
    for path in PATHS[:2]:
        page = await mine.get(path)
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "<img" not in page.text
    assert HOSTILE in unescape(page.text)


async def test_what_a_newer_store_says_does_not_hide_a_case(mine, behind):
    newer = {"state": "on_the_moon", "topic": "moon", "kind": "wish", "section": "space", "new": [1]}
    steps = [{"at": at(), "what": "launched"}]
    entries = [entry("سلام", channel="telepathy", **{"from": "branch"})]
    behind.answers[CASE] = owned(story(**newer, steps=steps, entries=entries))
    shown = text_of(await mine.get(f"/cases/{CODE}"))
    assert fa("state.other") in shown
    assert fa("step.other") in shown
    assert "سلام" in shown
    assert "سایر" in shown


async def test_what_the_store_should_not_have_told_is_not_shown(mine, behind):
    inside = {"author": "agent-7", "reason": "SECRET", "note": "SECRET"}
    entries = [entry("سلام", us=True, **inside)]
    behind.answers[CASE] = owned(story(**inside, notes=["SECRET"], entries=entries))
    page = await mine.get(f"/cases/{CODE}")
    assert "SECRET" not in page.text
    assert "agent-7" not in page.text


@pytest.mark.parametrize(
    ("case", "key"),
    [
        (story(due_at=at(hours=-1)), "next.late"),
        (story(due_at=None), "next.soon"),
        (story(awaits_person=True), "next.awaits"),
        (answered(), "next.answered"),
        (closed(closed_at=None), "next.ended"),
    ],
)
async def test_the_page_says_honestly_what_comes_next(mine, behind, case, key):
    behind.answers[CASE] = owned(case)
    assert fa(key) in text_of(await mine.get(f"/cases/{CODE}"))


@pytest.mark.parametrize(
    ("case", "adds", "reopens", "rates"),
    [
        (story(), True, False, False),
        (answered(), True, False, True),
        (closed(), True, True, True),
        (closed(reopen_until=at(minutes=-1)), False, False, True),
        (closed(reopen_until=None), False, False, True),
        (story(reopen_until=at(days=3)), True, False, False),
    ],
)
async def test_the_forms_are_those_that_still_do_something(mine, behind, case, adds, reopens, rates):
    behind.answers[CASE] = owned(case)
    page = (await mine.get(f"/cases/{CODE}")).text
    assert (f'action="/cases/{CODE}/messages"' in page) is adds
    assert (fa("reopen_title") in page) is reopens
    assert (f'action="/cases/{CODE}/rating"' in page) is rates
    assert ('href="/ask"' in page.split("<main")[1]) is not adds


async def test_a_given_rating_is_shown(mine, behind):
    behind.answers[CASE] = owned(answered(rating=4))
    page = await mine.get(f"/cases/{CODE}")
    assert "امتیاز شما: ۴ از ۵ (خوب)" in page.text
    assert re.search(r'value="4" checked', page.text)


async def test_a_file_is_listed_and_saved_and_not_shown(mine, behind):
    recording = FILE | {"media_type": "audio/ogg", "size": 900, "seconds": 65.4}
    behind.answers[CASE] = owned(story(entries=[entry("", attachments=[FILE, recording])]))
    behind.answers["/citizen/file"] = httpx.Response(
        200, content=b"%PDF-1.7 ...", headers={"Content-Type": "application/pdf"}
    )
    shown = text_of(await mine.get(f"/cases/{CODE}"))
    assert f"{fa('file.pdf')} ۱٫۲ مگابایت" in shown
    assert f"{fa('file.audio')} ۱:۰۵ · ۹۰۰ بایت" in shown
    file = await mine.get(f"/cases/{CODE}/files/{SHA}")
    assert file.content == b"%PDF-1.7 ..."
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["content-disposition"] == f'attachment; filename="payam-{SHA[:12]}.pdf"'
    assert file.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in file.headers["content-security-policy"]
    assert behind.asked[-1][2] == {"msisdn": ME, "code": CODE, "sha256": SHA}


@pytest.mark.parametrize("claimed", ["text/html", "image/svg+xml", "nonsense", ""])
async def test_nothing_is_called_what_a_browser_would_run(mine, behind, claimed):
    behind.answers["/citizen/file"] = httpx.Response(
        200, content=b"<script>", headers={"Content-Type": claimed}
    )
    file = await mine.get(f"/cases/{CODE}/files/{SHA}")
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"].startswith("attachment")


async def test_a_file_that_is_none_of_theirs_is_not_there(mine):
    assert (await mine.get(f"/cases/{CODE}/files/{SHA}")).status_code == 404
    assert (await mine.get(f"/cases/{CODE}/files/..%2F..%2Fstaff")).status_code in {404, 422}
    assert (await mine.get(f"/cases/{CODE}/files/{'x' * 64}")).status_code == 422


async def test_an_official_reply_is_a_page_to_print_with_its_code_and_where_to_check_it(mine, behind):
    behind.answers[CASE] = owned(answered(entries=[letter()]))
    case = await mine.get(f"/cases/{CODE}")
    assert f'href="/cases/{CODE}/letters/{LETTER}"' in case.text
    shown = text_of(await mine.get(f"/cases/{CODE}/letters/{LETTER}"))
    assert "K7QM-93XD-PRT4" in shown
    assert "سابقهٔ شما کامل است." in shown
    assert "portal/verify" in shown
    assert "شنبه ۳۰ آبان ۱۴۰۵" in shown
    assert (await mine.get(f"/cases/{CODE}/letters/K7QM93XDPRT5")).status_code == 404


async def test_a_letter_names_the_public_address_of_the_portal(started, behind):
    behind.answers[CASE] = owned(answered(entries=[letter()]))
    async with started(public_url="https://crm.tamin.example/") as portal:
        mine = await signed_in(portal)
        shown = text_of(await mine.get(f"/cases/{CODE}/letters/{LETTER}"))
    assert "crm.tamin.example/verify" in shown


async def test_a_revoked_letter_says_so_before_anything_else(mine, behind):
    revoked = entry("", us=True, official={"code": LETTER, "revoked": True})
    behind.answers[CASE] = owned(answered(entries=[revoked]))
    assert fa("letter.revoked") in (await mine.get(f"/cases/{CODE}")).text
    shown = text_of(await mine.get(f"/cases/{CODE}/letters/{LETTER}"))
    assert fa("letter.revoked_lead") in shown


async def test_everything_about_oneself_is_a_file(mine, behind):
    behind.answers["/citizen/export"] = {"cases": []}
    file = await mine.get("/cases/export")
    assert file.json() == {"cases": []}
    assert file.headers["content-disposition"] == 'attachment; filename="payam-1420.json"'
    assert "no-store" in file.headers["cache-control"]
    assert behind.asked == [("/citizen/export", "Bearer a-service-token", {"msisdn": ME})]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("trouble", ["away", "error", "nonsense"])
async def test_without_the_case_store_every_page_says_so(mine, behind, path, trouble):
    behind.away, behind.status = trouble == "away", 500 if trouble == "error" else 200
    nonsense = httpx.Response(500 if trouble == "error" else 200, text="nonsense")
    for asked in (CASES, CASE, "/citizen/export"):
        behind.answers[asked] = nonsense
    behind.answers["/citizen/file"] = httpx.Response(500, text="nonsense")
    page = await mine.get(path)
    assert page.status_code == 503
    assert page.headers["retry-after"] == "60"
    assert say("fa", "failure.away.title") in page.text


@pytest.mark.parametrize("case", [story(), answered(rating=3), closed(), answered(entries=[letter()])])
async def test_english_says_all_of_it_in_english(mine, behind, case):
    english = [{**said, "text": "hello"} for said in case["entries"]]
    behind.answers[CASE] = owned({**case, "entries": english})
    behind.answers[CASES] = {"cases": [case], "next_cursor": "x"}
    paths = ["/cases", f"/cases/{CODE}"]
    if english[0]["official"]:
        paths.append(f"/cases/{CODE}/letters/{LETTER}")
    for path in paths:
        page = await mine.get(f"{path}?lang=en")
        assert page.status_code == 200
        assert set(re.findall(r"[؀-ۿ‌]+", page.text)) == {"فارسی"}
        links = re.findall(r'(?:href|action)="(/[^"]*)"', page.text.split("<main")[1].split("<footer")[0])
        assert all("lang=en" in link for link in links)


async def test_reading_needs_no_script_and_leaves_no_cookie(mine, behind):
    behind.answers[CASE] = owned(closed(entries=[letter()]))
    behind.answers[CASES] = {"cases": [summary()], "next_cursor": None}
    for path in PATHS[:3]:
        page = await mine.get(path)
        assert page.status_code == 200
        assert not re.search(r"<script|<style|style=|\son\w+=", page.text)
        assert "set-cookie" not in page.headers
        assert len(re.findall(r"<h1", page.text)) == 1
        assert ME not in page.text
