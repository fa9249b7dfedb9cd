"""The watch list of referrals and the page of one: for experts, and for liaisons who see nothing else."""

import re

import pytest

from case_store.handlers.referrals.asking import Question
from case_store.model import Tier
from tests.desk.conftest import CODE, routed

QUESTION = "علت تأخیر واریز چیست؟"


@pytest.fixture
async def asked(sign_in, store):
    """A question of an agent to the pensions office; its address at the desk."""
    agent = await sign_in("agent", units=["retirement"], name="زهرا کریمی")
    await store.file(routed(code=CODE))
    question = Question(Tier.LIAISON, "pensions_office", QUESTION)
    referral = await store.consulting.referrals.ask(agent.actor, CODE, question, None)
    return f"/referrals/{referral}"


@pytest.fixture
async def liaison(sign_in):
    return await sign_in("liaison", units=["pensions_office"], name="رضا مرادی")


def version_of(html: str) -> str:
    return re.search(r'name="version" value="(\d+)"', html)[1]


async def test_a_liaison_watches_what_was_asked_of_their_unit(asked, liaison, sign_in):
    assert QUESTION in await liaison.html("/referrals")
    assert QUESTION not in await liaison.html("/referrals?overdue=true")
    assert QUESTION not in await liaison.html("/referrals?whose=mine")
    assert QUESTION not in await liaison.html("/referrals?state=answered")
    stranger = await sign_in("liaison", units=["it_office"])
    assert QUESTION not in await stranger.html("/referrals")
    await stranger.html(asked, status=404)


async def test_htmx_gets_the_rows_alone(asked, liaison):
    assert "<html" not in await liaison.html("/referrals", hx_target="rows", hx_request="true")


async def test_a_referral_is_claimed_and_answered(asked, liaison, store):
    shown = await liaison.html(asked)
    assert QUESTION in shown
    assert "حقوق بازنشستگی پدرم" in shown
    await liaison.fill(asked, do="claim", version=version_of(shown))
    shown = await liaison.html(asked)
    told = await liaison.fill(asked, do="answer", answer_text="فردا واریز می‌شود.", version=version_of(shown))
    assert told.headers["location"] == "/referrals"
    [referral] = (await store.case(CODE))["referrals"]
    assert (referral["state"], referral["answer"]) == ("answered", "فردا واریز می‌شود.")


@pytest.mark.parametrize(
    ("form", "state"),
    [
        ({"do": "return", "return_reason": "مربوط به ما نیست"}, "returned"),
        (
            {"do": "forward", "forward_question": "شما بگویید", "forward_unit": "liaison:it_office"},
            "forwarded",
        ),
    ],
)
async def test_it_goes_back_or_on(asked, liaison, store, form, state):
    await liaison.fill(asked, version=version_of(await liaison.html(asked)), **form)
    assert {referral["state"] for referral in (await store.case(CODE))["referrals"]} - {"open"} == {state}


async def test_an_answer_that_came_second_is_kept_on_the_page(asked, liaison, sign_in):
    before = version_of(await liaison.html(asked))
    colleague = await sign_in("liaison", units=["pensions_office"])
    await colleague.fill(asked, do="answer", answer_text="زودتر", version=before)
    late = await liaison.post(asked, data={"do": "answer", "answer_text": "دیرتر", "version": before})
    assert late.status_code == 412
    assert "در همین میان تغییر کرد" in late.text
    assert "زودتر" in late.text
    assert "دیرتر" in late.text


async def test_an_answer_to_what_a_colleague_has_taken_on_meanwhile_is_not_sent_over_them(
    asked, liaison, sign_in, store
):
    before = version_of(await liaison.html(asked))
    colleague = await sign_in("liaison", units=["pensions_office"], name="پریسا نادری")
    await colleague.fill(asked, do="claim", version=before)
    typed = {"do": "answer", "answer_text": "فردا واریز می‌شود."}
    refused = await liaison.fill(asked, 412, version=before, **typed)
    assert "پریسا نادری" in refused.text
    assert typed["answer_text"] in refused.text
    assert (await store.case(CODE))["referrals"][0]["state"] == "open"
    # Having seen it, they may send it all the same.
    await liaison.fill(asked, version=version_of(refused.text), **typed)
    assert (await store.case(CODE))["referrals"][0]["answer"] == typed["answer_text"]


async def test_an_empty_answer_is_asked_for_again(asked, liaison):
    refused = await liaison.fill(asked, 422, do="answer", answer_text=" ", version="1")
    assert 'id="answer_text-fault"' in refused.text
