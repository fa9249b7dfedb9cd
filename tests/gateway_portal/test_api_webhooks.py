"""A partner's own webhooks, by its key: its own alone, and of the world of that key."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.gateway_portal.conftest import (
    LIVE_KEY,
    PARTNER,
    SANDBOX_KEY,
    Portal,
    Started,
    StoreStandIn,
    a_key,
    a_partner,
)

HOOKS = f"/partners/{PARTNER}/webhooks"
ID, DELIVERY = str(UUID(int=1)), str(UUID(int=2))
WEBHOOK = {
    "id": ID,
    "url": "https://partner.example/payam",
    "types": [],
    "sandbox": False,
    "state": "active",
    "old_secret_until": None,
    "created_at": "2026-11-22T08:00:00Z",
    "created_by": "service",
    "version": 3,
}
LOGGED = {
    "id": DELIVERY,
    "event_id": str(uuid4()),
    "type": "ir.payam.case.answered",
    "tracking_code": "1234567897",
    "created_at": "2026-11-22T11:20:00Z",
    "state": "dead",
    "attempts": [{"at": "2026-11-22T11:20:10Z", "status": None, "error": "timeout", "milliseconds": 10_001}],
    "next_at": None,
}
SECRET = {"secret": "whsec_" + "A" * 44}
ALL = [
    ("GET", "", None, HOOKS, {"webhooks": [WEBHOOK]}, 200),
    ("POST", "", {"url": WEBHOOK["url"]}, HOOKS, WEBHOOK | SECRET, 201),
    ("GET", f"/{ID}", None, f"{HOOKS}/{ID}", WEBHOOK, 200),
    ("PATCH", f"/{ID}", {"state": "disabled"}, f"{HOOKS}/{ID}", WEBHOOK, 200),
    ("DELETE", f"/{ID}", None, f"{HOOKS}/{ID}", httpx.Response(204), 204),
    ("POST", f"/{ID}/secret", None, f"{HOOKS}/{ID}/secret", WEBHOOK | SECRET, 200),
    ("POST", f"/{ID}/test", None, f"{HOOKS}/{ID}/test", LOGGED, 202),
    (
        *("GET", f"/{ID}/deliveries", None, f"{HOOKS}/{ID}/deliveries"),
        {"deliveries": [LOGGED], "next_cursor": None},
        200,
    ),
    (
        *("POST", f"/{ID}/deliveries/{DELIVERY}/replay", None),
        *(f"{HOOKS}/{ID}/deliveries/{DELIVERY}/replay", LOGGED, 200),
    ),
]


async def ask(portal: Portal, verb: str, path: str, key: str = LIVE_KEY, **how: Any) -> httpx.Response:  # noqa: ANN401
    async with portal.partner(key) as partner:
        return await partner.request(verb, f"/api/v1/webhooks{path}", **how)


class Behind(StoreStandIn):
    """Remembers verbs and queries as well."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return super().__call__(request)


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
def sent(portal: Portal) -> Callable[[str], list[Any]]:
    """The bodies, or queries, that the store was asked with."""

    def found(path: str) -> list[Any]:
        return [body for asked, _, body in portal.behind.asked if asked == path]

    return found


@pytest.mark.parametrize("key", [LIVE_KEY, SANDBOX_KEY])
@pytest.mark.parametrize("route", ALL, ids=lambda route: f"{route[0]} {route[3].removeprefix(HOOKS)}")
async def test_every_route_asks_the_store_for_this_partner_in_this_world_alone(
    portal: Portal, behind: Behind, route, key
):
    verb, path, body, asked, answer, status = route
    behind.answers[asked] = answer
    answered = await ask(portal, verb, path, key, json=body)
    assert answered.status_code == status, answered.text
    [request] = [one for one in behind.requests if one.url.path == f"/api/v1{asked}"]
    assert request.method == verb
    assert request.url.params["sandbox"] == ("true" if key == SANDBOX_KEY else "false")


async def test_a_new_one_is_of_the_keys_world_and_its_secret_is_kept_by_no_cache(portal: Portal, sent):
    portal.behind.answers[HOOKS] = lambda body: WEBHOOK | SECRET | {"sandbox": body["sandbox"]}
    for key, sandbox in ((LIVE_KEY, False), (SANDBOX_KEY, True)):
        answer = await ask(portal, "POST", "", key, json={"url": WEBHOOK["url"]})
        assert answer.json()["sandbox"] is sandbox
        assert answer.json()["secret"] == SECRET["secret"]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["location"] == f"/api/v1/webhooks/{ID}"
        assert answer.headers["etag"] == '"3"'
    assert [body["sandbox"] for body in sent(HOOKS)] == [False, True]
    tried = await ask(portal, "POST", "", json={"url": WEBHOOK["url"], "sandbox": True})
    assert tried.status_code == 422


