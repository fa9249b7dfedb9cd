"""Signing in and out: one sentence for every failure, no password on any page, nothing without a session."""

import pyotp
import pytest

from case_store.staffing import Role
from desk.settings import SESSION_COOKIE
from tests.desk.conftest import CODE, routed

PASSWORD = "گذرواژهٔ آزمایشی ۱۴۰۵"
WRONG = "ورود انجام نشد"


@pytest.fixture
async def member(store):
    """A member of the staff with a password of their own."""
    from case_store.staffing import service  # noqa: PLC0415

    await store.access.organisation.load_defaults()
    told = {
        "username": "m.ahmadi",
        "name": "مریم احمدی",
        "roles": [Role.AGENT],
        "units": ["retirement"],
        "language": "fa",
    }
    employed, first = await store.access.members.employ(service(), told)
    return employed, first


async def settled(visitor, first: str) -> None:
    """Signed in, with a password of their own."""
    await visitor.fill("/login", username="m.ahmadi", password=first)
    await visitor.fill("/profile/password", current=first, new=PASSWORD, again=PASSWORD)


@pytest.mark.parametrize(
    "path", ["/", "/queues", "/mine", f"/cases/{CODE}", "/profile", f"/cases/{CODE}/files/{'a' * 64}"]
)
async def test_without_a_session_every_page_leads_to_the_login(visitor, path):
    answer = await visitor.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


async def test_after_the_login_one_is_where_one_wanted_to_be(visitor, member, store):
    await store.file(routed(code=CODE))
    _, first = member
    await settled(visitor, first)
    await visitor.post("/logout")
    answer = await visitor.fill("/login", username="m.ahmadi", password=PASSWORD, next=f"/cases/{CODE}")
    assert answer.headers["location"] == f"/cases/{CODE}"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"]
)
async def test_a_login_leads_nowhere_but_to_our_own_pages(visitor, member, elsewhere):
    _, first = member
    answer = await visitor.fill("/login", username="m.ahmadi", password=first, next=elsewhere)
    assert answer.headers["location"] == "/"


async def test_the_cookie_is_for_the_browser_alone(visitor, member):
    _, first = member
    answer = await visitor.fill("/login", username="m.ahmadi", password=first)
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(SESSION_COOKIE)
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


async def test_every_failure_reads_the_same_and_no_page_holds_the_password(visitor, member):
    _, first = member
    pages = []
    for username, password in (("m.ahmadi", "wrong"), ("nobody", first), ("m.ahmadi", "\0")):
        answer = await visitor.fill("/login", status=401, username=username, password=password)
        assert WRONG in answer.text
        assert password == "\0" or password not in answer.text
        pages.append(answer.text.replace(username, ""))
    assert len(set(pages)) == 1


async def test_a_first_password_is_changed_before_anything_else(visitor, member):
    _, first = member
    await visitor.fill("/login", username="m.ahmadi", password=first)
    assert (await visitor.get("/queues")).headers["location"] == "/profile/password"
    differs = await visitor.fill("/profile/password", status=422, current=first, new=PASSWORD, again="x")
    assert "یکی نیستند" in differs.text
    weak = await visitor.fill("/profile/password", status=422, current=first, new="کوتاه", again="کوتاه")
    assert "پذیرفته نشد" in weak.text
    wrong = await visitor.fill("/profile/password", status=422, current="x", new=PASSWORD, again=PASSWORD)
    assert "گذرواژهٔ کنونی درست نیست" in wrong.text
    await visitor.fill("/profile/password", current=first, new=PASSWORD, again=PASSWORD)
    assert "صف" in await visitor.html("/queues")


async def test_a_second_factor_is_set_up_asked_for_and_removed(visitor, member):
    _, first = member
    await settled(visitor, first)
    begun = await visitor.post("/profile/second-factor")
    assert "<svg" in begun.text
    secret = begun.text.split('name="secret" value="')[1].split('"')[0]
    totp = pyotp.TOTP(secret)
    refused = await visitor.fill(
        "/profile/second-factor/confirm", status=422, code="000000", secret=secret, uri="x"
    )
    assert "این رمز درست نیست" in refused.text
    await visitor.fill("/profile/second-factor/confirm", code=totp.now(), secret=secret, uri="x")
    assert "فعال است" in await visitor.html("/profile")
    await visitor.post("/logout")

    asked = await visitor.fill("/login", status=200, username="m.ahmadi", password=PASSWORD)
    assert 'name="code"' in asked.text
    assert WRONG not in asked.text
    assert PASSWORD not in asked.text
    wrong = await visitor.fill("/login", status=401, username="m.ahmadi", password=PASSWORD, code="111111")
    assert WRONG in wrong.text


async def test_with_script_the_second_step_is_put_into_the_form_that_stands(visitor, member):
    _, first = member
    answer = await visitor.post(
        "/login", data={"username": "m.ahmadi", "password": "x"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 401
    assert 'id="login-fault"' in answer.text
    assert "<form" not in answer.text
    entered = await visitor.post(
        "/login", data={"username": "m.ahmadi", "password": first}, headers={"HX-Request": "true"}
    )
    assert entered.headers["HX-Redirect"] == "/"


async def test_signing_out_ends_the_session_at_the_store_too(visitor, member, store):
    _, first = member
    await settled(visitor, first)
    token = visitor.cookies[SESSION_COOKIE]
    await visitor.post("/logout")
    visitor.cookies.set(SESSION_COOKIE, token)
    assert (await visitor.get("/queues")).headers["location"].startswith("/login")


async def test_the_chosen_language_goes_with_the_account_and_turns_the_page(sign_in, store):
    agent = await sign_in("agent")
    assert '<html lang="fa" dir="rtl"' in await agent.html("/profile")
    await agent.fill("/preferences", language="en", back="/profile")
    assert '<html lang="en" dir="ltr"' in await agent.html("/profile")
    [row] = await store.rows("SELECT language FROM staff")
    assert row["language"] == "en"
    del agent.cookies["payam_language"]
    assert '<html lang="en" dir="ltr"' in await agent.html("/profile")


async def test_a_link_from_another_site_finds_its_way_with_the_strict_cookie(visitor):
    page = await visitor.html("/login?next=/queues", Sec_Fetch_Site="cross-site")
    assert 'data-to="/queues"' in page
