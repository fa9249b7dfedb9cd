"""The client that partners install, against the portal itself."""

import httpx
import pytest

from payam_client import AsyncClient, ByAccount, ByMobile, NewMessage, NotThereError, RefusedError, State
from tests.gateway_portal.conftest import LIVE_KEY
from tests.gateway_portal.test_api_cases import CASE, STORED, SUBMISSIONS, WITHDRAWAL

MESSAGE = NewMessage(
    text="دو سال از سابقهٔ من ثبت نشده است.",
    person=ByMobile(mobile="09121234567"),
    topic="contribution_record",
    kind="complaint",
    reference="ticket-4711",
)


@pytest.fixture
async def payam(portal):
    transport = httpx.ASGITransport(portal.app, raise_app_exceptions=False)
    async with AsyncClient("http://127.0.0.1", LIVE_KEY, transport=transport) as client:
        yield client


async def test_from_a_message_to_its_answer(portal, payam, behind):
    receipt = await payam.hand_in(MESSAGE)
    assert [envelope.tracking_code for envelope in portal.envelopes] == [receipt.tracking_code]
    again = await payam.hand_in(MESSAGE, idempotency_key=receipt.idempotency_key)
    assert (again.message_id, again.replayed) == (receipt.message_id, True)
    case = await payam.case(receipt.tracking_code)
    assert (case.state, case.version) == (State.RECEIVED, 0)
    behind.answers[CASE] = STORED
    newer = await payam.case_if_newer(case)
    assert (newer.state, newer.answers[0].text) == (State.ANSWERED, "سابقهٔ شما اصلاح شد.")
    assert await payam.case_if_newer(newer) is None


async def test_a_list_and_the_way_back(payam, behind):
    behind.answers[SUBMISSIONS] = {"submissions": [STORED], "next_cursor": None}
    assert [each.reference async for each in payam.messages()] == ["ticket-4711"]
    behind.answers[WITHDRAWAL] = {**STORED, "state": "withdrawn"}
    assert (await payam.withdraw(STORED["tracking_code"], version=4)).state is State.WITHDRAWN


async def test_what_is_wrong_says_where(payam):
    with pytest.raises(NotThereError):
        await payam.case("1234567890")
    wrong = NewMessage(text="متن", person=ByAccount(account="a b"))
    with pytest.raises(Exception, match="422") as caught:
        await payam.hand_in(wrong)
    assert caught.value.problem["errors"][0]["pointer"] == "/body/person/account"


async def test_without_a_good_key_there_is_nothing(portal):
    transport = httpx.ASGITransport(portal.app, raise_app_exceptions=False)
    async with AsyncClient("http://127.0.0.1", "payam_live_none", transport=transport) as stranger:
        with pytest.raises(RefusedError):
            await stranger.hand_in(MESSAGE)
