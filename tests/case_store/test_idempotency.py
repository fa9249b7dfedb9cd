"""`Idempotency-Key`: one effect and one answer, however often and however much at once a request comes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import StreamingResponse

from case_store.handlers.idempotency import Idempotency
from case_store.staffing import Role
from chassis.problems import Problem
from envelope.tracking import mint
from tests.case_store.calling import TOKEN, calling
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.one_api import Api, made

CODE, OTHER_CODE = mint(100, KEY), mint(101, KEY)
NOTE = {"text": "زنگ زدم؛ جواب نداد"}
NEW = {"username": "z.karimi", "name": "زهرا", "roles": ["agent"], "units": ["retirement"]}


@pytest.fixture
def app(store: Store) -> Api:
    return Api(store)


@pytest.fixture
async def agent(store: Store, app: Api) -> AsyncIterator[httpx.AsyncClient]:
    await store.file(routed(code=CODE), routed(code=OTHER_CODE, sender="+989120000002"))
    _, token = await store.a_member(roles=[Role.AGENT, Role.ADMINISTRATOR])
    async with calling(app, token) as client:
        yield client


def key(word: str) -> dict[str, str]:
    return {"Idempotency-Key": word}


async def test_fifty_copies_at_once_have_one_effect(store: Store, agent: httpx.AsyncClient):
    answers = await asyncio.gather(
        *(agent.post(f"/cases/{CODE}/notes", json=NOTE, headers=key("one")) for _ in range(50))
    )
    told = Counter(answer.status_code for answer in answers)
    assert set(told) <= {201, 409}
    assert told[201] >= 1
    assert await store.count("note") == 1
    again = await agent.post(f"/cases/{CODE}/notes", json=NOTE, headers=key("one"))
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    first = next(answer for answer in answers if answer.status_code == 201)
    assert again.content == first.content
    assert await store.count("note") == 1


async def test_the_answer_comes_again_with_status_body_type_and_etag(agent: httpx.AsyncClient):
    first, again = [
        await agent.post(f"/cases/{CODE}/claim", json={}, headers=key('"quoted key"')) for _ in range(2)
    ]
    assert first.is_success
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    for name in ("etag", "content-type", "content-length"):
        assert first.headers[name] == again.headers[name]
    assert (first.status_code, first.content) == (again.status_code, again.content)


async def test_quotes_do_not_make_another_key(store: Store, agent: httpx.AsyncClient):
    for word in ("same", '"same"', ' "same" '):
        assert (await agent.post(f"/cases/{CODE}/notes", json=NOTE, headers=key(word))).status_code == 201
    assert await store.count("note") == 1


@pytest.mark.parametrize("other", ["body", "case", "query"])
async def test_the_same_key_with_another_request_is_refused(
    store: Store, agent: httpx.AsyncClient, other: str
):
    await agent.post(f"/cases/{CODE}/notes", json=NOTE, headers=key("one"))
    answer = await agent.post(
        f"/cases/{OTHER_CODE if other == 'case' else CODE}/notes",
        json={"text": "چیز دیگر"} if other == "body" else NOTE,
        params={"x": "1"} if other == "query" else None,
        headers=key("one"),
    )
    assert answer.status_code == 422
    assert "another payload" in answer.json()["detail"]
    assert await store.count("note") == 1


async def test_everybody_has_keys_of_their_own(store: Store, app: Api, agent: httpx.AsyncClient):
    _, token = await store.a_member()
    async with calling(app, token) as colleague:
        for client in (agent, colleague):
            answer = await client.post(f"/cases/{CODE}/notes", json=NOTE, headers=key("one"))
            assert "idempotency-replayed" not in answer.headers
    assert await store.count("note") == 2


async def test_a_key_outlives_the_session(store: Store, app: Api, agent: httpx.AsyncClient):
    await agent.post(f"/cases/{CODE}/notes", json=NOTE, headers=key("one"))
    [row] = await store.rows("SELECT staff_id, now() FROM staff_session")
    async with store.database.transaction() as tx:
        token, _ = await store.access.sessions.begin(tx, *row.values())
    async with calling(app, token) as again:
        answer = await again.post(f"/cases/{CODE}/notes", json=NOTE, headers=key("one"))
        assert answer.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(
    "word", ["", " ", '"', '"open', '"a"b"', "a" * 201, "two words", "\x01", '""', "سلام"]
)
async def test_a_malformed_key_is_refused_before_anything_happens(store: Store, agent, word: str):
    headers = {b"Idempotency-Key": word.encode()}
    answer = await agent.post(f"/cases/{CODE}/notes", json=NOTE, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert await store.count("note") == 0
    assert word.strip() == "" or word not in answer.json()["detail"]


async def test_without_a_key_each_request_counts(store: Store, agent: httpx.AsyncClient):
    for _ in range(2):
        await agent.post(f"/cases/{CODE}/notes", json=NOTE)
    assert (await store.count("note"), await store.count("idempotency_key")) == (2, 0)


async def test_nobody_without_a_token_takes_a_key(store: Store, app: Api):
    for token in (None, "wrong"):
        async with calling(app, token) as stranger:
            answer = await stranger.post(f"/cases/{CODE}/notes", json=NOTE, headers=key("one"))
            assert answer.status_code == 401
    assert await store.count("idempotency_key") == 0


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"/cases/{CODE}/notes", {"text": ""}, 422),
        ("/dead-letters/replay", {}, 403),
        (f"/cases/{mint(9, KEY)}/notes", NOTE, 404),
        ("/nowhere", {}, 404),
    ],
)
async def test_a_refusal_did_nothing_and_is_thought_about_again(
    store: Store, agent: httpx.AsyncClient, path: str, body: dict[str, str], status: int
):
    for _ in range(2):
        answer = await agent.post(path, json=body, headers=key("one"))
        assert (answer.status_code, "idempotency-replayed" in answer.headers) == (status, False)
    assert await store.count("idempotency_key") == 0


async def test_whoever_was_told_of_a_change_meanwhile_may_send_the_same_again(store: Store, agent):
    path, body = f"/cases/{CODE}/replies", {"text": "می‌رسد", "author": "x"}
    late = await agent.post(path, json=body, headers=key("one") | {"If-Match": '"99"'})
    assert late.status_code == 412
    version = (await agent.get(f"/cases/{CODE}")).headers["etag"]
    assert (await agent.post(path, json=body, headers=key("one") | {"If-Match": version})).status_code == 201


async def test_an_answer_with_a_secret_in_it_is_not_kept(store: Store, agent: httpx.AsyncClient):
    hired = await agent.post("/staff", json=NEW, headers=key("one"))
    assert hired.json()["password"] not in str(await store.rows("SELECT * FROM idempotency_key"))
    assert await store.count("idempotency_key") == 0
    again = await agent.post("/staff", json=NEW, headers=key("one"))
    assert again.status_code == 409, "the user name itself employs once"


async def test_replies_keep_their_own_once(store: Store, agent: httpx.AsyncClient):
    body = {"text": "می‌رسد", "author": "x", "reply_id": "0197a1b2-0000-7000-8000-000000000001"}
    path = f"/cases/{CODE}/replies"
    one = await agent.post(path, json=body)
    two = await agent.post(path, json=body, headers=key("a"))
    three = await agent.post(path, json=body, headers=key("b"))
    assert {answer.json()["id"] for answer in (one, two, three)} == {one.json()["id"]}
    assert (await agent.post(path, json=body | {"text": "نمی‌رسد"})).status_code == 422
    [sent] = await store.rows("SELECT count(*) FROM outbound_message WHERE purpose = 'reply'")
    assert sent["count"] == 1


# Crashes, failures, streams: on routes that do what real ones should not


@pytest.fixture
def workshop(store: Store) -> FastAPI:
    """An API of the test's own, that takes more routes."""
    return made(store.handlers)


