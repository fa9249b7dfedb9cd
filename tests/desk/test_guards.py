"""Other sites' forms, headers, the store away, and whatever else should not hurt anybody."""

import httpx
import pytest

from desk.app import create_app
from desk.clients import CaseStore
from desk.settings import SESSION_COOKIE, DeskSettings
from tests.desk.conftest import ADDRESS, CODE, browser, routed


@pytest.mark.parametrize(
    "told",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
async def test_a_form_of_another_site_is_refused_and_changes_nothing(sign_in, store, told):
    await store.file(routed(code=CODE))
    agent = await sign_in("agent")
    del agent.headers["Sec-Fetch-Site"]
    answer = await agent.post(f"/cases/{CODE}/note", data={"text": "x"}, headers=told)
    assert answer.status_code == 403
    assert (await store.case(CODE))["notes"] == []


async def test_a_browser_that_tells_its_origin_alone_is_believed(sign_in, store):
    await store.file(routed(code=CODE))
    agent = await sign_in("agent")
    del agent.headers["Sec-Fetch-Site"]
    answer = await agent.post(f"/cases/{CODE}/note", data={"text": "x"}, headers={"Origin": ADDRESS})
    assert answer.status_code == 303


@pytest.mark.parametrize("path", ["/login", "/queues", f"/cases/{CODE}", "/nowhere"])
async def test_every_page_is_locked_down_and_kept_by_nobody(sign_in, store, path):
    await store.file(routed(code=CODE))
    answer = await (await sign_in("agent")).get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for inline in ("<style", " style=", " onclick", "<script>", "hx-on"):
        assert inline not in answer.text


@pytest.fixture
def lost() -> CaseStore:
    """A store that does not answer."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    return CaseStore(DeskSettings(), httpx.MockTransport(refuse))


async def test_while_the_store_is_away_the_page_says_so_and_looks_again(lost):
    async with browser(create_app(DeskSettings(), store=lost)) as client:
        client.cookies.set(SESSION_COOKIE, "token")
        answer = await client.get("/queues")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        assert 'data-again="5"' in answer.text
        assert "چیزی گم نشده است" in answer.text
        ready = (await client.get("/readyz")).json()
        assert ready["status"] == "degraded"


async def test_what_was_typed_comes_back_when_the_store_is_away(lost):
    async with browser(create_app(DeskSettings(), store=lost)) as client:
        client.cookies.set(SESSION_COOKIE, "token")
        answer = await client.post(
            f"/cases/{CODE}/replies?list=mine", data={"text": "نوشتهٔ <مهم>", "reply_id": "abc"}
        )
        assert answer.status_code == 503
        assert "نوشتهٔ &lt;مهم&gt;" in answer.text
        assert 'name="reply_id" value="abc"' in answer.text
        assert f'action="/cases/{CODE}/replies?list=mine"' in answer.text


async def test_for_script_the_trouble_stands_above_and_the_form_stays(lost):
    async with browser(create_app(DeskSettings(), store=lost)) as client:
        client.cookies.set(SESSION_COOKIE, "token")
        answer = await client.post(
            f"/cases/{CODE}/replies", data={"text": "x"}, headers={"HX-Request": "true"}
        )
        assert answer.headers["HX-Retarget"] == "#notices"
        assert "<html" not in answer.text


async def test_a_session_that_ended_while_typing_gives_the_text_back(sign_in, store):
    await store.file(routed(code=CODE))
    agent = await sign_in("agent")
    agent.cookies.set(SESSION_COOKIE, "ended")
    answer = await agent.post(f"/cases/{CODE}/note", data={"text": "نوشتهٔ مهم"})
    assert answer.status_code == 401
    assert "نوشتهٔ مهم" in answer.text
    assert 'href="/login" target="_blank"' in answer.text


async def test_a_password_is_never_given_back(lost):
    async with browser(create_app(DeskSettings(), store=lost)) as client:
        answer = await client.post(
            "/login", data={"username": "u", "password": "secret-words", "code": "123456"}
        )
        assert answer.status_code == 503
        assert "secret-words" not in answer.text
        assert "123456" not in answer.text


async def test_the_desk_holds_no_token_of_its_own():
    assert not [name for name in DeskSettings.model_fields if "token" in name]
