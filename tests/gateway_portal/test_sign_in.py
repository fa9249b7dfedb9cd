"""Signing in: a number or a tracking code, six digits off the phone, and on to where one wanted to be."""

import re
from html import unescape

import httpx
import pytest
import structlog

from envelope.addresses import latin_digits
from envelope.tracking import is_valid, spaced
from gateway_portal.handlers import one_time_codes
from gateway_portal.routes.guard import SESSION_COOKIE
from gateway_portal.words import say
from persian.digits import persian_digits

SOMEBODY = "+989123456789"
CODES = [str(code) for code in range(1_000_000_000, 1_000_000_400) if is_valid(str(code))]
TRACKING, UNKNOWN = CODES[:2]
OWNER = "/citizen/owner"


@pytest.fixture(autouse=True)
def _one_case(behind):
    unknown = httpx.Response(404, json={"title": "Not Found"})
    behind.answers[OWNER] = lambda body: {"msisdn": SOMEBODY} if body["code"] == TRACKING else unknown


@pytest.fixture
def later(redis):
    """Let so much time pass that no limit is in the way."""

    def pass_():
        with redis.client() as client:
            for key in client.keys("payam:portal:sends:*"):
                client.delete(key)

    return pass_


def last_code(portal) -> str:
    return re.findall(r"[0-9]{6}", latin_digits(portal.texts[-1].text))[0]


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def hidden(page, name: str) -> str:
    values = set(re.findall(rf'type="hidden" name="{name}" value="([^"]*)"', page.text))
    assert len(values) == 1, values
    return unescape(values.pop())


async def asked(visitor, next_: str = "", lang: str = "", **typed: str):
    """The page that asks for the code."""
    sent = await visitor.post(f"/sign-in{lang}", data={"next": next_, **(typed or {"mobile": "09123456789"})})
    assert sent.status_code == 303, sent.text
    page = await visitor.get(sent.headers["location"])
    assert page.status_code == 200
    return page


async def typed(visitor, page, code: str, lang: str = ""):
    data = {"handle": hidden(page, "handle"), "next": hidden(page, "next"), "code": code}
    return await visitor.post(f"/sign-in/code{lang}", data=data)


async def signed_in(portal, visitor, next_: str = ""):
    page = await asked(visitor, next_)
    return await typed(visitor, page, last_code(portal))


async def test_somebody_signs_in_and_goes_on_to_where_they_wanted_to_be(portal):
    visitor = portal.visit()
    form = await visitor.get("/sign-in", params={"next": "/cases/1000000009"})
    assert form.status_code == 200
    assert hidden(form, "next") == "/cases/1000000009"
    page = await asked(visitor, hidden(form, "next"))
    assert say("fa", "sign_in.sent") in page.text
    assert [text.to.value for text in portal.texts] == [SOMEBODY]
    done = await typed(visitor, page, last_code(portal))
    assert (done.status_code, done.headers["location"]) == (303, "/cases/1000000009")
    home = await visitor.get("/verify")
    assert "۰۹۱۲۳۴۵۶۷۸۹" in home.text


async def test_pages_need_no_script_and_no_cookie_and_are_kept_nowhere(portal):
    visitor = portal.visit()
    for page in (await visitor.get("/sign-in"), await asked(visitor)):
        assert "<script" not in page.text
        assert not re.search(r"<style|style=|\son\w+=", page.text)
        assert "set-cookie" not in page.headers
        assert page.headers["cache-control"] == "no-store"
        assert page.text.count("<h1") == 1
    assert dict(visitor.cookies) == {}


async def test_the_code_field_helps_the_phone_to_fill_it_in(portal):
    page = await asked(portal.visit())
    [field] = re.findall(r'<input id="code"[^>]*>', page.text)
    for told in ('inputmode="numeric"', 'autocomplete="one-time-code"', "autofocus", 'dir="ltr"'):
        assert told in field
    assert SOMEBODY[3:] not in page.text


async def test_the_page_survives_a_phone_that_forgets_it_while_the_sms_is_read(portal):
    visitor = portal.visit()
    page = await asked(visitor)
    found_again = await visitor.get(str(page.url))
    assert (await typed(visitor, found_again, last_code(portal))).status_code == 303