@pytest.fixture
def odd(workshop: FastAPI) -> dict[str, int]:  # noqa: C901  (a row of small routes)
    """Routes under /api/v1 beside the real ones, and how often each did its work."""
    done: Counter[str] = Counter()
    router = APIRouter(prefix="/api/v1/odd")

    @router.post("/fails")
    async def fails() -> None:
        done["fails"] += 1
        message = "our fault"
        raise RuntimeError(message)

    @router.post("/away")
    async def away() -> None:
        done["away"] += 1
        raise Problem(503, "away")

    @router.post("/slow")
    async def slow() -> dict[str, int]:
        done["slow"] += 1
        mine = done["slow"]
        await asyncio.sleep(0.8 if mine == 1 else 0.1)
        return {"done": mine}

    @router.post("/stream")
    async def stream() -> StreamingResponse:
        done["stream"] += 1

        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(60):
                yield b"x" * 100_000

        return StreamingResponse(pieces(), media_type="text/csv")

    @router.post("/events")
    async def events() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"data: 1\n\n"

        return StreamingResponse(pieces(), media_type="text/event-stream")

    @router.post("/deaf")
    async def deaf() -> dict[str, int]:
        done["deaf"] += 1
        return {"done": done["deaf"]}

    @router.post("/upload")
    async def upload(request: Request) -> dict[str, int]:
        done["upload"] += 1
        async with request.form() as form:
            return {"parts": len(form)}

    workshop.router.routes[0:0] = router.routes
    return done


