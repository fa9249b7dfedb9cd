"""An agent calls somebody back from the desk, on a real Asterisk: both talk, the case knows how it went."""

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.flow.office import at_the_desk
from tests.flow.running import Flow, running_flow, until
from tests.flow.speaking import push
from tests.gateway_voice.sounds import speech, wav
from tests.integration.asterisk_server import PASSWORD, AsteriskServer, why_not

pytestmark = [
    pytest.mark.integration,
    pytest.mark.browser,
    pytest.mark.skipif(why_not() is not None, reason=why_not() or ""),
]
TALKS_FOR_THREE_SECONDS, IS_BUSY = "09120000003", "09120000486"


@pytest.fixture(scope="module")
def centre(tmp_path_factory, asterisk: AsteriskServer) -> Iterator[Flow]:
    """`payam up`; calls of agents are recorded."""
    with running_flow(
        tmp_path_factory.mktemp("centre"),
        ASTERISK_URL=asterisk.url,
        ASTERISK_PASSWORD=PASSWORD,
        ASTERISK_SOUNDS=str(asterisk.prompts),
        ASTERISK_AGENT_ENDPOINT="Local/{extension}@test-agents",
        ASTERISK_TRUNK_ENDPOINT="Local/{national}@test-people",
        ASTERISK_FORMATS="slin",
        CASE_STORE_RECORD_CALLS="true",
    ) as flow:
        yield flow


@pytest.mark.parametrize(
    ("number", "result", "tried"),
    [(TALKS_FOR_THREE_SECONDS, "answered", "answered"), (IS_BUSY, "busy", "busy")],
    ids=["they talk", "busy"],
)
def test_a_person_is_called_back_from_the_desk(
    centre: Flow, browser: Browser, number: str, result: str, tried: str
):
    code = push(centre, wav(speech(2)), number).json()["tracking_code"]
    until(lambda: centre.cases_of(number))
    body = {
        "username": f"u{secrets.token_hex(4)}",
        "name": "مریم صادقی",
        "roles": ["agent", "supervisor"],
        "units": ["retirement"],
        "extension": "1001",
    }
    employed = centre.store.post("/staff", json=body).raise_for_status().json()
    account = {"username": body["username"], "password": employed["password"]}
    with at_the_desk(browser, centre, account) as page:
        page.goto(f"{centre.url('DESK')}/cases/{code}")
        page.keyboard.press("l")
        [call] = until(lambda: [each for each in centre.case(code)["calls"] if each["state"] == "ended"], 40)
        assert call["result"] == result
        [made] = centre.case(code)["tries"]
        assert (made["result"], made["call_id"]) == (tried, call["id"])
        if result == "answered":
            assert call["seconds"] == pytest.approx(3, abs=1.5)
            recording = until(lambda: centre.case(code)["calls"][0]["recording"])
            assert recording["seconds"] == pytest.approx(3, abs=2)
    assert len(centre.cases_of(number)) == 1
    assert len(centre.case(code)["messages"]) == 1