@pytest.mark.parametrize("secure", [True, False])
async def test_the_cookie_is_for_the_session_and_for_us_alone(started, secure):
    async with started(public_url="https://1420.example" if secure else "") as portal:
        done = await signed_in(portal, portal.visit())
        cookie = done.headers["set-cookie"]
        assert cookie.startswith(f"{SESSION_COOKIE}=")
        flags = {flag.strip().lower() for flag in cookie.split(";")[1:]}
        assert flags == {"httponly", "samesite=lax", "path=/"} | ({"secure"} if secure else set())


@pytest.mark.parametrize(
    "typed_number",
    [
        "09123456789",
        "۰۹۱۲ ۳۴۵ ۶۷۸۹",
        "٠٩١٢٣٤٥٦٧٨٩",
        "+98 912 345 6789",
        "00989123456789",
        "9123456789",
        "0912-345-6789",
    ],
)
async def test_a_number_is_taken_however_it_is_spelled(portal, typed_number):
    await asked(portal.visit(), mobile=typed_number)
    assert portal.texts[0].to.value == SOMEBODY


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("mobile", "", "mobile_missing"),
        ("mobile", "  ", "mobile_missing"),
        ("mobile", "0912345", "mobile_wrong"),
        ("mobile", "02188888888", "mobile_wrong"),
        ("mobile", "سلام", "mobile_wrong"),
        ("mobile", "+14155552671", "mobile_abroad"),
        ("mobile", "9" * 5_000, "mobile_wrong"),
        ("code", "", "code_missing"),
        ("code", str(int(TRACKING) + 1), "code_wrong"),
        ("code", "9123456780", "code_wrong"),
        ("code", "\0\0", "code_missing"),
    ],
)
async def test_what_is_neither_is_said_beside_its_field_and_on_top(portal, field, value, words):
    page = await portal.visit().post("/sign-in", data={field: value, "next": "/cases"})
    assert page.status_code == 422
    assert page.text.count(say("fa", f"sign_in.{words}")) == 2
    assert f'href="#{field}"' in page.text
    [shown] = re.findall(rf'id="{field}" name="{field}" value="([^"]*)"', page.text)
    assert unescape(shown) == value.replace("\0", "").strip()[:60]
    assert hidden(page, "next") == "/cases"
    assert portal.texts == []


async def test_a_form_without_fields_asks_for_the_number(portal):
    page = await portal.visit().post("/sign-in", data={})
    assert page.status_code == 422
    assert say("fa", "sign_in.mobile_missing") in page.text


@pytest.mark.parametrize("field", ["code", "mobile"])
@pytest.mark.parametrize(
    "spelling",
    [TRACKING, f"{TRACKING[:3]} {TRACKING[3:]}", persian_digits(spaced(TRACKING).replace(" ", "-"))],
)
async def test_a_tracking_code_signs_its_person_in_whichever_field_it_stands_in(portal, field, spelling):
    visitor = portal.visit()
    page = await asked(visitor, **{field: spelling})
    assert say("fa", "sign_in.sent_if") in page.text
    assert SOMEBODY[3:] not in page.text
    assert "۰۹" not in page.text
    assert portal.texts[0].to.value == SOMEBODY
    assert (await typed(visitor, page, last_code(portal))).status_code == 303


async def test_a_number_in_the_field_of_the_tracking_code_is_taken_too(portal):
    await asked(portal.visit(), code="09123456789")
    assert portal.texts[0].to.value == SOMEBODY


async def test_a_slip_in_a_tracking_code_never_texts_a_stranger(portal, behind):
    page = await portal.visit().post("/sign-in", data={"code": "9123456780"})
    assert page.status_code == 422
    assert portal.texts == []
    assert behind.asked == []


async def test_ten_digits_that_may_be_either_are_what_their_field_says(portal, behind):
    either = next(f"912345{n:04}" for n in range(100) if is_valid(f"912345{n:04}"))
    await asked(portal.visit(), mobile=either)
    assert portal.texts[0].to.value == f"+98{either}"
    behind.answers[OWNER] = {"msisdn": SOMEBODY}
    await asked(portal.visit(), code=either)
    assert portal.texts[1].to.value == SOMEBODY


