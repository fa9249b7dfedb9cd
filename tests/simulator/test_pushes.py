"""What is pushed to our webhooks over a real wire: forms, retries, doubles, losses and disorder."""

import time

import httpx
import pytest

from simulator.app import create_app
from simulator.settings import SimulatorSettings
from tests.simulator.live import Gateway, serving, wait_for

FAST = {"to_telecom_seconds": 0.1, "to_final_seconds": 0.3, "push_retry_seconds": 0.2, "push_attempts": 3}


@pytest.fixture
def gateway():
    gateway = Gateway()
    with serving(gateway.app) as gateway.url:
        yield gateway


@pytest.fixture
def simulator(gateway):
    settings = SimulatorSettings(
        api_key="the-key", webhook_secret="hook-secret", gateway_url=gateway.url, slow_seconds=0.3, **FAST
    )
    settings.silent_seconds = 1.0
    with serving(create_app(settings)) as url, httpx.Client(base_url=url) as client:
        yield client


def write(simulator, sender: str, text: str = "سلام") -> int:
    return simulator.post("/control/mo", json={"sender": sender, "text": text}).json()["messageid"]


def send(simulator, receptor: str, **more) -> httpx.Response:
    return simulator.post("/v1/the-key/sms/send.json", data={"receptor": receptor, "message": "سلام", **more})


def counters(simulator) -> dict:
    return simulator.get("/control/counters").json()


def test_an_mo_is_pushed_as_a_form_and_then_counts_as_read(simulator, gateway):
    messageid = write(simulator, "+989121234567", "حق بیمه & سابقه\nخط دوم")

    wait_for(lambda: counters(simulator)["pushes_accepted"])
    assert gateway.of("mo") == [
        {
            "from": "09121234567",
            "to": "10001420",
            "message": "حق بیمه & سابقه\nخط دوم",
            "messageid": str(messageid),
        }
    ]
    assert counters(simulator)["mo_unread"] == 0


def test_a_dlr_is_pushed_for_each_state_in_order(simulator, gateway):
    messageid = send(simulator, "09121234567").json()["entries"][0]["messageid"]

    wait_for(lambda: len(gateway.of("dlr")) == 2)
    assert gateway.of("dlr") == [
        {"messageid": str(messageid), "status": str(4 + messageid % 2)},
        {"messageid": str(messageid), "status": "10"},
    ]


def test_a_push_that_is_not_answered_200_is_retried_until_it_is(simulator, gateway):
    gateway.answers = 503
    write(simulator, "09121234567")
    wait_for(lambda: len(gateway.of("mo")) == 2)
    assert counters(simulator)["mo_unread"] == 1

    gateway.answers = 200
    wait_for(lambda: counters(simulator)["mo_unread"] == 0)

    assert len({form["messageid"] for form in gateway.of("mo")}) == 1


def test_a_push_is_given_up_after_its_attempts_and_stays_in_the_inbox(simulator, gateway):
    gateway.answers = 500
    messageid = write(simulator, "09121234567")

    wait_for(lambda: counters(simulator)["pushes_given_up"])

    assert len(gateway.of("mo")) == 3
    given = {"linenumber": "10001420", "isread": "0"}
    found = simulator.post("/v1/the-key/sms/receive.json", data=given).json()["entries"]
    assert [mo["messageid"] for mo in found] == [messageid]


def test_one_persons_messages_are_pushed_in_the_order_of_writing(simulator, gateway):
    for number in range(20):
        write(simulator, "09121234567", str(number))

    wait_for(lambda: len(gateway.of("mo")) == 20)
    assert [form["message"] for form in gateway.of("mo")] == [str(number) for number in range(20)]


def test_number_0009_is_told_of_twice(simulator, gateway):
    write(simulator, "09121230009")
    send(simulator, "09121230009")

    wait_for(lambda: (len(gateway.of("mo")), len(gateway.of("dlr"))) == (2, 4))
    assert gateway.of("mo")[0] == gateway.of("mo")[1]


def test_number_0010_is_never_told_of(simulator, gateway):
    write(simulator, "09121230010")
    messageid = send(simulator, "09121230010").json()["entries"][0]["messageid"]

    wait_for(lambda: counters(simulator)["pushes_lost"] == 3)
    assert gateway.pushes == []
    found = simulator.post("/v1/the-key/sms/status.json", data={"messageid": messageid}).json()
    assert found["entries"][0]["status"] == 10
    assert counters(simulator)["mo_unread"] == 1


def test_number_0011_has_its_end_reported_before_its_hand_over(simulator, gateway):
    send(simulator, "09121230011")

    wait_for(lambda: len(gateway.of("dlr")) == 2)
    assert [form["status"] for form in gateway.of("dlr")] == ["10", "4"]


def test_number_0006_is_answered_slowly(simulator):
    began = time.monotonic()

    assert send(simulator, "09121230006").status_code == 200
    assert time.monotonic() - began >= 0.3


def test_number_0007_meets_an_outage_without_an_envelope(simulator):
    answer = send(simulator, "09121230007")

    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")
    assert counters(simulator)["mt_taken"] == 0


def test_number_0008_is_taken_but_answered_only_after_a_long_silence(simulator):
    with pytest.raises(httpx.ReadTimeout):
        simulator.post(
            "/v1/the-key/sms/send.json",
            data={"receptor": "09121230008", "message": "سلام", "localid": "31"},
            timeout=0.3,
        )

    asked = simulator.post("/v1/the-key/sms/statuslocalmessageid.json", data={"localid": "31"}).json()
    assert asked["entries"][0]["status"] != 100
    assert send(simulator, "09121230008", localid="31").status_code == 200
    assert counters(simulator)["messages_per_receptor"] == {"1": 1}


def test_number_0012_is_turned_away_once(simulator):
    assert [send(simulator, "09121230012", localid="5").status_code for _ in range(3)] == [409, 200, 200]


def test_number_0013_is_no_receptor(simulator):
    assert send(simulator, "09121230013").status_code == 411


def test_with_magic_numbers_off_every_number_is_ordinary(gateway):
    settings = SimulatorSettings(
        api_key="the-key", webhook_secret="hook-secret", gateway_url=gateway.url, magic_numbers=False, **FAST
    )
    with serving(create_app(settings)) as url, httpx.Client(base_url=url) as client:
        assert send(client, "09121230005").status_code == 200


def test_the_simulator_is_ready_while_the_gateway_is_away():
    settings = SimulatorSettings(
        api_key="the-key", webhook_secret="hook-secret", gateway_url="http://127.0.0.1:9", **FAST
    )
    with serving(create_app(settings)) as url, httpx.Client(base_url=url) as client:
        write(client, "09121234567")
        wait_for(lambda: counters(client)["pushes_failed"])
        assert client.get("/readyz").status_code == 200
