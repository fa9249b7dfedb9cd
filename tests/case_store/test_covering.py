"""National ids in what people and staff wrote: read by who may read identities, covered for everybody else.

Every GET that there is, is asked by somebody who may not: a new route that tells words is caught here.
"""

import json
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any
from urllib.parse import unquote

import pytest

from case_store.identity import parse_national_id
from case_store.staffing import RIGHTS_OF, Right, Role
from envelope.models import Channel, Intent, RoutedMessage, Session, SessionPhase
from envelope.taxonomy import Topic
from envelope.tracking import mint
from persian.digits import persian_digits
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.desks import Member, Office, opened

ID, COVERED = "0013542419", "•••••••419"
SPELLINGS = (ID, persian_digits(ID), "001-354241-9", "13542419")
SAID = f"کد ملی پدرم {persian_digits(ID)} است و مستمری او نیامده"
CODE, OTHER = mint(100, KEY), mint(101, KEY)
ABOUT = f"شمارهٔ {ID} را ببینید"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(2_000)
HASH = sha256(JPEG).hexdigest()


def dialled(message: RoutedMessage) -> RoutedMessage:
    """The same, with the id among what was pressed."""
    session = Session(id="s", phase=SessionPhase.END, steps=("1", ID, "2"))
    envelope = message.envelope.model_copy(update={"session": session, "channel": Channel.USSD})
    return message.model_copy(update={"envelope": envelope})


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    async with opened(store) as office:
        yield office


@pytest.fixture
async def agent(office: Office) -> Member:
    """A case with the id in every text that there can be around one; whoever wrote them."""
    await office.store.file(dialled(routed(SAID, code=CODE)))
    boss = await office.member(Role.SUPERVISOR)
    liaison = await office.member(Role.LIAISON, units=["pensions_office"])
    url = f"/cases/{CODE}"
    await boss.ok("POST", f"{url}/claim")
    await boss.ok("POST", f"{url}/notes", json={"text": ABOUT})
    await boss.ok("POST", f"{url}/attachments", files={"file": (f"{ID}.jpg", JPEG, "image/jpeg")})
    ask = {"tier": "liaison", "unit_id": "pensions_office", "question": ABOUT}
    for way, said in (("answer", "text"), ("return", "reason")):
        asked = await boss.ok("POST", f"{url}/referrals", json=ask)
        await liaison.ok("POST", f"/referrals/{asked['id']}/{way}", json={said: ABOUT})
    sorting = {"topic": "survivor_pension", "kind": "complaint", "audience": "survivor"}
    await boss.ok("POST", f"{url}/reclassification", json=sorting)
    await boss.ok("POST", f"{url}/official-replies", json={"text": ABOUT})
    letter = await boss.ok("POST", f"{url}/official-replies", json={"text": ABOUT})
    await boss.ok("POST", f"/official-replies/{letter['id']}/revoke", json={"reason": ABOUT})
    await boss.ok("POST", f"{url}/replies", json={"text": ABOUT})
    rating = {"topic": Topic.OTHER, "desk": "triage", "stars": 3, "refers_to": CODE, "cites": (CODE,)}
    await office.store.file(routed(ABOUT, intent=Intent.RATING, **rating))
    await boss.ok("POST", f"{url}/close", json={"reason": ABOUT, "notify": True})
    await boss.ok("POST", f"{url}/reopen", json={"reason": ABOUT})
    await boss.ok("POST", f"{url}/referrals", json=ask)
    return await office.member()


async def lacking(office: Office, role: Role) -> Member:
    assert Right.READ_IDENTITY not in RIGHTS_OF[role]
    return await office.member(role, units=["pensions_office"])


async def everything(office: Office, member: Member) -> dict[str, str]:
    """What every GET tells them, with what they look for among it, as JSON and headers."""
    [row] = await office.store.rows("SELECT id, contact_id FROM cases")
    [referral] = await office.store.rows("SELECT id FROM referral WHERE state = 'open'")
    known = {
        "tracking_code": CODE,
        "sha256": HASH,
        "referral_id": referral["id"],
        "contact_id": row["contact_id"],
    }
    told: dict[str, str] = {}
    for path, methods in office.app.openapi()["paths"].items():
        path = path.removeprefix("/api/v1")  # noqa: PLW2901  (the same path)
        for name, value in known.items():
            path = path.replace(f"{{{name}}}", str(value))  # noqa: PLW2901  (the same path)
        if "get" not in methods or "{" in path or path in {"/changes", "/healthz", "/readyz", "/metrics"}:
            continue
        for query in ("", "?with=messages", "?order=due", "?state=answered"):
            answer = await member.get(path + query)
            if answer.is_success:
                told[path + query] = unquote(str(answer.headers)) + "\n" + plain(answer.content)
    await office.store.knowledge.index.catch_up()
    for words in ("مستمری", "ببینید", ID):
        told[f"search {words}"] = plain((await member.post("/search", json={"q": words})).content)
    return told


def plain(content: bytes) -> str:
    """JSON with its letters as they are; anything else as it came."""
    try:
        return json.dumps(json.loads(content), ensure_ascii=False)
    except ValueError:
        return content.decode(errors="replace")


