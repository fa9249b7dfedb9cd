"""Both clients do the same: hand in once however often they try, wait as told, keep the key to themselves."""

import asyncio
import inspect
import time
from datetime import UTC, datetime

import httpx
import pytest

from payam_client import (
    AsyncClient,
    ByAccount,
    ByMobile,
    ChangedError,
    Client,
    ConflictError,
    InvalidError,
    NewMessage,
    NotThereError,
    ProblemError,
    QuotaError,
    RefusedError,
    State,
    UnavailableError,
)

KEY = "payam_test_" + "k" * 43
MESSAGE = NewMessage(text="متن", person=ByMobile(mobile="09121234567"), reference="t-1")
CODE = "1234567894"
RECEIPT = {
    "message_id": "0b6f3f8e-6c1d-5a51-9d0e-6a0f6f1f2b7a",
    "tracking_code": CODE,
    "state": "received",
    "accepted_at": "2026-11-22T08:00:00Z",
    "links": {},
}
SUBMISSION = {
    "message_id": RECEIPT["message_id"],
    "tracking_code": CODE,
    "case_code": CODE,
    "opened": True,
    "reference": "t-1",
    "state": "answered",
    "topic": "other",
    "kind": None,
    "submitted_at": "2026-11-22T08:00:00Z",
    "last_activity_at": "2026-11-22T08:00:00Z",
    "version": 4,
    "news": "of a newer API",
}
CASE = SUBMISSION | {
    "section": "general",
    "due_at": None,
    "closed_at": None,
    "answers": [{"at": "2026-11-22T08:00:00Z", "text": "پاسخ", "official": None}],
}


