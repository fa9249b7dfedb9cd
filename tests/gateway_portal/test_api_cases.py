"""A partner sees how its own submissions stand, before the store has them too, and takes them back."""

import json

import httpx
import pytest

from gateway_portal.repository import once as once_module
from tests.gateway_portal.conftest import LIVE_KEY, PARTNER, SANDBOX_KEY, a_key, a_partner
from tests.gateway_portal.test_api_messages import hand_in, problem

CODE, SPACED = "1234567894", "۱۲۳ ۴۵۶ ۷۸۹۴"
CASE, PATH = "/partner/case", f"/api/v1/cases/{CODE}"
WITHDRAWAL, SUBMISSIONS = "/partner/withdrawal", "/partner/submissions"
OWN = {"partner_id": PARTNER, "sandbox": False}
STORED = {
    "message_id": "0b6f3f8e-6c1d-5a51-9d0e-6a0f6f1f2b7a",
    "tracking_code": CODE,
    "case_code": CODE,
    "opened": True,
    "reference": "ticket-4711",
    "state": "answered",
    "topic": "contribution_record",
    "kind": "complaint",
    "submitted_at": "2026-11-20T08:00:00Z",
    "last_activity_at": "2026-11-22T11:20:00Z",
    "version": 4,
    "section": "insurance",
    "due_at": "2026-12-06T12:00:00Z",
    "closed_at": None,
    "answers": [{"at": "2026-11-22T11:20:00Z", "text": "سابقهٔ شما اصلاح شد.", "official": None}],
}


async def get(portal, path=PATH, key=LIVE_KEY, **headers):
    async with portal.partner(key) as service:
        return await service.get(path, headers=headers)


async def withdraw(portal, path=PATH, key=LIVE_KEY, **headers):
    async with portal.partner(key) as service:
        return await service.post(f"{path}/withdrawal", headers=headers)


async def test_a_case_is_shown_as_the_store_tells_it(portal, behind):
    behind.answers[CASE] = STORED
    answer = await get(portal)
    assert answer.status_code == 200
    assert answer.json() == STORED
    assert answer.headers["etag"] == '"4"'
    assert answer.headers["cache-control"] == "no-store"
    assert behind.asked == [(CASE, "Bearer a-service-token", {**OWN, "code": CODE})]


async def test_a_code_is_read_however_it_was_typed(portal, behind):
    behind.answers[CASE] = STORED
    assert (await get(portal, f"/api/v1/cases/{SPACED}")).status_code == 200
    assert behind.asked[0][2]["code"] == CODE


@pytest.mark.parametrize("typed", ["1234567890", "x", "%00", "12345678941"])
async def test_what_is_no_code_leads_nowhere_and_the_store_is_not_asked(portal, behind, typed):
    problem(await get(portal, f"/api/v1/cases/{typed}"), 404, "not-there")
    problem(await withdraw(portal, f"/api/v1/cases/{typed}"), 404, "not-there")
    assert behind.asked == []


async def test_words_that_only_a_newer_store_knows_hurt_nobody(portal, behind):
    behind.answers[CASE] = {**STORED, "topic": "new", "kind": "new", "section": "new", "more": 1}
    told = (await get(portal)).json()
    assert (told["topic"], told["kind"], told["section"]) == ("other", None, None)
    assert "more" not in told


