"""The knobs: faults for every number at once, a reset, and the meters that flow tests assert on."""

import httpx
import pytest
from pydantic import ValidationError

from simulator.app import create_app
from simulator.settings import SimulatorSettings

EVERYWHERE = "0.0.0.0"  # noqa: S104  (the point of the tests that use it)
SMS = {"receptor": "09121234567", "message": "سلام"}


async def test_down_for_a_while_means_503_and_then_well_again(api, clock):
    await api.client.put("/control/faults", json={"down_seconds": 30})

    assert (await api.call("sms/send", **SMS)).status_code == 503
    clock.pass_by(31)
    assert (await api.call("sms/send", **SMS)).status_code == 200


@pytest.mark.parametrize("code", [409, 418, 429, 451])
async def test_every_call_can_be_refused_with_one_code(api, code):
    await api.client.put("/control/faults", json={"refuse_with": code})

    assert (await api.call("sms/status", messageid="1")).json()["return"]["status"] == code
    assert (await api.client.get("/control/counters")).json()["refused"] == {str(code): 1}


@pytest.mark.parametrize("code", [200, 499])
async def test_what_is_no_refusal_is_refused_at_the_knob(api, code):
    assert (await api.client.put("/control/faults", json={"refuse_with": code})).status_code == 422


async def test_taken_then_silent_holds_only_for_what_is_new(api, settings):
    settings.silent_seconds = 0.2
    await api.client.put("/control/faults", json={"silent_after_taking": True, "latency_ms": 1})

    first = await api.call("sms/send", **SMS, localid="1")
    again = await api.call("sms/send", **SMS, localid="1")

    assert first.elapsed.total_seconds() >= 0.2 > again.elapsed.total_seconds()
    assert first.json()["entries"][0]["messageid"] == again.json()["entries"][0]["messageid"]


async def test_lost_pushes_leave_messages_unread(api):
    await api.client.put("/control/faults", json={"lose_pushes": True})
    await api.client.post("/control/mo", json={"sender": "09121234567", "text": "سلام"})

    counters = (await api.client.get("/control/counters")).json()
    assert (counters["mo_unread"], counters["pushes_lost"], counters["pushes_waiting"]) == (1, 1, 0)


async def test_a_reset_forgets_all_but_never_gives_an_id_twice(api):
    await api.client.put("/control/faults", json={"lose_pushes": True})
    [before] = await api.entries("sms/send", **SMS, localid="1")

    assert (await api.client.post("/control/reset")).status_code == 204

    [after] = await api.entries("sms/send", **SMS, localid="1")
    assert after["messageid"] > before["messageid"]
    assert (await api.client.get("/control/counters")).json()["mt_taken"] == 1
    assert (await api.client.get("/control/faults")).json()["lose_pushes"] is False


async def test_the_telecom_tells_what_it_saw_for_each_receptor(api):
    await api.entries("sms/send", receptor="09121234567,09121234568", message="یک")
    await api.entries("sms/send", **SMS, localid="8")

    assert (await api.client.get("/control/counters")).json()["messages_per_receptor"] == {"1": 1, "2": 1}
    one = await api.client.post("/control/sendings/search", json={"localid": 8})
    assert [mt["text"] for mt in one.json()["messages"]] == ["سلام"]
    newest = await api.client.post("/control/sendings/search", json={"limit": 2})
    assert [mt["text"] for mt in newest.json()["messages"]] == ["سلام", "یک"]


async def test_a_phone_shows_what_arrived_and_what_did_not(api, clock):
    for number in ("09121234567", "09121230002"):
        await api.entries("sms/send", receptor=number, message="سلام")
    clock.pass_by(400)
    await api.entries("account/info")

    shown = [
        (await api.client.post("/control/phones/search", json={"number": number})).json()["messages"][0]
        for number in ("+989121234567", "09121230002")
    ]

    assert [(one["state"], one["note"]) for one in shown] == [
        ("arrived", ""),
        ("not_arrived", "نرسیده به گیرنده"),
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/control/mo", {"sender": "1420", "text": "سلام"}),
        ("/control/mo", {"sender": "09121234567", "text": ""}),
        ("/control/mo", {"sender": "09121234567", "text": "سلام", "line": "3000"}),
        ("/control/phones/search", {"number": "x"}),
    ],
)
async def test_what_the_controls_do_not_understand_is_a_problem_document(api, path, body):
    answer = await api.client.post(path, json=body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_controls_ask_for_their_token_when_there_is_one():
    settings = SimulatorSettings(
        api_key="the-key",
        webhook_secret="hook-secret",
        host=EVERYWHERE,
        control_token="knobs",
    )
    transport = httpx.ASGITransport(create_app(settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator") as client:
        assert (await client.get("/control/counters")).status_code == 401
        with_token = await client.get("/control/counters", headers={"Authorization": "Bearer knobs"})
        assert with_token.status_code == 200


def test_listening_beyond_this_machine_without_a_token_is_refused():
    with pytest.raises(ValidationError, match="SIMULATOR_CONTROL_TOKEN"):
        SimulatorSettings(api_key="the-key", webhook_secret="hook-secret", host=EVERYWHERE)


def test_secrets_come_by_the_names_that_the_gateway_uses_too(monkeypatch):
    monkeypatch.setenv("KAVENEGAR_API_KEY", "a")
    monkeypatch.setenv("KAVENEGAR_WEBHOOK_SECRET", "b")
    monkeypatch.setenv("SIMULATOR_GATEWAY_URL", "http://127.0.0.1:8111")

    settings = SimulatorSettings()

    assert settings.api_key.get_secret_value() == "a"
    assert str(settings.gateway_url) == "http://127.0.0.1:8111/"
    assert "'a'" not in repr(settings)