class Api:
    """Gives its answers one after another, the last for ever; an exception is no answer."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def said(status: int, kind: str = "about:blank", **headers: str) -> httpx.Response:
    told = {"type": kind, "title": "No", "status": status}
    return httpx.Response(status, json=told, headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.fixture
def waits(monkeypatch) -> list[float]:
    """How long was waited, without waiting."""
    found: list[float] = []

    async def sleep(seconds: float) -> None:
        found.append(seconds)

    monkeypatch.setattr(time, "sleep", found.append)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    return found


@pytest.fixture(params=[Client, AsyncClient])
def called(request, waits):
    """`called(api, "case", code)` by either client."""

    async def call(api: Api, name: str, *told: object, **more: object) -> object:
        client = request.param("https://api.example", KEY, transport=httpx.MockTransport(api))
        result = getattr(client, name)(*told, **more)
        result = await result if inspect.isawaitable(result) else result
        if inspect.isasyncgen(result):
            result = [each async for each in result]
        elif inspect.isgenerator(result):
            result = list(result)
        if isinstance(client, AsyncClient):
            await client.aclose()
        else:
            client.close()
        return result

    return call


async def test_what_is_handed_in_has_a_key_of_its_own(called):
    api = Api(httpx.Response(201, json=RECEIPT))
    first, second = await called(api, "hand_in", MESSAGE), await called(api, "hand_in", MESSAGE)
    keys = [request.headers["idempotency-key"] for request in api.asked]
    assert keys == [first.idempotency_key, second.idempotency_key]
    assert keys[0] != keys[1]
    assert (first.tracking_code, first.state, first.replayed) == (CODE, State.RECEIVED, False)
    [request] = api.asked[:1]
    assert str(request.url) == "https://api.example/api/v1/messages"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.content.decode() == '{"text":"متن","person":{"mobile":"09121234567"},"reference":"t-1"}'


async def test_a_moment_goes_out_with_its_offset(called):
    api = Api(httpx.Response(201, json=RECEIPT))
    told = NewMessage(
        text="a", person=ByAccount(account="x"), occurred_at=datetime(2026, 11, 22, 8, tzinfo=UTC)
    )
    await called(api, "hand_in", told)
    assert b'"occurred_at":"2026-11-22T08:00:00Z"' in api.asked[0].content


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ReadTimeout("x"),
        httpx.ConnectError("x"),
        httpx.RemoteProtocolError("x"),
        said(503),
        said(502),
        said(504),
        said(429),
        said(409, "urn:payam:problem:under-way"),
    ],
)
async def test_what_passes_is_tried_again_with_the_same_key(called, waits, trouble):
    api = Api(trouble, trouble, httpx.Response(201, json=RECEIPT, headers={"Idempotency-Replayed": "true"}))
    receipt = await called(api, "hand_in", MESSAGE)
    assert receipt.replayed
    assert {request.headers["idempotency-key"] for request in api.asked} == {receipt.idempotency_key}
    assert {request.content for request in api.asked} == {api.asked[0].content}
    assert len(waits) == 2
    assert 0.25 <= waits[0] <= 0.5 <= waits[1] <= 1.0


async def test_it_waits_as_long_as_it_is_told(called, waits):
    api = Api(said(503, retry_after="7"), said(429, retry_after="9"), httpx.Response(201, json=RECEIPT))
    await called(api, "hand_in", MESSAGE)
    assert waits == [7.0, 9.0]


async def test_who_is_told_to_come_back_tomorrow_is_told_at_once(called, waits):
    api = Api(said(429, retry_after="30000"))
    with pytest.raises(QuotaError) as caught:
        await called(api, "hand_in", MESSAGE)
    assert caught.value.seconds == 30_000
    assert waits == []
    assert len(api.asked) == 1


async def test_who_gets_no_answer_can_go_on_later(called, waits):
    api = Api(httpx.ReadTimeout("x"))
    with pytest.raises(UnavailableError) as caught:
        await called(api, "hand_in", MESSAGE, idempotency_key="my-own")
    assert caught.value.idempotency_key == "my-own"
    assert len(api.asked) == 4
    assert len(waits) == 3
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (400, "urn:payam:problem:idempotency-key", InvalidError),
        (401, "urn:payam:problem:key-refused", RefusedError),
        (403, "urn:payam:problem:scope-missing", RefusedError),
        (404, "urn:payam:problem:not-there", NotThereError),
        (409, "urn:payam:problem:past-withdrawal", ConflictError),
        (412, "urn:payam:problem:changed", ChangedError),
        (413, "about:blank", InvalidError),
        (422, "urn:payam:problem:idempotency-key-reused", InvalidError),
    ],
)
async def test_what_does_not_pass_is_not_tried_again(called, waits, status, kind, error):
    api = Api(said(status, kind))
    with pytest.raises(ProblemError) as caught:
        await called(api, "withdraw", CODE)
    assert type(caught.value) is error
    assert (caught.value.status, caught.value.type) == (status, kind)
    assert len(api.asked) == 1
    assert waits == []


@pytest.mark.parametrize("content", [b"", b"<html>", b"[1]"])
async def test_an_answer_that_is_none_is_an_error_of_ours(called, content):
    with pytest.raises(UnavailableError):
        await called(Api(httpx.Response(200, content=content)), "case", CODE)
    with pytest.raises(NotThereError):
        await called(Api(httpx.Response(404, content=content)), "case", CODE)
    with pytest.raises(UnavailableError):
        await called(Api(httpx.Response(500, content=content)), "case", CODE)


async def test_a_case_is_read_with_its_answers(called):
    api = Api(httpx.Response(200, json=CASE))
    case = await called(api, "case", CODE)
    assert (case.state, case.version) == (State.ANSWERED, 4)
    assert [answer.text for answer in case.answers] == ["پاسخ"]
    assert await called(Api(httpx.Response(304)), "case_if_newer", case) is None
    newer = Api(httpx.Response(200, json=CASE | {"version": 5, "state": "archived"}))
    found = await called(newer, "case_if_newer", case)
    assert (found.version, found.state) == (5, "archived")
    assert newer.asked[0].headers["if-none-match"] == '"4"'


async def test_a_code_leads_to_no_other_path(called):
    api = Api(httpx.Response(200, json=CASE))
    await called(api, "case", "../webhooks?x=")
    assert api.asked[0].url.raw_path == b"/api/v1/cases/..%2Fwebhooks%3Fx%3D"


async def test_a_withdrawal_can_name_the_version(called):
    api = Api(httpx.Response(200, json=CASE | {"state": "withdrawn"}))
    assert (await called(api, "withdraw", CODE, version=4)).state is State.WITHDRAWN
    assert api.asked[0].headers["if-match"] == '"4"'
    await called(api, "withdraw", CODE)
    assert "if-match" not in api.asked[1].headers


async def test_pages_are_followed_to_the_last(called):
    pages = [{"messages": [SUBMISSION], "next_cursor": "b"}, {"messages": [SUBMISSION], "next_cursor": None}]
    api = Api(*(httpx.Response(200, json=page) for page in pages))
    assert len(await called(api, "messages", reference="t-1")) == 2
    assert [request.url.query for request in api.asked] == [
        b"limit=200&reference=t-1",
        b"limit=200&cursor=b&reference=t-1",
    ]


@pytest.mark.parametrize(
    "address", ["http://api.example", "api.example", "ftp://api.example", "http://localhost.evil"]
)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_key_goes_over_tls_alone(address, kind):
    with pytest.raises(ValueError, match="https"):
        kind(address, KEY)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_client_shows_no_key(kind):
    client = kind("http://127.0.0.1:8000", KEY)
    assert KEY not in repr(client) + repr(vars(client))
