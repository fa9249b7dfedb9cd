"""The public page tells whether a letter is genuine, kindly, and tells nothing else."""

import re
from html import unescape

import pytest

from gateway_portal.words import say

GENUINE = {
    "known": True,
    "genuine": True,
    "issued_at": "2026-11-21T08:05:00Z",
    "text": "سابقهٔ شما کامل است.\n<b>پایان</b>",
}
REVOKED = {
    "known": True,
    "genuine": False,
    "issued_at": "2026-11-21T08:05:00Z",
    "revoked_at": "2026-11-22T08:05:00Z",
}
UNKNOWN = {"known": False, "genuine": False}
VERIFICATIONS = "/verifications"

CODE = "K7QM-93XD-PRT4"


@pytest.fixture(autouse=True)
def _nothing_behind_a_code(behind):
    behind.answers[VERIFICATIONS] = UNKNOWN


async def test_the_form_is_persian_and_needs_no_script_and_no_cookie(visit):
    page = await visit().get("/verify")
    assert page.status_code == 200
    assert '<html lang="fa" dir="rtl">' in page.text
    assert "<script" not in page.text
    assert not re.search(r"<style|style=|\son\w+=", page.text)
    assert "set-cookie" not in page.headers
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_every_file_of_the_page_is_there(visit):
    page = await visit().get("/verify")
    paths = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
    assert len(paths) == 4
    for path in paths:
        assert "immutable" in (await visit().get(path)).headers["cache-control"]


async def test_a_genuine_letter_is_shown_with_its_date_and_text_as_text(visit, behind):
    behind.answers[VERIFICATIONS] = GENUINE
    page = await visit().post("/verify", data={"code": CODE})
    assert page.status_code == 200
    assert say("fa", "verify.genuine") in page.text
    assert "شنبه ۳۰ آبان ۱۴۰۵" in page.text
    assert "سابقهٔ شما کامل است.\n&lt;b&gt;پایان&lt;/b&gt;" in page.text
    assert behind.asked == [(VERIFICATIONS, "Bearer a-service-token", {"code": CODE})]


async def test_a_revoked_letter_is_said_to_be_void_without_its_text(visit, behind):
    behind.answers[VERIFICATIONS] = REVOKED
    page = (await visit().post("/verify", data={"code": CODE})).text
    assert say("fa", "verify.revoked") in page
    assert "یکشنبه ۱ آذر ۱۴۰۵" in page
    assert "<blockquote" not in page


async def test_an_unknown_code_is_not_found_and_stays_in_the_box(visit, behind):
    behind.answers[VERIFICATIONS] = UNKNOWN
    page = await visit().post("/verify", data={"code": CODE})
    assert page.status_code == 200
    assert say("fa", "verify.unknown") in page.text
    assert f'value="{CODE}"' in page.text


@pytest.mark.parametrize("trouble", ["away", "error", "nonsense"])
async def test_without_the_case_store_the_page_says_so_and_keeps_what_was_typed(visit, behind, trouble):
    behind.away, behind.status = trouble == "away", 500 if trouble == "error" else 200
    behind.answers[VERIFICATIONS] = "nonsense"
    page = await visit().post("/verify", data={"code": CODE})
    assert page.status_code == 503
    assert page.headers["retry-after"] == "60"
    assert say("fa", "verify.away") in page.text
    assert f'value="{CODE}"' in page.text


async def test_english_is_asked_for_by_a_link_and_kept_by_the_form(visit, behind):
    behind.answers[VERIFICATIONS] = GENUINE
    form = await visit().get("/verify?lang=en")
    assert '<html lang="en" dir="ltr">' in form.text
    assert 'action="/verify?lang=en"' in form.text
    page = await visit().post("/verify?lang=en", data={"code": CODE})
    assert "This official reply is genuine." in page.text
    assert "2026-11-21 (1405/08/30)" in page.text


@pytest.mark.parametrize("typed", ["", "   ", None])
async def test_an_empty_form_asks_for_the_code_and_costs_no_attempt(visit, behind, typed):
    for _ in range(9):
        page = await visit().post("/verify", data={"code": typed} if typed is not None else {})
        assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    assert behind.asked == []


async def test_whoever_asks_too_often_waits_and_nobody_else_does(visit, behind):
    statuses = [(await visit().post("/verify", data={"code": CODE})).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    late = await visit().post("/verify", data={"code": CODE})
    assert 1 <= int(late.headers["retry-after"]) <= 13
    assert f'value="{CODE}"' in late.text
    assert len(behind.asked) == 5
    assert (await visit("198.51.100.8").post("/verify", data={"code": CODE})).status_code == 200


async def test_behind_our_proxy_people_are_told_apart_and_elsewhere_the_header_is_not_believed(visit):
    async def ask(peer: str, forwarded: str) -> int:
        answer = await visit(peer).post(
            "/verify", data={"code": CODE}, headers={"X-Forwarded-For": forwarded}
        )
        return answer.status_code

    assert {await ask("10.0.0.1", f"6.6.6.6, 198.51.100.{n}") for n in range(9)} == {200}
    assert [await ask("203.0.113.9", f"198.51.100.{n}") for n in range(6)][-1] == 429


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\u202e" + CODE, "%00%ff", "𝕂" * 200],
)
async def test_hostile_codes_are_shown_harmlessly_and_cut(visit, behind, hostile):
    page = (await visit().post("/verify", data={"code": hostile})).text
    assert "<script" not in page
    assert "<img" not in page
    [shown] = re.findall(r'name="code" value="([^"]*)"', page)
    assert unescape(shown) == hostile.strip()[:60]


async def test_a_flood_of_a_form_is_not_read_to_its_end(visit, behind):
    page = await visit().post("/verify", data={"code": "x" * 100_000})
    assert page.status_code == 413
    many = "&".join(f"a{n}=1" for n in range(500))
    assert (await visit().post("/verify", content=many)).status_code in {413, 422}
    assert behind.asked == []
