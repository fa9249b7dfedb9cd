"""Referrals and people over HTTP: what is answered, by which ETag, and what a refusal tells."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from case_store.staffing import Role
from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.desks import Member, Office, opened

CODE, OTHER_CODE = mint(100, KEY), mint(101, KEY)
ASK = {"tier": "liaison", "unit_id": "pensions_office", "question": "علت تأخیر واریز؟"}


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    await store.file(routed(code=CODE), routed(code=OTHER_CODE, sender="+989120000002"))
    async with opened(store) as office:
        yield office


@pytest.fixture
async def agent(office: Office) -> Member:
    return await office.member()


async def test_a_referral_goes_out_and_comes_back(office: Office, agent: Member):
    liaison = await office.member(Role.LIAISON, units=["pensions_office"], name="رابط یک")
    colleague = await office.member(Role.LIAISON, units=["pensions_office"])
    seen = await agent.get(f"/cases/{CODE}")
    asked = await agent.post(f"/cases/{CODE}/referrals", json=ASK, headers={"If-Match": seen.headers["etag"]})
    assert (asked.status_code, asked.headers["etag"]) == (201, '"1"')
    referral = asked.json()
    assert (referral["unit_name_fa"], referral["state"], referral["may"]) == (
        "اداره‌کل امور مستمری‌ها",
        "open",
        ["recall"],
    )
    stale = await agent.post(f"/cases/{CODE}/referrals", json=ASK, headers={"If-Match": seen.headers["etag"]})
    assert stale.status_code == 412

    url = f"/referrals/{referral['id']}"
    watched = (await liaison.ok("GET", "/referrals"))["referrals"]
    assert [(row["id"], row["tracking_code"], row["overdue"]) for row in watched] == [
        (referral["id"], CODE, False)
    ]
    claimed = await liaison.post(f"{url}/claim", headers={"If-Match": '"1"'})
    assert (claimed.json()["assignee_name"], claimed.headers["etag"]) == ("رابط یک", '"2"')
    taken = await colleague.post(f"{url}/claim")
    assert (taken.status_code, taken.json()["assignee"]) == (409, "رابط یک")
    late = await colleague.post(f"{url}/answer", json={"text": "بله"}, headers={"If-Match": '"1"'})
    assert late.status_code == 412
    answered = await liaison.ok("POST", f"{url}/answer", json={"text": "فردا واریز می‌شود."})
    assert (answered["state"], answered["answer"], answered["may"]) == (
        "answered",
        "فردا واریز می‌شود.",
        [],
    )
    second = await colleague.post(f"{url}/return", json={"reason": "از ما نیست"})
    assert (second.status_code, second.json()["by"], second.json()["state"]) == (409, "رابط یک", "answered")
    case = await agent.ok("GET", f"/cases/{CODE}")
    assert case["state"] == "open"
    assert [row["answer"] for row in case["referrals"]] == ["فردا واریز می‌شود."]


async def test_the_list_goes_on_where_a_page_ended(office: Office, agent: Member):
    asked = {(await agent.ok("POST", f"/cases/{CODE}/referrals", json=ASK))["id"] for _ in range(5)}
    liaison = await office.member(Role.LIAISON, units=["pensions_office"])
    seen, cursor = [], None
    while True:
        page = await liaison.ok(
            "GET", "/referrals", params={"limit": 2} | ({"cursor": cursor} if cursor else {})
        )
        seen += [row["id"] for row in page["referrals"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert len(seen) == 5
    assert set(seen) == asked


async def test_forwarding_recalling_and_asking_below(office: Office, agent: Member):
    expert = await office.member(Role.EXPERT)
    top = await agent.ok("POST", f"/cases/{CODE}/referrals", json={"tier": "expert", "question": "شرایط؟"})
    forward = {"tier": "liaison", "unit_id": "pensions_office"}
    sent_on = await expert.ok("POST", f"/referrals/{top['id']}/forward", json=forward)
    assert (sent_on["state"], [row["question"] for row in sent_on["below"]]) == ("forwarded", ["شرایط؟"])
    more = await expert.ok("POST", f"/cases/{CODE}/referrals", json={**ASK, "parent_id": top["id"]})
    assert [row["id"] for row in more["above"]] == [top["id"]]
    wrong_case = {**ASK, "parent_id": top["id"]}
    assert (await expert.post(f"/cases/{OTHER_CODE}/referrals", json=wrong_case)).status_code == 404
    recalled = await agent.ok("POST", f"/referrals/{top['id']}/recall", json={"reason": "حل شد"})
    assert {row["state"] for row in recalled["below"]} == {"recalled"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**ASK, "tier": "agent"},
        {**ASK, "question": " "},
        {**ASK, "question": "ا" * 4_001},
        {**ASK, "question": "\0"},
        {**ASK, "unit_id": "u" * 101},
        {**ASK, "more": 1},
    ],
)
async def test_a_question_of_the_wrong_form_is_refused(agent: Member, body: dict):
    answer = await agent.post(f"/cases/{CODE}/referrals", json=body)
    assert answer.status_code == 422
    assert ASK["question"] not in answer.text


async def test_what_is_not_there_is_not_found(agent: Member):
    for path in (f"/referrals/{uuid4()}", f"/contacts/{uuid4()}/merges"):
        assert (await agent.get(path)).status_code == 404
    assert (await agent.post("/cases/1111111111/referrals", json=ASK)).status_code == 404
    assert (await agent.post(f"/merges/{uuid4()}/undo")).status_code == 404


async def person(agent: Member, code: str) -> str:
    return (await agent.ok("GET", f"/cases/{code}"))["person"]["id"]


async def test_a_person_is_changed_by_their_etag(office: Office, agent: Member):
    url = f"/contacts/{await person(agent, CODE)}"
    answer = await agent.patch(url, json={"name": "مریم رضایی", "national_id": "۱۳۵۴۲۴۱۹"})
    assert (answer.json()["national_id"], answer.headers["etag"]) == ("0013542419", '"2"')
    assert (await agent.patch(url, json={"name": "کسی"}, headers={"If-Match": '"1"'})).status_code == 412
    auditor = await office.member(Role.AUDITOR, units=[])
    assert (await auditor.ok("GET", url))["national_id"] == "•••••••419"
    assert (await auditor.patch(url, json={"name": "کسی"})).status_code == 403
    gone = await agent.ok("PATCH", url, json={"national_id": None})
    assert (gone["name"], gone["national_id"]) == ("مریم رضایی", None)


@pytest.mark.parametrize("typed", ["0013542418", "1111111111", "123", "نمی‌دانم"])
async def test_a_national_id_that_does_not_check_is_refused_and_not_repeated(agent: Member, typed: str):
    answer = await agent.patch(f"/contacts/{await person(agent, CODE)}", json={"national_id": typed})
    assert answer.status_code == 422
    assert typed not in answer.text
    assert (await agent.patch(f"/contacts/{await person(agent, CODE)}", json={})).status_code == 422


async def test_two_people_are_merged_and_parted(agent: Member):
    one, other = await person(agent, CODE), await person(agent, OTHER_CODE)
    taken = await agent.post(f"/contacts/{one}/addresses", json={"address": "۰۹۱۲۰۰۰۰۰۰۲"})
    assert (taken.status_code, taken.json()["contact_id"]) == (409, other)
    assert "912" not in taken.text.replace(other, "")
    made = await agent.post(f"/contacts/{one}/merge", json={"other_id": other, "reason": "یک نفر"})
    assert made.status_code == 201
    assert await person(agent, OTHER_CODE) == one
    merges = (await agent.get(f"/contacts/{one}/merges")).json()
    assert [(row["addresses"], row["cases"], row["messages"], row["undone_at"]) for row in merges] == [
        (1, 1, 2, None)
    ]
    parted = await agent.ok("POST", f"/merges/{made.json()['merge_id']}/undo")
    assert parted["undone_by"] == agent.actor.name
    assert await person(agent, OTHER_CODE) == other
