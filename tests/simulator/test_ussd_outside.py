"""The services of other organisations that menus ask: decided by what is asked, guarded, slow or down."""

import time

import httpx
import pytest

from persian.words import PROVINCES
from simulator.app import create_app
from simulator.branches import branches_of
from simulator.settings import SimulatorSettings


@pytest.mark.parametrize(
    ("national_id", "entitled"), [("0790419904", True), ("0013542419", False), ("0499370899", False)]
)
async def test_the_id_alone_decides_who_is_entitled(api, national_id, entitled):
    answers = [(await api.client.get(f"/outside/basket/{national_id}")).json() for _ in range(2)]

    assert answers[0] == answers[1]
    assert answers[0]["entitled"] is entitled
    assert ("نیست" in answers[0]["words"]) is not entitled
    assert len(answers[0]["words"]) <= 70


@pytest.mark.parametrize("national_id", ["1", "07904199041", "abcdefghij", "۰۷۹۰۴۱۹۹۰۴"])
async def test_what_is_no_national_id_is_refused(api, national_id):
    assert (await api.client.get(f"/outside/basket/{national_id}")).status_code == 422


@pytest.mark.parametrize("province", PROVINCES)
async def test_every_province_has_its_branches(api, province):
    found = (await api.client.get("/outside/branches", params={"province": province})).json()["branches"]

    assert len(found) >= 2
    assert all(set(one) == {"name", "address", "phone"} and all(one.values()) for one in found)


def test_no_two_branches_share_a_telephone_and_none_of_them_can_ring():
    phones = [branch.phone for province in PROVINCES for branch in branches_of(province)]

    assert len(set(phones)) == len(phones)
    assert all(phone.partition("-")[2].startswith("۱") for phone in phones)


@pytest.mark.parametrize("spelling", ["آذربايجان شرقي", " آذربایجان  شرقی ", "آذربایجان‌شرقی"])
def test_a_province_is_known_in_any_spelling(spelling):
    found = branches_of(spelling)

    assert found in (branches_of("آذربایجان شرقی"), ())
    assert found or "\u200c" in spelling


async def test_an_unknown_province_has_no_branches(api):
    answer = await api.client.get("/outside/branches", params={"province": "آتلانتیس"})

    assert answer.json() == {"branches": []}


async def test_slow_and_down_at_will_and_every_question_is_counted(api):
    await api.client.put("/control/faults", json={"outside_latency_ms": 120})
    began = time.monotonic()
    assert (await api.client.get("/outside/basket/0790419904")).status_code == 200
    assert time.monotonic() - began >= 0.12

    await api.client.put("/control/faults", json={"outside_down": True})
    answer = await api.client.get("/outside/branches", params={"province": "قم"})
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await api.client.get("/control/faults")).json()["outside_down"] is True
    counters = (await api.client.get("/control/counters")).json()
    assert counters["outside_asked"] == {"basket": 1, "branches": 1}


@pytest.mark.parametrize("own", [True, False])
async def test_with_a_token_nobody_asks_without_it(own):
    tokens = {"outside_token": "t" * 20} if own else {"control_token": "t" * 20}
    app = create_app(SimulatorSettings(api_key="k", webhook_secret="s", **tokens))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://outside") as client:
        assert (await client.get("/outside/basket/0790419904")).status_code == 401
        held = {"Authorization": "Bearer " + "t" * 20}
        assert (await client.get("/outside/basket/0790419904", headers=held)).status_code == 200