@pytest.mark.parametrize("tag", ['"4"', 'W/"4"', '"3", "4"', "*"])
async def test_what_is_known_is_not_told_again(portal, behind, tag):
    behind.answers[CASE] = STORED
    answer = await get(portal, **{"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == '"4"'
    assert "ratelimit" in answer.headers


@pytest.mark.parametrize("tag", ['"3"', "4", "", '""'])
async def test_what_has_changed_is_told(portal, behind, tag):
    behind.answers[CASE] = STORED
    assert (await get(portal, **{"If-None-Match": tag})).status_code == 200


async def test_another_partners_case_is_not_there(portal):
    problem(await get(portal), 404, "not-there")


async def test_a_submission_is_received_until_the_store_has_it(portal, behind):
    told = {
        "text": "متن",
        "person": {"mobile": "09121234567"},
        "topic": "pension_payment",
        "reference": "t-1",
    }
    receipt = (await hand_in(portal, told)).json()
    path = receipt["links"]["case"]
    case = (await get(portal, path)).json()
    assert (case["state"], case["version"], case["answers"]) == ("received", 0, [])
    for name in ("message_id", "tracking_code"):
        assert case[name] == receipt[name]
    assert (case["reference"], case["topic"], case["kind"]) == ("t-1", "pension_payment", None)
    assert case["submitted_at"] == receipt["accepted_at"]
    stored = {**STORED, "tracking_code": receipt["tracking_code"], "submitted_at": receipt["accepted_at"]}
    behind.answers[CASE] = stored
    assert (await get(portal, path)).json()["state"] == "answered"


async def test_nothing_goes_back_to_received(portal, behind):
    receipt = (await hand_in(portal)).json()
    path = receipt["links"]["case"]
    behind.answers[CASE] = {**STORED, "submitted_at": receipt["accepted_at"]}
    await get(portal, path)
    behind.away = True
    problem(await get(portal, path), 503, "away")


async def test_with_the_store_away_only_what_is_on_its_way_is_known(portal, behind):
    receipt = (await hand_in(portal)).json()
    behind.away = True
    assert (await get(portal, receipt["links"]["case"])).json()["state"] == "received"
    answer = await get(portal)
    problem(answer, 503, "away")
    assert answer.headers["retry-after"] == "5"


async def test_what_is_on_its_way_is_seen_by_nobody_else(portal, behind):
    other = "payam_live_" + "o" * 43
    keys = (a_key(LIVE_KEY), a_key(SANDBOX_KEY, sandbox=True))
    behind.partners = [a_partner(*keys), a_partner(a_key(other), id="other-one")]
    await portal.app.state.book.refresh()
    path = (await hand_in(portal)).json()["links"]["case"]
    assert (await get(portal, path)).status_code == 200
    problem(await get(portal, path, key=other), 404, "not-there")
    problem(await get(portal, path, key=SANDBOX_KEY), 404, "not-there")


async def test_without_redis_what_is_on_its_way_is_known_all_the_same(started, mortal_redis):
    async with started(redis=mortal_redis) as portal:
        mortal_redis.stop()
        path = (await hand_in(portal)).json()["links"]["case"]
        assert (await get(portal, path)).json()["state"] == "received"


async def test_a_sandbox_key_asks_for_the_sandbox(portal, behind):
    behind.answers[CASE] = STORED
    await get(portal, key=SANDBOX_KEY)
    assert behind.asked[0][2] == {"partner_id": PARTNER, "sandbox": True, "code": CODE}


async def test_own_submissions_are_listed_page_by_page(portal, behind):
    one = {name: STORED[name] for name in STORED if name not in {"section", "due_at", "closed_at", "answers"}}
    behind.answers[SUBMISSIONS] = {"submissions": [one], "next_cursor": "more"}
    answer = await get(portal, "/api/v1/messages?limit=1&cursor=here&reference=ticket-4711")
    assert answer.json() == {"messages": [one], "next_cursor": "more"}
    told = {**OWN, "limit": 1, "cursor": "here", "reference": "ticket-4711"}
    assert behind.asked == [(SUBMISSIONS, "Bearer a-service-token", told)]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=", f"reference={'x' * 101}"])
async def test_a_page_that_cannot_be_asked_for(portal, behind, query):
    problem(await get(portal, f"/api/v1/messages?{query}"), 422, "invalid")
    assert behind.asked == []


@pytest.mark.parametrize("status", [400, 422])
async def test_a_cursor_that_is_none_leads_nowhere(portal, behind, status):
    behind.answers[SUBMISSIONS] = httpx.Response(status, json={})
    problem(await get(portal, "/api/v1/messages?cursor=none"), 404, "not-there")
    problem(await get(portal, "/api/v1/messages"), 503, "away")


@pytest.mark.parametrize(("if_match", "version"), [(None, None), ('"4"', 4), ("*", None)])
async def test_a_submission_is_taken_back(portal, behind, if_match, version):
    behind.answers[WITHDRAWAL] = {**STORED, "state": "withdrawn", "version": 5, "answers": []}
    answer = await withdraw(portal, **({"If-Match": if_match} if if_match else {}))
    assert answer.status_code == 200
    assert answer.json()["state"] == "withdrawn"
    assert answer.headers["etag"] == '"5"'
    assert behind.asked[0][2] == {**OWN, "code": CODE, "version": version}


@pytest.mark.parametrize(
    ("status", "told", "kind"),
    [(404, 404, "not-there"), (409, 409, "past-withdrawal"), (412, 412, "changed")],
)
async def test_what_cannot_be_taken_back_says_why(portal, behind, status, told, kind):
    behind.answers[WITHDRAWAL] = httpx.Response(status, json={})
    answer = await withdraw(portal)
    problem(answer, told, kind)
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize("tag", ["4", 'W/"4"', '"x"', '"4", "5"', '"99999999999999999999"'])
async def test_a_version_that_is_none_matches_nothing(portal, behind, tag):
    problem(await withdraw(portal, **{"If-Match": tag}), 412, "changed")
    assert behind.asked == []


async def test_what_is_on_its_way_is_taken_back_in_a_moment(portal, behind):
    path = (await hand_in(portal)).json()["links"]["case"]
    answer = await withdraw(portal, path)
    problem(answer, 409, "on-its-way")
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", PATH, "cases:read"),
        ("GET", "/api/v1/messages", "cases:read"),
        ("POST", f"{PATH}/withdrawal", "cases:cancel"),
        ("POST", "/api/v1/messages", "messages:write"),
    ],
)
async def test_a_key_does_what_it_may_and_no_more(portal, behind, method, path, scope):
    others = {"cases:read", "cases:cancel", "messages:write", "messages:vouch", "webhooks:manage"} - {scope}
    limited = "payam_live_" + "l" * 43
    behind.partners = [a_partner(a_key(limited, *sorted(others)))]
    await portal.app.state.book.refresh()
    async with portal.partner(limited) as service:
        answer = await service.request(method, path)
    told = problem(answer, 403, "scope-missing")
    assert scope in told["detail"]
    assert behind.asked == []


