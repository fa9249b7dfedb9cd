"""Texts read out: a telephone rings, is picked up or not, and says only then what it heard."""

from contextlib import asynccontextmanager

import pytest

from simulator.handlers.carriage import Carriage
from simulator.handlers.phone import PhoneDesk
from simulator.handlers.pushes import Pushes

LANDLINE = "02164500000"
TEXT = "پاسخ شما آماده است."


async def ring(api, clock, **given) -> dict:
    """Read something out, and let the telephone ring."""
    entry = await api.entries("call/maketts", **({"receptor": LANDLINE, "message": TEXT} | given))
    clock.pass_by(1)
    await api.call("utils/getdate")
    return entry


async def status(api, entry) -> int:
    [found] = await api.entries("sms/status", messageid=str(entry["messageid"]))
    return found["status"]


async def heard(api, number=LANDLINE) -> list[tuple[str, str]]:
    answer = await api.client.post("/control/phones/search", json={"number": number})
    return [(message["state"], message["text"]) for message in answer.json()["messages"]]


@asynccontextmanager
async def page_of(world, number=LANDLINE):
    """A page that shows the phone."""
    phone = world.phones.of(number)
    phone.watchers += 1
    yield phone.handle
    phone.watchers -= 1


async def test_nobody_at_the_page_it_is_picked_up_and_heard(api, clock):
    entry = await ring(api, clock)
    assert await heard(api) == [("ringing", "")]
    clock.pass_by(300)
    assert await status(api, entry) == 10
    assert await heard(api) == [("heard", TEXT)]


async def test_whoever_answers_hears_it_and_whoever_declines_does_not(api, clock, world):
    async with page_of(world) as handle:
        for answered, state, ended in ((True, ("heard", TEXT), 10), (False, ("missed", ""), 11)):
            entry = await ring(api, clock)
            path = f"/phones/{handle}/calls/mt-{entry['messageid']}"
            done = await api.client.post(path, json={"answered": answered})
            assert done.json()["state"] == state[0]
            assert (await heard(api))[-1] == state
            assert await status(api, entry) == ended
            again = await api.client.post(path, json={"answered": not answered})
            assert again.json()["state"] == state[0]


async def test_it_rings_on_while_somebody_could_answer_and_then_gives_up(api, clock, world, settings):
    async with page_of(world):
        entry = await ring(api, clock)
        clock.pass_by(300)
        assert await status(api, entry) in {4, 5}
        clock.pass_by(settings.ring_seconds)
        assert await status(api, entry) == 11
        assert await heard(api) == [("missed", "")]


async def test_a_page_counts_as_somebody_only_while_it_is_open(world, api):
    card = (await api.client.post("/phones", json={"number": LANDLINE})).json()
    assert card["mobile"] is False
    phone = world.phones.of(LANDLINE)
    desk = PhoneDesk(world, Carriage(world, Pushes(world, lambda _push: None)))
    events = desk.watch(card["phone"], "")
    await anext(events)
    assert phone.watchers == 1
    await events.aclose()
    assert phone.watchers == 0


async def test_the_same_localid_rings_once(api, clock):
    first = await ring(api, clock, localid="9")
    again = await ring(api, clock, localid="9")
    assert again["messageid"] == first["messageid"]
    assert len(await heard(api)) == 1


async def test_several_receptors_get_an_array(api):
    entries = await api.entries("call/maketts", receptor=f"{LANDLINE},09121234567", message=TEXT)
    assert [entry["receptor"] for entry in entries] == [LANDLINE, "09121234567"]


async def test_no_sms_reaches_a_landline_and_nobody_writes_one_there(api, clock):
    [entry] = await api.entries("sms/send", receptor=LANDLINE, message=TEXT)
    clock.pass_by(300)
    assert await status(api, entry) == 11
    phone = (await api.client.post("/phones", json={"number": LANDLINE})).json()["phone"]
    body = {"id": "0b8f0c1e-0000-4000-8000-000000000000", "text": "سلام"}
    assert (await api.client.post(f"/phones/{phone}/messages", json=body)).status_code == 422


@pytest.mark.parametrize("call", ["mt-1", "mt-x", "other"])
async def test_a_call_that_nobody_made_cannot_be_answered(api, call):
    phone = (await api.client.post("/phones", json={"number": LANDLINE})).json()["phone"]
    answer = await api.client.post(f"/phones/{phone}/calls/{call}", json={"answered": True})
    assert answer.status_code in {404, 422}


async def test_another_phones_call_cannot_be_answered(api, clock):
    entry = await ring(api, clock)
    other = (await api.client.post("/phones", json={"number": "09121234567"})).json()["phone"]
    path = f"/phones/{other}/calls/mt-{entry['messageid']}"
    assert (await api.client.post(path, json={"answered": True})).status_code == 404


async def test_a_call_costs_its_own_price_and_has_no_parts(api, settings):
    entry = await api.entries("call/maketts", receptor=LANDLINE, message=TEXT)
    assert entry["cost"] == settings.call_rials
    found = await api.client.post("/control/sendings/search", json={"receptor": LANDLINE})
    [seen] = found.json()["messages"]
    assert (seen["spoken"], seen["parts"]) == (True, 0)