def naming(told: dict[str, str]) -> set[str]:
    """Where the id stands, in whatever spelling."""
    return {where for where, words in told.items() if any(spelling in words for spelling in SPELLINGS)}


@pytest.mark.parametrize("role", [Role.LIAISON, Role.AUDITOR])
async def test_whoever_may_not_read_identities_finds_none_anywhere(office: Office, agent: Member, role: Role):
    told = await everything(office, await lacking(office, role))
    assert naming(told) == set()
    covering = {where for where, words in told.items() if "•419" in words or "•۴۱۹" in words}
    assert covering >= {f"/cases/{CODE}", "/cases", "/referrals", "search ببینید", f"search {ID}"}


async def test_whoever_may_reads_them_in_all_of_those_places(office: Office, agent: Member):
    boss = await office.member(Role.SUPERVISOR)
    [referral] = await office.store.rows("SELECT id FROM referral WHERE state = 'open'")
    assert naming(await everything(office, boss)) >= {
        f"/cases/{CODE}",
        "/cases",
        "/cases?order=due",
        "/referrals",
        f"/referrals/{referral['id']}",
        f"/cases/{CODE}/official-replies",
        f"/cases/{CODE}/attachments/{HASH}",
        "/exports/cases.jsonl?with=messages",
        "/corrections",
        "search مستمری",
    }
    assert f"/cases/{CODE}" in naming(await everything(office, agent))


async def test_in_a_case_every_text_is_covered_and_the_rest_is_as_it_was(office: Office, agent: Member):
    whole = await (await office.member(Role.SUPERVISOR)).ok("GET", f"/cases/{CODE}")
    seen = await (await lacking(office, Role.AUDITOR)).ok("GET", f"/cases/{CODE}")
    differing = {path for path, words in leaves(whole).items() if leaves(seen).get(path) != words}
    fields = {path.rsplit(".", 1)[-1] for path in differing if not path.startswith((".may", ".person"))}
    assert fields >= {"text", "note", "question", "answer", "words", "name", "1"}
    assert seen["messages"][0]["text"] == SAID.replace(persian_digits(ID), "•••••••۴۱۹")
    assert seen["messages"][0]["session"]["steps"] == ["1", COVERED, "2"]


def leaves(found: Any, path: str = "") -> dict[str, Any]:  # noqa: ANN401  (JSON)
    """Every value by its path."""
    if isinstance(found, dict | list):
        inner = found.items() if isinstance(found, dict) else enumerate(found)
        return {p: one for name, value in inner for p, one in leaves(value, f"{path}.{name}").items()}
    return {path: found}


async def test_an_excerpt_that_is_cut_within_an_id_shows_no_more_of_it(office: Office):
    for letters in range(129, 140):
        await office.store.file(routed(f"{'ا' * letters} {ID} و دیگر هیچ", sender=f"+98912000{letters:04}"))
    auditor = await lacking(office, Role.AUDITOR)
    cases = (await auditor.ok("GET", "/cases"))["cases"]
    assert len(cases) == 11
    for case in cases:
        assert sum(letter.isdigit() for letter in case["excerpt"]) <= 3, case["excerpt"]


async def test_the_code_of_a_case_is_told_though_it_looks_like_a_national_id(office: Office):
    likely = next(code for code in (mint(n, KEY) for n in range(1_000)) if looks_like_an_id(code))
    await office.store.file(routed("سلام", code=likely))
    agent, auditor = await office.member(), await lacking(office, Role.AUDITOR)
    await agent.ok("POST", f"/cases/{likely}/replies", json={"text": f"کد شما {likely} است، نه {ID}"})
    seen = await auditor.ok("GET", f"/cases/{likely}")
    assert seen["outbound_messages"][-1]["text"] == f"کد شما {likely} است، نه {COVERED}"


def looks_like_an_id(code: str) -> bool:

    return parse_national_id(code) is not None


async def test_a_liaisons_own_draft_comes_back_as_they_typed_it(office: Office, agent: Member):
    liaison = await lacking(office, Role.LIAISON)
    await liaison.ok("PUT", f"/cases/{CODE}/draft", json={"text": ABOUT})
    assert (await liaison.ok("GET", f"/cases/{CODE}"))["draft"]["text"] == ABOUT


async def test_marks_stand_where_the_words_are_though_what_is_between_them_is_covered(
    office: Office, agent: Member
):
    auditor = await lacking(office, Role.AUDITOR)
    await office.store.knowledge.index.catch_up()
    [case] = (await auditor.ok("POST", "/search", json={"q": "پدرم نیامده"}))["cases"]
    snippet = case["snippet"]
    assert [snippet["text"][a:b] for a, b in snippet["marks"]] == ["پدرم", "نیامده"]
    assert "•••••••۴۱۹" in snippet["text"]


async def test_a_partner_gets_our_answers_without_the_ids_in_them(office: Office):
    await office.store.file(routed(SAID, code=CODE, partner="tamin-man"))
    agent = await office.member()
    await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": f"کد {CODE}: {ABOUT}"})
    asked = {"partner_id": "tamin-man", "sandbox": False, "code": CODE}
    seen = await office.service().ok("POST", "/partner/case", json=asked)
    assert [answer["text"] for answer in seen["answers"]] == [f"کد {CODE}: {ABOUT.replace(ID, COVERED)}"]