@pytest.fixture
async def service(workshop: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(workshop, TOKEN) as client:
        yield client


@pytest.mark.parametrize(("path", "status"), [("fails", 500), ("away", 503)])
async def test_a_failure_of_ours_is_not_kept_and_may_be_tried_again_at_once(
    store: Store, service, odd, path: str, status: int
):
    for _ in range(2):
        answer = await service.post(f"/odd/{path}", headers=key("one"))
        assert answer.status_code == status
    assert odd[path] == 2
    assert await store.count("idempotency_key") == 0


async def test_while_postgresql_is_away_nothing_is_done_and_the_caller_may_come_again(
    store: Store, service, odd
):
    await store.rows("ALTER TABLE idempotency_key RENAME TO gone")
    answer = await service.post("/odd/deaf", headers=key("one"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["content-type"] == "application/problem+json"
    assert odd["deaf"] == 0


async def test_while_the_first_is_under_way_the_second_is_told_to_wait(service, odd):
    first = asyncio.create_task(service.post("/odd/slow", headers=key("one")))
    await asyncio.sleep(0.2)
    second = await service.post("/odd/slow", headers=key("one"))
    assert (second.status_code, second.headers["retry-after"]) == (409, "1")
    assert (await first).json() == {"done": 1}
    assert (await service.post("/odd/slow", headers=key("one"))).json() == {"done": 1}
    assert odd["slow"] == 1


async def test_a_request_that_crashed_may_be_sent_again_after_its_lease(store: Store, service, odd):
    await store.rows(
        "INSERT INTO idempotency_key (actor, key, fingerprint, begun_at) "
        "VALUES ('service', 'one', '', now() - interval '119 seconds')"
    )
    assert (await service.post("/odd/deaf", headers=key("one"))).status_code == 409
    await store.rows("UPDATE idempotency_key SET begun_at = now() - interval '121 seconds'")
    answers = await asyncio.gather(*(service.post("/odd/deaf", headers=key("one")) for _ in range(5)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert odd["deaf"] == 1


async def test_whoever_was_taken_for_crashed_does_not_overwrite_the_answer(
    store: Store, workshop, service, odd
):
    workshop.user_middleware[0].kwargs["keys"]._lease = timedelta(0)
    slow = asyncio.create_task(service.post("/odd/slow", headers=key("one")))
    await asyncio.sleep(0.2)
    quick = await service.post("/odd/slow", headers=key("one"))
    assert not slow.done(), "the first one ends last"
    await slow
    [row] = await store.rows("SELECT body FROM idempotency_key")
    assert row["body"] == quick.content


@pytest.mark.parametrize(("path", "length"), [("stream", 6_000_000), ("events", 9)])
async def test_a_stream_flows_and_is_not_kept(store: Store, service, odd, path: str, length: int):
    for _ in range(2):
        answer = await service.post(f"/odd/{path}", headers=key("one"))
        assert len(answer.content) == length
        assert "idempotency-replayed" not in answer.headers
    assert await store.count("idempotency_key") == 0


async def test_a_body_that_the_route_did_not_read_counts_too(service, odd):
    for body, status in (({"x": 1}, 200), ({"x": 1}, 200), ({"x": 2}, 422)):
        assert (await service.post("/odd/deaf", json=body, headers=key("one"))).status_code == status
    assert odd["deaf"] == 1


async def test_an_upload_is_the_same_whatever_word_parts_it(service, odd):
    for _ in range(2):
        answer = await service.post(
            "/odd/upload", files={"file": ("a.txt", b"x" * 300_000)}, headers=key("one")
        )
        assert answer.json() == {"parts": 1}
    assert odd["upload"] == 1
    longer = await service.post("/odd/upload", files={"file": ("a.txt", b"x" * 300_001)}, headers=key("one"))
    assert longer.status_code == 422


async def test_keys_are_forgotten_after_a_day(store: Store, service, odd):
    keys = Idempotency(store.database)
    for _ in range(2):
        await service.post("/odd/deaf", headers=key("one"))
    await keys.forget()
    assert await store.count("idempotency_key") == 1
    await store.rows("UPDATE idempotency_key SET begun_at = now() - interval '25 hours'")
    await service.post("/odd/deaf", headers=key("one"))
    assert odd["deaf"] == 2, "an old key is new again, even before it is swept"
    await store.rows("UPDATE idempotency_key SET begun_at = now() - interval '25 hours'")
    await keys.forget()
    assert await store.count("idempotency_key") == 0


async def test_the_description_of_the_api_tells_of_it_at_every_post(app: Api):
    paths = app.openapi()["paths"]
    posts = {
        path: verbs["post"] for path, verbs in paths.items() if "post" in verbs and path.startswith("/api")
    }
    assert len(posts) > 20
    for path, verb in posts.items():
        named = [one["name"].lower() for one in verb["parameters"]]
        assert named.count("idempotency-key") == 1, path
