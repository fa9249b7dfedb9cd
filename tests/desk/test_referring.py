"""Asking upward and answering downward: agent, expert, liaison, each seeing and doing what is theirs."""

import re

import pytest

from tests.case_store.conftest import TEXT
from tests.desk.conftest import CODE, routed


@pytest.fixture
async def case(store):
    await store.file(routed(code=CODE))
    return CODE


def asked(html: str) -> list[str]:
    """The ids of the referrals on the page."""
    return re.findall(r'id="r-([0-9a-f-]{36})"', html)


def verbs(html: str, referral_id: str) -> set[str]:
    return set(re.findall(rf'action="/cases/\d+/referrals/{referral_id}/(\w+)', html))


async def test_a_question_goes_to_the_expert_and_the_liaison_and_its_answers_come_back(case, sign_in):
    agent = await sign_in("agent", name="مریم احمدی")
    expert = await sign_in("expert", name="سارا مرادی")
    liaison = await sign_in("liaison", units=["pensions_office"], name="حسین رضایی")

    await agent.fill(f"/cases/{case}/refer", to="expert", question="علت تأخیر واریز چیست؟")
    html = await expert.html(f"/cases/{case}")
    assert "علت تأخیر واریز چیست؟" in html
    [first] = asked(html)
    assert {"answer", "return", "forward", "claim"} <= verbs(html, first)
    await expert.fill(
        f"/cases/{case}/refer", to="liaison:pensions_office", question="حکم صادر شده است؟", parent_id=first
    )

    html = await liaison.html(f"/cases/{case}")
    assert TEXT in html
    assert "۹۱۲" not in html
    second = next(one for one in asked(html) if "answer" in verbs(html, one))
    await liaison.fill(f"/cases/{case}/referrals/{second}/answer", text="حکم امروز صادر شد.")
    html = await expert.html(f"/cases/{case}")
    assert "حکم امروز صادر شد." in html
    await expert.fill(f"/cases/{case}/referrals/{first}/answer", text="فردا واریز می‌شود.")

    html = await agent.html(f"/cases/{case}")
    assert html.index("علت تأخیر") < html.index("حکم صادر شده است؟") < html.index("حکم امروز صادر شد.")
    assert 'data-insert="فردا واریز می‌شود."' in html


async def test_a_question_can_be_returned_forwarded_and_recalled(case, sign_in, store):
    agent = await sign_in("agent")
    liaison = await sign_in("liaison", units=["pensions_office"])
    for _ in range(3):
        await agent.fill(f"/cases/{case}/refer", to="liaison:pensions_office", question="علت؟")
    first, second, third = asked(await liaison.html(f"/cases/{case}"))
    await liaison.fill(f"/cases/{case}/referrals/{first}/return", reason="مربوط به ما نیست")
    await liaison.fill(f"/cases/{case}/referrals/{second}/forward", to="liaison:it_office", question="علت؟")
    await agent.fill(f"/cases/{case}/referrals/{third}/recall", reason="حل شد")
    html = await agent.html(f"/cases/{case}")
    for words in ("برگشت داده شد", "مربوط به ما نیست", "پیش فرستاده شد", "پس گرفته شد"):
        assert words in html
    states = {row["state"] for row in await store.rows("SELECT state FROM referral")}
    assert states == {"returned", "forwarded", "recalled", "open"}


async def test_of_two_answers_the_second_keeps_its_words(case, sign_in):
    agent = await sign_in("agent")
    await agent.fill(f"/cases/{case}/refer", to="liaison:pensions_office", question="علت؟")
    one, two = [await sign_in("liaison", units=["pensions_office"]) for _ in range(2)]
    [referral] = asked(await one.html(f"/cases/{case}"))
    await one.fill(f"/cases/{case}/referrals/{referral}/answer", text="نخست")
    refused = await two.fill(f"/cases/{case}/referrals/{referral}/answer", status=409, text="نوشتهٔ دوم")
    assert "نوشتهٔ دوم" in refused.text
    assert "نخست" in refused.text


async def test_an_answer_on_the_case_page_counts_for_the_referral_that_was_read(case, sign_in, store):
    agent = await sign_in("agent")
    await agent.fill(f"/cases/{case}/refer", to="liaison:pensions_office", question="علت؟")
    liaison = await sign_in("liaison", units=["pensions_office"])
    colleague = await sign_in("liaison", units=["pensions_office"], name="پریسا نادری")
    html = await liaison.html(f"/cases/{case}")
    [referral] = asked(html)
    base = f"/cases/{case}/referrals/{referral}"
    await colleague.fill(f"{base}/claim")
    read = version_read(html, f"{base}/answer")
    refused = await liaison.fill(f"{base}/answer", status=412, text="فردا واریز می‌شود.", version=read)
    assert "پریسا نادری" in refused.text
    assert "فردا واریز می‌شود." in refused.text
    assert [row["state"] for row in await store.rows("SELECT state FROM referral")] == ["open"]
    read = version_read(refused.text, f"{base}/answer")
    await liaison.fill(f"{base}/answer", text="فردا واریز می‌شود.", version=read)
    assert [row["state"] for row in await store.rows("SELECT state FROM referral")] == ["answered"]


def version_read(html: str, action: str) -> str:
    """What the form with this action holds."""
    return re.search(
        rf'action="{action}[^>]*>(?:(?!</form>).)*?name="version" value="(\d+)"', html, re.DOTALL
    )[1]


async def test_a_referral_of_another_unit_cannot_be_answered(case, sign_in, store):
    agent = await sign_in("agent")
    await agent.fill(f"/cases/{case}/refer", to="liaison:pensions_office", question="علت؟")
    [row] = await store.rows("SELECT id FROM referral")
    stranger = await sign_in("liaison", units=["it_office"])
    answer = await stranger.post(f"/cases/{case}/referrals/{row['id']}/answer", data={"text": "x"})
    assert answer.status_code in {403, 404}
    assert "x" in answer.text


async def test_an_unknown_verb_of_a_referral_is_not_there(case, sign_in):
    agent = await sign_in("agent")
    answer = await agent.post(f"/cases/{case}/referrals/{'0' * 8}/dance", data={})
    assert answer.status_code == 404