async def test_known_and_unknown_tracking_codes_look_alike_to_the_letter(portal, later, monkeypatch):
    monkeypatch.setattr(one_time_codes.secrets, "randbelow", lambda _most: 123_456)

    async def seen(code: str, address: str) -> list[tuple[int, str]]:
        visitor = portal.visit(address)
        pages = [await asked(visitor, code=code)]
        handle = hidden(pages[0], "handle")
        pages.append(await visitor.post("/sign-in", data={"code": code}))
        pages.append(await visitor.post("/sign-in/again", data={"handle": handle}))
        for _ in range(6):
            pages.append(await typed(visitor, pages[0], "000000"))
        later()
        again = await visitor.post("/sign-in/again", data={"handle": handle})
        pages.append(await visitor.get(again.headers["location"]))
        pages.append(await visitor.get("/sign-in/code", params={"handle": handle}))
        new = hidden(pages[-2], "handle")
        told = [
            (page.status_code, page.text.replace(handle, "H").replace(new, "H").replace(code, "C"))
            for page in pages
        ]
        return [
            (status, re.sub(r"[۰-۹]+:[۰-۹]+", "T", re.sub(r"[۰-۹]+ ثانیه", "S", text)))
            for status, text in told
        ]

    known = await seen(TRACKING, "198.51.100.1")
    texts = len(portal.texts)
    assert texts == 2
    assert await seen(UNKNOWN, "198.51.100.2") == known
    assert len(portal.texts) == texts
    assert [status for status, _ in known] == [200, 429, 429, *[422] * 6, 200, 410]


async def test_a_person_without_an_iranian_mobile_looks_the_same(portal, behind):
    behind.answers[OWNER] = {"msisdn": "+982188888888"}
    page = await asked(portal.visit(), code=TRACKING)
    assert say("fa", "sign_in.sent_if") in page.text
    assert portal.texts == []


async def test_the_case_store_is_spared_by_an_address_beyond_its_limit(portal, behind):
    visitor = portal.visit()
    for code in CODES[:30]:
        await asked(visitor, code=code)
    page = await visitor.post("/sign-in", data={"code": CODES[30]})
    assert page.status_code == 429
    assert len(behind.asked) == 30


async def test_a_wrong_code_is_told_with_the_attempts_that_are_left_and_spent_begins_anew(portal, later):
    visitor = portal.visit()
    page = await asked(visitor, "/cases?state=open")
    code = last_code(portal)
    for left in (4, 3, 2):
        wrong = await typed(visitor, page, other(code))
        assert wrong.status_code == 422
        assert say("fa", "sign_in.left", n=left) in wrong.text
        assert f'value="{other(code)}"' in wrong.text
    assert say("fa", "sign_in.last_left") in (await typed(visitor, page, other(code))).text
    spent = await typed(visitor, page, other(code))
    assert say("fa", "sign_in.spent_lead") in spent.text
    assert 'id="code"' not in spent.text
    assert "set-cookie" not in spent.headers
    assert (await typed(visitor, page, code)).status_code == 422
    later()
    again = await visitor.post(
        "/sign-in/again", data={"handle": hidden(spent, "handle"), "next": hidden(spent, "next")}
    )
    fresh = await visitor.get(again.headers["location"])
    done = await typed(visitor, fresh, last_code(portal))
    assert (done.status_code, done.headers["location"]) == (303, "/cases?state=open")


@pytest.mark.parametrize("nothing", ["", "  ", None])
async def test_an_empty_code_costs_nothing(portal, nothing):
    visitor = portal.visit()
    page = await asked(visitor)
    data = {"handle": hidden(page, "handle"), **({} if nothing is None else {"code": nothing})}
    for _ in range(6):
        empty = await visitor.post("/sign-in/code", data=data)
        assert empty.status_code == 422
        assert empty.text.count(say("fa", "sign_in.empty")) == 2
    assert (await typed(visitor, page, last_code(portal))).status_code == 303


async def test_another_code_may_be_asked_for_after_the_wait_that_the_page_tells(portal, later):
    visitor = portal.visit()
    page = await asked(visitor)
    assert re.search(r"(۶۰|۵۹|۵۸) ثانیهٔ دیگر", page.text)
    early = await visitor.post("/sign-in/again", data={"handle": hidden(page, "handle")})
    assert early.status_code == 429
    assert 55 <= int(early.headers["retry-after"]) <= 60
    assert hidden(early, "handle") == hidden(page, "handle")
    assert 'id="code"' in early.text
    later()
    again = await visitor.post("/sign-in/again", data={"handle": hidden(page, "handle")})
    newer = await visitor.get(again.headers["location"])
    assert len(portal.texts) == 2
    assert (await typed(visitor, page, last_code(portal))).status_code == 410
    assert (await typed(visitor, newer, last_code(portal))).status_code == 303


