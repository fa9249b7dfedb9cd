"""Official replies: issued with a code that nobody guesses, confirmed to whoever holds it, revoked."""

import asyncio
from datetime import UTC, datetime
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from case_store.errors import ForbiddenError, NotFoundError, StateError
from case_store.handlers.standard_answers import Draft
from case_store.repository import standard_answers
from case_store.staffing import Right, Role, service
from case_store.verification import ALPHABET, LENGTH, mint, parse_verification, spaced
from envelope.taxonomy import Topic
from envelope.tracking import mint as mint_tracking_code
from tests.case_store.conftest import KEY, Store, routed

CODE, OTHER = mint_tracking_code(1, KEY), mint_tracking_code(2, KEY)
TEXT = "سابقهٔ شما برای سال ۱۴۰۴ کامل است."


async def issue(store: Store, actor=None, text: str | None = TEXT, answer=None):
    return await store.knowledge.official.issue(actor or service(), CODE, text, answer, None)


async def test_a_reply_is_issued_confirmed_and_in_the_history(store: Store):
    await store.file(routed(code=CODE))
    issued = await issue(store)
    found = await store.knowledge.official.verify(service(), spaced(issued["verification_code"]).lower())
    assert found is not None
    assert (found["text"], found["issued_at"], found["revoked_at"]) == (TEXT, issued["issued_at"], None)
    case = await store.case(CODE)
    assert [event["type"] for event in case["events"]][-1] == "official_reply_issued"
    [entry] = await store.rows("SELECT * FROM audit_entry WHERE action = 'official_reply_issued'")
    assert entry["subject"] == CODE
    assert TEXT not in str(entry["detail"])
    assert issued["verification_code"] not in str(entry["detail"])


async def test_a_revoked_one_stays_and_is_void(store: Store):
    await store.file(routed(code=CODE))
    issued = await issue(store)
    revoked = await store.knowledge.official.revoke(service(), issued["id"], "اشتباه در تاریخ")
    assert revoked["revoked_reason"] == "اشتباه در تاریخ"
    found = await store.knowledge.official.verify(service(), issued["verification_code"])
    assert found is not None
    assert found["revoked_at"] is not None
    case = await store.case(CODE)
    assert [event["type"] for event in case["events"]][-1] == "official_reply_revoked"
    with pytest.raises(StateError):
        await store.knowledge.official.revoke(service(), issued["id"], "باز هم")


async def test_two_who_revoke_at_once_revoke_once(store: Store):
    await store.file(routed(code=CODE))
    issued = await issue(store)
    outcomes = await asyncio.gather(
        *(store.knowledge.official.revoke(service(), issued["id"], reason) for reason in "ab"),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, StateError) for outcome in outcomes) == 1


async def test_it_is_for_those_with_the_right_and_within_reach(store: Store):
    await store.file(routed(code=CODE))
    agent, _ = await store.a_member([Role.AGENT])
    assert Right.ISSUE_OFFICIAL not in agent.rights
    with pytest.raises(ForbiddenError):
        await issue(store, agent)
    issued = await issue(store)
    with pytest.raises(ForbiddenError):
        await store.knowledge.official.revoke(agent, issued["id"], "x")
    assert [row["id"] for row in await store.knowledge.official.of_case(agent, CODE)] == [issued["id"]]
    stranger, _ = await store.a_member([Role.AGENT], ["treatment"])
    with pytest.raises(NotFoundError):
        await store.knowledge.official.of_case(stranger, CODE)
    with pytest.raises(NotFoundError):
        await store.knowledge.official.revoke(service(), uuid4(), "x")