@pytest.mark.parametrize("route", ALL, ids=lambda route: f"{route[0]} {route[3].removeprefix(HOOKS)}")
async def test_no_route_opens_without_the_scope(started: Started, behind: Behind, route):
    verb, path, body, asked, answer, _ = route
    poor = "payam_live_" + "p" * 43
    scopes = ("messages:write", "messages:vouch", "cases:read", "cases:cancel")
    behind.partners = [a_partner(a_key(poor, *scopes))]
    behind.answers[asked] = answer
    async with started() as portal:
        for key, refused in ((poor, 403), ("wrong", 401), (LIVE_KEY, 401)):
            assert (await ask(portal, verb, path, key, json=body)).status_code == refused
    assert [path for path, *_ in behind.asked if path.startswith(HOOKS)] == []


@pytest.mark.parametrize(
    "url",
    [
        *("http://partner.example/", "https://10.0.0.1/", "https://[::1]/", "https://169.254.169.254/meta"),
        *("https://u:p@partner.example/", "https://partner.example/#x", "ftp://partner.example/", "nowhere"),
        "https://partner.example/" + "a" * 2_000,
    ],
)
async def test_an_address_that_webhooks_do_not_go_to_is_refused_at_once(portal: Portal, sent, url):
    for verb, path in (("POST", ""), ("PATCH", f"/{ID}")):
        answer = await ask(portal, verb, path, json={"url": url})
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert url not in answer.text
    assert sent(HOOKS) == []


async def test_a_developers_machine_may_be_told_without_tls(started: Started, behind):
    behind.answers[HOOKS] = WEBHOOK | SECRET
    async with started(webhook_networks="127.0.0.0/8") as portal:
        for url, status in (
            ("http://127.0.0.1:9/", 201),
            ("http://localhost:9/", 201),
            ("http://10.0.0.1/", 422),
        ):
            assert (await ask(portal, "POST", "", json={"url": url})).status_code == status, url


@pytest.mark.parametrize(
    ("stored", "given", "name"),
    [
        (httpx.Response(404, json={"detail": "the partner has no such endpoint"}), 404, "not-there"),
        (httpx.Response(409, json={"detail": "this delivery is under way"}), 409, "webhook-state"),
        (httpx.Response(409, text="<html>"), 409, "webhook-state"),
        (httpx.Response(412, json={}), 412, "changed"),
        (httpx.Response(500), 503, "away"),
        (httpx.Response(200, text="<html>"), 503, "away"),
    ],
)
async def test_what_the_store_says_is_told_as_a_problem(portal: Portal, stored, given, name):
    portal.behind.answers[f"{HOOKS}/{ID}"] = lambda _: stored
    answer = await ask(portal, "PATCH", f"/{ID}", json={"types": []}, headers={"If-Match": '"2"'})
    assert (answer.status_code, answer.json()["type"]) == (given, f"urn:payam:problem:{name}")


async def test_with_the_store_away_it_says_so_and_when_to_come_back(portal: Portal):
    portal.behind.away = True
    answer = await ask(portal, "GET", "")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_a_cursor_that_is_none_is_no_page(portal: Portal):
    portal.behind.answers[f"{HOOKS}/{ID}/deliveries"] = httpx.Response(422, json={"title": "no"})
    assert (await ask(portal, "GET", f"/{ID}/deliveries?cursor=x")).status_code == 404


async def test_the_log_is_asked_for_by_state_and_page(portal: Portal, sent):
    portal.behind.answers[f"{HOOKS}/{ID}/deliveries"] = {"deliveries": [LOGGED], "next_cursor": "n"}
    query = {"state": "dead", "limit": "7", "cursor": "c"}
    answer = await ask(portal, "GET", f"/{ID}/deliveries", params=query)
    assert answer.json() == {"deliveries": [LOGGED], "next_cursor": "n"}
    assert sent(f"{HOOKS}/{ID}/deliveries") == [query | {"sandbox": "false"}]


async def test_nothing_of_the_staff_is_told_to_a_partner(portal: Portal):
    portal.behind.answers[f"{HOOKS}/{ID}"] = WEBHOOK | {"created_by": "زهرا کریمی"}
    assert "created_by" not in (await ask(portal, "GET", f"/{ID}")).json()