@pytest.mark.parametrize("handle", ["", "x", "ناشناخته", "\0", "<script>alert(1)</script>", "x" * 20_000])
async def test_an_unknown_handle_begins_again_kindly(portal, handle):
    visitor = portal.visit()
    data = {"handle": handle, "code": "123456"}
    pages = [
        await visitor.post("/sign-in/code", data=data),
        await visitor.post("/sign-in/again", data=data),
        await visitor.get("/sign-in/code", params={"handle": handle}),
    ]
    for page in pages:
        assert page.status_code == 410
        assert say("fa", "sign_in.over") in page.text
        assert 'id="mobile"' in page.text
        assert "<script" not in page.text


async def test_whoever_asks_too_often_is_told_how_long_to_wait_and_what_else_to_do(portal):
    visitor = portal.visit()
    await asked(visitor)
    page = await visitor.post("/sign-in", data={"mobile": "0912 345 6789", "next": "/cases"})
    assert page.status_code == 429
    assert 55 <= int(page.headers["retry-after"]) <= 60
    assert 'value="0912 345 6789"' in page.text
    assert hidden(page, "next") == "/cases"
    assert "۱۴۲۰" in page.text
    assert "۱۰۰۰۱۴۲۰" in page.text
    assert len(portal.texts) == 1


async def test_a_new_token_at_each_sign_in_and_the_old_session_ends(portal, later):
    visitor = portal.visit()
    await signed_in(portal, visitor)
    first = visitor.cookies[SESSION_COOKIE]
    later()
    await signed_in(portal, visitor)
    second = visitor.cookies[SESSION_COOKIE]
    assert first != second
    thief = portal.visit()
    thief.cookies.set(SESSION_COOKIE, first)
    assert "۰۹۱۲۳۴۵۶۷۸۹" not in (await thief.get("/verify")).text
    assert "۰۹۱۲۳۴۵۶۷۸۹" in (await visitor.get("/verify")).text


async def test_a_token_that_somebody_planted_is_not_taken_over(portal):
    visitor = portal.visit()
    visitor.cookies.set(SESSION_COOKIE, "planted")
    done = await signed_in(portal, visitor)
    assert f"{SESSION_COOKIE}=planted" not in done.headers["set-cookie"]
    thief = portal.visit()
    thief.cookies.set(SESSION_COOKIE, "planted")
    assert "۰۹۱۲۳۴۵۶۷۸۹" not in (await thief.get("/verify")).text


async def test_signing_out_ends_the_session_everywhere(portal):
    visitor = portal.visit()
    await signed_in(portal, visitor)
    token = visitor.cookies[SESSION_COOKIE]
    left = await visitor.post("/sign-out")
    assert (left.status_code, left.headers["location"]) == (303, "/")
    assert SESSION_COOKIE not in visitor.cookies
    thief = portal.visit()
    thief.cookies.set(SESSION_COOKIE, token)
    assert "۰۹۱۲۳۴۵۶۷۸۹" not in (await thief.get("/verify")).text
    assert (await visitor.post("/sign-out")).status_code == 303


async def test_whoever_is_signed_in_goes_straight_on(portal):
    visitor = portal.visit()
    await signed_in(portal, visitor)
    page = await visitor.get("/sign-in", params={"next": "/cases/1000000009"})
    assert (page.status_code, page.headers["location"]) == (303, "/cases/1000000009")
    page = await visitor.get("/sign-in", params={"next": "/sign-in?next=/sign-in"})
    assert page.headers["location"] == "/cases"


@pytest.mark.parametrize(
    "hostile",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/cases\r\nSet-Cookie: a=b",
        "/cases\0",
        "\t//evil.example",
        "/\t/evil.example",
        " //evil.example",
        "evil.example",
        "/\u2028x",
        "/" + "x" * 5_000,
        "/sign-in",
        "/sign-out",
        '"><script>alert(1)</script>',
    ],
)
async def test_nobody_is_led_elsewhere_after_signing_in(portal, later, hostile):
    visitor = portal.visit()
    form = await visitor.get("/sign-in", params={"next": hostile})
    assert form.status_code == 200
    assert hidden(form, "next") in {"", "/cases"}
    assert "<script" not in form.text
    page = await asked(visitor, hostile)
    data = {"handle": hidden(page, "handle"), "next": hostile, "code": last_code(portal)}
    done = await visitor.post("/sign-in/code", data=data)
    assert done.status_code == 303
    # NUL is left out of every form, so that what stays is a page of ours.
    assert done.headers["location"] == "/cases"
    assert len(done.headers.get_list("set-cookie")) == 1
    assert done.headers["set-cookie"].startswith(f"{SESSION_COOKIE}=")