async def test_it_takes_the_text_of_an_answer_that_is_valid_and_counts_its_use(store: Store):
    await store.file(routed(code=CODE))
    writer, _ = await store.a_member([Role.EXPERT])
    answers = store.knowledge.answers
    answer_id = await answers.write(writer, Topic.OTHER, None, None, Draft("عنوان", "متن استاندارد"))
    with pytest.raises(StateError):
        await issue(store, text=None, answer=(answer_id, 1))
    async with store.database.transaction() as tx:
        await standard_answers.change_version(tx, answer_id, 1, {"state": "approved"})
    issued = await issue(store, text=None, answer=(answer_id, 1))
    assert (issued["text"], issued["answer_id"], issued["answer_number"]) == ("متن استاندارد", answer_id, 1)
    assert await store.count("answer_use") == 1
    with pytest.raises(NotFoundError):
        await issue(store, text=None, answer=(uuid4(), 1))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("تلفن شما ۰۹۱۲ ۳۴۵ ۶۷۸۹ است", "تلفن شما ••• است"),
        ("به +989123456789 زنگ بزنید", "به ••• زنگ بزنید"),
        ("کد ملی 0013542419.", "کد ملی •••."),
        ("مبلغ ۱۲۰۰۰۰۰۰۰ ریال در سال ۱۴۰۵", "مبلغ ۱۲۰۰۰۰۰۰۰ ریال در سال ۱۴۰۵"),
        ("نامهٔ ۱۴۰۵/۰۸/۳۰", "نامهٔ ۱۴۰۵/۰۸/۳۰"),
        ("خانم زهرا رضايي، سابقهٔ شما", "خانم ••• ••• سابقهٔ شما"),
    ],
)
async def test_in_public_name_and_numbers_are_covered(store: Store, text: str, shown: str):
    await store.file(routed(code=CODE))
    await store.rows("UPDATE contact SET name = 'زهرا رضایی'")
    issued = await issue(store, text=text)
    assert issued["text"] == text
    found = await store.knowledge.official.verify(service(), issued["verification_code"])
    assert found is not None
    assert found["text"] == shown


@pytest.mark.parametrize("typed", ["", "x", "K7QM-93XD-PRT4", "'; --", "0" * LENGTH, "A" * 60])
async def test_what_stands_on_no_letter_is_unknown(store: Store, typed: str):
    assert await store.knowledge.official.verify(service(), typed) is None


def test_codes_look_random_and_hold_no_letter_that_is_read_for_another():
    codes = {mint() for _ in range(2_000)}
    assert len(codes) == 2_000
    assert all(len(code) == LENGTH and set(code) <= set(ALPHABET) for code in codes)
    assert not set("01ILO") & set(ALPHABET)
    assert len({code[0] for code in codes}) == len(ALPHABET)


@given(st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_a_wrong_letter_is_caught(place: int, letter: str):
    code = mint()
    wrong = code[:place] + letter + code[place + 1 :]
    assert (parse_verification(wrong) is None) is (wrong != code)


@given(st.integers(0, LENGTH - 2), st.integers(1, LENGTH - 1))
def test_a_swap_of_two_letters_is_caught(first: int, distance: int):
    code = list(mint())
    second = (first + distance) % LENGTH
    swapped = code.copy()
    swapped[first], swapped[second] = code[second], code[first]
    assert (parse_verification("".join(swapped)) is None) is (swapped != code)


@pytest.mark.parametrize("style", [str.lower, spaced, lambda code: f" {code[:6]} {code[6:]}\u200f"])
def test_it_is_read_however_it_is_typed(style):
    code = mint()
    assert parse_verification(style(code)) == code
    persian = code.translate(str.maketrans("23456789", "۲۳۴۵۶۷۸۹"))
    assert parse_verification(persian) == code


async def test_a_case_lists_its_own_the_newest_first(store: Store):
    await store.file(routed(code=CODE))
    await store.file(routed(code=OTHER, sender="+989120000002"))
    for _ in range(3):
        await issue(store)
    rows = await store.knowledge.official.of_case(service(), CODE)
    assert len(rows) == 3
    assert all(newer["issued_at"] > older["issued_at"] for newer, older in pairwise(rows))
    assert await store.knowledge.official.of_case(service(), OTHER) == []
    assert rows[0]["issued_at"] <= datetime.now(UTC)
