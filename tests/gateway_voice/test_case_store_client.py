"""What the gateway asks the case store: whose case it is decides what is told."""

from collections.abc import AsyncIterator

import pytest

from gateway_voice.clients.case_store import CaseStore
from gateway_voice.errors import CaseStoreAwayError
from minting.settings import CaseStoreSettings
from tests.gateway_ussd.services import HttpService

MOBILE, LANDLINE = "+989121234567", "+982188776655"
CODE = "1234567890"
CASE = {"state": "referred", "person": {"addresses": [{"value": LANDLINE}, {"value": MOBILE}]}}


@pytest.fixture
async def service() -> AsyncIterator[HttpService]:
    server = HttpService(replies={f"GET /api/v1/cases/{CODE}": (200, CASE)})
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def store(service: HttpService) -> AsyncIterator[CaseStore]:
    store = CaseStore(CaseStoreSettings(url=service.url, token="a-token"))
    yield store
    await store.stop()


@pytest.mark.parametrize(
    ("number", "state"), [(MOBILE, "referred"), (LANDLINE, "referred"), ("+989350000000", None)]
)
async def test_a_case_is_told_to_its_own_numbers_alone(store: CaseStore, number: str, state: str | None):
    assert await store.state_of(CODE, number) == state


async def test_an_unknown_code_is_as_another_persons(store: CaseStore):
    assert await store.state_of("9876543210", MOBILE) is None


@pytest.mark.parametrize("answer", [(500, {}), (200, {"state": "open"}), (200, b"not JSON"), (200, [])])
async def test_an_answer_that_cannot_be_used_is_none(store: CaseStore, service: HttpService, answer):
    service.replies[f"GET /api/v1/cases/{CODE}"] = answer
    with pytest.raises(CaseStoreAwayError) as caught:
        await store.state_of(CODE, MOBILE)
    assert CODE not in str(caught.value)


@pytest.mark.parametrize("answer", [(500, {}), (200, {}), (200, b"not JSON"), (404, {})])
async def test_a_calendar_that_makes_no_sense_means_nobody_works(
    store: CaseStore, service: HttpService, answer
):
    service.replies["GET /api/v1/calendar/open"] = answer
    assert await store.is_staffed() is False


async def test_hours_end_by_themselves_while_nobody_can_be_asked(store: CaseStore, service: HttpService):
    over = {"open": True, "until": "2020-01-01T00:00:00Z"}
    service.replies["GET /api/v1/calendar/open"] = (200, over)
    assert await store.is_staffed() is False