async def test_reading_is_counted_too(portal, behind):
    behind.partners = [a_partner(a_key(LIVE_KEY), per_minute=2)]
    await portal.app.state.book.refresh()
    behind.answers[CASE] = STORED
    answers = [await get(portal) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert problem(answers[2], 429, "quota")["quota"] == "minute"
    assert len(behind.asked) == 2


@pytest.mark.parametrize(
    "told", [httpx.Response(500), httpx.Response(200, text="<html>"), [1], {"state": "open"}]
)
async def test_a_store_that_makes_no_sense_is_away(portal, behind, told):
    behind.answers = dict.fromkeys((CASE, SUBMISSIONS, WITHDRAWAL), told)
    problem(await get(portal), 503, "away")
    problem(await get(portal, "/api/v1/messages"), 503, "away")
    problem(await withdraw(portal), 503, "away")


async def test_an_address_that_is_none_and_a_method_that_is_not_there_are_problems(portal):
    for method, path, status in (("GET", "/api/v1/nothing", 404), ("PUT", "/api/v1/messages", 405)):
        async with portal.partner() as service:
            answer = await service.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "about:blank"


async def test_a_fault_of_ours_is_a_problem_that_tells_nothing(portal, monkeypatch, behind):
    async def broken(_store, _caller, _code):
        raise RuntimeError("a citizen's words")

    monkeypatch.setattr("gateway_portal.clients.partners.PartnerStore.case", broken)
    answer = await get(portal)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "citizen" not in answer.text


async def test_what_is_remembered_lasts_a_day(portal, redis):
    await hand_in(portal)
    with redis.client() as client:
        for name in client.keys("payam:api:once:*") + client.keys("payam:api:code:*"):
            assert once_module.KEPT_SECONDS - 5 < client.ttl(name) <= once_module.KEPT_SECONDS
        for name in client.keys("payam:api:*day*") + client.keys("payam:api:*minute*"):
            assert client.ttl(name) > 0


async def test_people_still_get_pages(portal):
    answer = await portal.visit().get("/nothing")
    assert answer.headers["content-type"].startswith("text/html")
    assert "ratelimit" not in answer.headers
    assert json.dumps(PARTNER)[1:-1] not in answer.text
