"""Search, standard answers, official replies and exports over HTTP: their forms, statuses and cursors."""

import json
from uuid import uuid4

import httpx
import pytest

from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.test_api import api

__all__ = ["api"]
CODE, OTHER = mint(1, KEY), mint(2, KEY)
ANSWER = {"topic": "pension_payment", "title": "فیش", "text": "فیش در سامانه است.", "shortcut": "/Fish"}


async def test_a_search_gives_cases_with_snippets_and_goes_on_by_its_cursor(
    api: httpx.AsyncClient, store: Store
):
    await store.file(routed(code=CODE), routed(code=OTHER, sender="+989120000002"))
    await store.knowledge.index.catch_up()
    first = (await api.post("/search", json={"q": "بازنش", "limit": 1})).json()
    assert (first["kind"], [case["tracking_code"] for case in first["cases"]]) == ("words", [OTHER])
    snippet = first["cases"][0]["snippet"]
    assert [snippet["text"][start:end] for start, end in snippet["marks"]] == ["بازنشستگی"]
    rest = (await api.post("/search", json={"q": "بازنش", "limit": 1, "cursor": first["next_cursor"]})).json()
    assert [case["tracking_code"] for case in rest["cases"]] == [CODE]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    "body", [{}, {"q": ""}, {"q": "x" * 201}, {"q": "x", "cursor": "?"}, {"q": "x", "y": 1}]
)
async def test_a_search_of_another_form_is_refused_without_being_repeated(api: httpx.AsyncClient, body):
    answer = await api.post("/search", json=body)
    assert answer.status_code == 422
    assert "xxx" not in answer.text


async def test_an_answer_goes_from_draft_to_suggestion(api: httpx.AsyncClient, store: Store):
    await store.file(routed(code=CODE))
    written = await api.post("/answers", json=ANSWER)
    assert (written.status_code, written.headers["etag"]) == (201, '"1"')
    answer = written.json()
    assert (answer["shortcut"], answer["versions"][0]["state"]) == ("/fish", "draft")
    path = f"/answers/{answer['id']}"
    submitted = await api.post(f"{path}/versions/1/submit", headers={"If-Match": '"1"'})
    assert submitted.json()["versions"][0]["state"] == "submitted"
    assert (await api.post(f"{path}/versions/1/approve", headers={"If-Match": '"1"'})).status_code == 412
    assert (await api.post(f"{path}/versions/1/approve")).status_code == 403
    assert (await api.post(f"{path}/versions/1/nonsense")).status_code == 422
    await store.rows("UPDATE answer_version SET state = 'approved'")
    [suggestion] = (await api.get(f"/cases/{CODE}/suggestions")).json()["suggestions"]
    assert (suggestion["id"], suggestion["number"]) == (answer["id"], 1)
    reply = {"text": "فیش", "author": "a", "answer_id": answer["id"], "answer_number": 1}
    assert (await api.post(f"/cases/{CODE}/replies", json=reply)).status_code == 201
    assert (await api.get(path)).json()["uses"] == 1
    [listed] = (await api.get("/answers", params={"q": "فيش"})).json()["answers"]
    assert (listed["offered"], listed["uses"]) == (True, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"shortcut": "fish"},
        {"shortcut": "/a b"},
        {"valid_from": "2026-02-01", "valid_to": "2026-01-01"},
        {"text": "x" * 901},
        {"topic": "nonsense"},
        {"title": "\0"},
    ],
)
async def test_an_answer_of_another_form_is_refused(api: httpx.AsyncClient, wrong):
    assert (await api.post("/answers", json=ANSWER | wrong)).status_code == 422


async def test_answers_are_listed_page_by_page(api: httpx.AsyncClient):
    for number in range(5):
        assert (await api.post("/answers", json=ANSWER | {"shortcut": f"/a{number}"})).status_code == 201
    assert (await api.post("/answers", json=ANSWER | {"shortcut": "/a1"})).status_code == 409
    seen, cursor = [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/answers", params=params)).json()
        seen += [answer["shortcut"] for answer in page["answers"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == ["/a4", "/a3", "/a2", "/a1", "/a0"]


async def test_an_official_reply_is_issued_verified_and_revoked(api: httpx.AsyncClient, store: Store):
    await store.file(routed(code=CODE))
    issued = await api.post(f"/cases/{CODE}/official-replies", json={"text": "معتبر است"})
    assert issued.status_code == 201
    reply = issued.json()
    code = {"code": reply["verification_code"].lower()}
    verified = (await api.post("/verifications", json=code)).json()
    assert (verified["known"], verified["genuine"], verified["text"]) == (True, True, "معتبر است")
    assert verified.keys() == {"known", "genuine", "issued_at", "revoked_at", "text"}
    path = f"/official-replies/{reply['id']}/revoke"
    assert (await api.post(path, json={"reason": "اشتباه"})).json()["revoked_reason"] == "اشتباه"
    assert (await api.post(path, json={"reason": "اشتباه"})).status_code == 409
    verified = (await api.post("/verifications", json=code)).json()
    assert (verified["known"], verified["genuine"], verified["text"]) == (True, False, None)
    unknown = await api.post("/verifications", json={"code": "K7QM-93XD-PRT4"})
    assert (unknown.status_code, unknown.json()["known"]) == (200, False)
    [listed] = (await api.get(f"/cases/{CODE}/official-replies")).json()["official_replies"]
    assert listed["revoked_at"] is not None


@pytest.mark.parametrize("body", [{}, {"answer_id": str(uuid4())}, {"answer_number": 1}, {"text": " "}])
async def test_an_official_reply_says_something(api: httpx.AsyncClient, store: Store, body):
    await store.file(routed(code=CODE))
    assert (await api.post(f"/cases/{CODE}/official-replies", json=body)).status_code == 422


async def test_an_export_is_a_file_of_its_kind_with_the_filters_of_the_list(
    api: httpx.AsyncClient, store: Store
):
    await store.file(routed(code=CODE))
    table = await api.get("/exports/cases.csv", params={"state": "new"})
    assert table.headers["content-type"].startswith("text/csv")
    assert table.headers["content-disposition"] == 'attachment; filename="cases.csv"'
    assert table.text.count("\r\n") == 2
    lines = await api.get("/exports/cases.jsonl", params={"with": "messages"})
    assert json.loads(lines.text)["said"][0]["text"]
    assert (await api.get("/exports/cases.jsonl", params={"state": "closed"})).text == ""
    assert (await api.get("/exports/cases.csv", params={"state": "nonsense"})).status_code == 422