async def test_english_stays_english_from_page_to_page_and_in_the_text(portal):
    visitor = portal.visit()
    page = await asked(visitor, "/cases?state=open", lang="?lang=en")
    assert '<html lang="en" dir="ltr">' in page.text
    assert say("en", "sign_in.sent") in page.text
    assert "Your Social Security code" in portal.texts[0].text
    done = await typed(visitor, page, last_code(portal), "?lang=en")
    assert done.headers["location"] == "/cases?state=open&lang=en"


async def test_another_site_cannot_ask_check_or_sign_out_for_anybody(portal):
    visitor = portal.visit(**{"Sec-Fetch-Site": "cross-site"})
    for path in ("/sign-in", "/sign-in/again", "/sign-in/code", "/sign-out"):
        assert (await visitor.post(path, data={"mobile": "09123456789"})).status_code == 403
    assert portal.texts == []


async def test_without_kafka_the_page_says_what_else_to_do_and_keeps_the_number(portal):
    portal.bus.down = True
    visitor = portal.visit()
    for typed_ in ({"mobile": "0912 345 6789"}, {"code": TRACKING}):
        page = await visitor.post("/sign-in", data={**typed_, "next": "/cases"})
        assert page.status_code == 503
        assert page.headers["retry-after"] == "60"
        assert say("fa", "sign_in.away") in page.text
        assert f'value="{next(iter(typed_.values()))}"' in page.text
        assert hidden(page, "next") == "/cases"
        assert "۱۴۲۰" in page.text
        assert "۱۰۰۰۱۴۲۰" in page.text
    portal.bus.down = False
    assert (await signed_in(portal, visitor)).status_code == 303


@pytest.mark.parametrize("trouble", ["away", "error", "nonsense"])
async def test_without_the_case_store_a_number_still_signs_in(portal, behind, trouble):
    behind.away, behind.status = trouble == "away", 500 if trouble == "error" else 200
    behind.answers[OWNER] = "nonsense"
    visitor = portal.visit()
    page = await visitor.post("/sign-in", data={"code": TRACKING})
    assert page.status_code == 503
    assert say("fa", "sign_in.no_store") in page.text
    assert f'value="{TRACKING}"' in page.text
    assert (await signed_in(portal, visitor)).status_code == 303


async def test_without_redis_every_page_says_what_else_to_do(started, mortal_redis):
    async with started(redis=mortal_redis) as portal:
        visitor = portal.visit()
        page = await asked(visitor, "/cases")
        code = last_code(portal)
        mortal_redis.stop()
        assert (await visitor.get("/sign-in")).status_code == 200
        handle = hidden(page, "handle")
        answers = [
            await visitor.post("/sign-in", data={"mobile": "0912 345 6789"}),
            await visitor.post("/sign-in", data={"code": TRACKING}),
            await visitor.get("/sign-in/code", params={"handle": handle}),
            await visitor.post("/sign-in/code", data={"handle": handle, "code": code}),
            await visitor.post("/sign-in/again", data={"handle": handle}),
        ]
        for answer in answers:
            assert answer.status_code == 503
            assert "۱۰۰۰۱۴۲۰" in answer.text
            assert "set-cookie" not in answer.headers
        assert 'value="0912 345 6789"' in answers[0].text
        assert f'value="{code}"' in answers[3].text
        assert [hidden(answer, "handle") for answer in answers[2:]] == [handle] * 3
        assert (await visitor.post("/sign-out")).status_code == 303
        mortal_redis.start()
        assert (await signed_in(portal, visitor)).status_code == 303


async def test_nothing_of_a_sign_in_is_logged(portal):
    visitor = portal.visit()
    with structlog.testing.capture_logs() as lines:
        page = await asked(visitor)
        code = last_code(portal)
        await typed(visitor, page, other(code))
        await typed(visitor, page, code)
        await visitor.post("/sign-out")
    told = str(lines)
    for secret in (SOMEBODY[3:], code, hidden(page, "handle"), "198.51.100.7"):
        assert secret not in told
    assert "signed_in" in told
