"""Click to call: asked by an agent, claimed by a gateway, told forward only, and its try logged by itself."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from case_store.answers import Answers
from case_store.calling import CallResult, CallState, moves
from case_store.handlers.casework import build_casework
from case_store.model import Rules
from case_store.repository import attachments
from case_store.repository.changes import CALL_MOVED
from case_store.staffing import Role
from envelope.models import Channel
from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.desks import Member, Office, opened
from tests.case_store.test_changes import until

CODE, OTHER = mint(100, KEY), mint(101, KEY)
CALLS = f"/cases/{CODE}/calls"
NUMBER = "+989120000001"
SOUND = {
    "uri": "ab/cd",
    "sha256": "a" * 64,
    "media_type": "audio/wav",
    "size": 4,
    "seconds": 12.5,
    "sound": {"playable": {"sha256": "b" * 64, "media_type": "audio/ogg", "size": 2}, "peaks": [1, 100]},
}


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    await store.clocks.start()
    async with opened(store) as office:
        await store.file(routed("", code=CODE, channel=Channel.VOICE))
        yield office


async def with_telephone(office: Office, extension: str | None = "2104", **more) -> Member:
    member = await office.member(**more)
    await office.store.rows("UPDATE staff SET extension = $1 WHERE id = $2", extension, member.actor.staff_id)
    return member


@pytest.fixture
async def agent(office: Office) -> Member:
    return await with_telephone(office, name="سارا")


@pytest.fixture
async def gateway(office: Office) -> Member:
    return office.service()


def told(state: str, result: str | None = None, seconds: float | None = None) -> dict[str, object]:
    return {"state": state, "result": result, "seconds": seconds, "at": datetime.now(UTC).isoformat()}


async def claimed(gateway: Member, limit: int = 8) -> list[dict]:
    return (await gateway.ok("POST", "/calls/claims", json={"limit": limit}))["calls"]


async def moved(gateway: Member, call_id: str, *steps: dict[str, object]) -> None:
    for step in steps:
        answer = await gateway.post(f"/calls/{call_id}/progress", json=step)
        assert (answer.status_code, answer.content) == (204, b""), answer.text


async def test_a_call_that_is_asked_for_is_claimed_once_and_tells_what_a_gateway_needs(
    agent: Member, gateway: Member
):
    case = await agent.ok("POST", CALLS, json={})
    [asked] = case["calls"]
    assert (asked["state"], asked["made_by"], asked["result"]) == ("asked", "سارا", None)
    [call] = await claimed(gateway)
    assert {name: call[name] for name in ("id", "extension", "number", "line", "record")} == {
        "id": asked["id"],
        "extension": "2104",
        "number": NUMBER,
        "line": "10001420",
        "record": False,
    }
    assert set(call) == {"id", "extension", "number", "line", "record", "asked_at"}
    assert await claimed(gateway) == []


async def test_fifty_claims_at_once_give_each_call_to_one(office: Office, gateway: Member):
    for _ in range(6):
        await (await with_telephone(office)).ok("POST", CALLS)
    given = await asyncio.gather(*(claimed(gateway, 2) for _ in range(20)))
    ids = [call["id"] for calls in given for call in calls]
    assert (len(ids), len(set(ids))) == (6, 6)
    assert all(len(calls) <= 2 for calls in given)


async def test_a_lease_that_ran_out_is_given_again_unless_something_was_said(
    office: Office, agent: Member, gateway: Member
):
    await agent.ok("POST", CALLS)
    [call] = await claimed(gateway)
    await office.store.rows("UPDATE call_out SET leased_until = now() - interval '1 second'")
    assert [again["id"] for again in await claimed(gateway)] == [call["id"]]
    await moved(gateway, call["id"], told("ringing_agent"))
    await office.store.rows("UPDATE call_out SET leased_until = now() - interval '1 second'")
    assert await claimed(gateway) == []


async def test_a_call_that_is_answered_is_a_try_by_itself(agent: Member, gateway: Member, office: Office):
    await agent.ok("POST", CALLS)
    [call] = await claimed(gateway)
    for state in ("ringing_agent", "ringing_person", "talking"):
        await moved(gateway, call["id"], told(state))
        assert (await agent.ok("GET", f"/cases/{CODE}"))["calls"][0]["state"] == state
    await moved(gateway, call["id"], told("ended", "answered", 93.5))
    case = await agent.ok("GET", f"/cases/{CODE}")
    [ended], [tried] = case["calls"], case["tries"]
    assert (ended["state"], ended["result"], ended["seconds"]) == ("ended", "answered", 93.5)
    assert (tried["result"], tried["made_by"], tried["seconds"], tried["call_id"]) == (
        "answered",
        "سارا",
        93.5,
        call["id"],
    )
    assert case["call_back"]["state"] == "waiting"
    assert (case["events"][-1]["type"], case["events"][-1]["actor"]) == ("person_called", "سارا")
    done = await agent.ok("POST", f"/cases/{CODE}/call-back/done", json={"answer": "واریز شد"})
    assert len(done["tries"]) == 1
    entries = await office.store.rows("SELECT action, actor, detail FROM audit_entry ORDER BY seq")
    assert ("call_asked", "سارا") in [(entry["action"], entry["actor"]) for entry in entries]
    assert not any(NUMBER in str(entry) or "2104" in str(entry) for entry in entries)


@pytest.mark.parametrize(
    ("result", "tried", "state"),
    [
        ("no_answer", "no_answer", "waiting"),
        ("busy", "busy", "waiting"),
        ("wrong_number", "wrong_number", "needs_number"),
        ("agent_away", None, "waiting"),
        ("failed", None, "waiting"),
    ],
)
async def test_how_a_call_ended_is_what_its_task_comes_to(
    agent: Member, gateway: Member, result: str, tried: str | None, state: str
):
    await agent.ok("POST", CALLS)
    [call] = await claimed(gateway)
    await moved(gateway, call["id"], told("ringing_agent"), told("ended", result))
    case = await agent.ok("GET", f"/cases/{CODE}")
    assert [one["result"] for one in case["tries"]] == ([tried] if tried else [])
    assert case["call_back"]["state"] == state
    assert case["call_back"]["failures"] == (tried in {"no_answer", "busy"})
    # A network knows of no number whose it is: nobody else answered there.
    assert case["reach"] == "sms"


async def test_what_is_told_again_late_or_by_ten_at_once_changes_nothing(
    agent: Member, gateway: Member, office: Office
):
    await agent.ok("POST", CALLS)
    [call] = await claimed(gateway)
    await moved(gateway, call["id"], told("talking"), told("ringing_person"), told("talking"))
    assert (await agent.ok("GET", f"/cases/{CODE}"))["calls"][0]["state"] == "talking"
    await asyncio.gather(*(moved(gateway, call["id"], told("ended", "answered", 5)) for _ in range(10)))
    await moved(gateway, call["id"], told("ended", "busy"), told("talking"))
    case = await agent.ok("GET", f"/cases/{CODE}")
    assert [one["result"] for one in case["tries"]] == ["answered"]
    assert (case["calls"][0]["state"], case["calls"][0]["result"]) == ("ended", "answered")


@pytest.mark.parametrize(
    ("now", "result", "said", "news"),
    [
        (CallState.ASKED, None, CallState.RINGING_AGENT, True),
        (CallState.ASKED, None, CallState.ENDED, True),
        (CallState.TALKING, None, CallState.RINGING_PERSON, False),
        (CallState.TALKING, None, CallState.TALKING, False),
        (CallState.ENDED, CallResult.FAILED, CallState.ENDED, False),
        (CallState.ENDED, CallResult.LAPSED, CallState.ENDED, True),
        (CallState.ENDED, CallResult.LAPSED, CallState.TALKING, False),
    ],
)
def test_calls_go_forward_only(now: CallState, result: CallResult | None, said: CallState, news: bool):  # noqa: FBT001
    assert moves(now, result, said) is news


async def test_one_call_an_agent_and_they_are_told_which(office: Office, agent: Member, gateway: Member):
    await office.store.file(routed(code=OTHER, sender="+989120000002"))
    answers = await asyncio.gather(
        *(agent.post(CALLS) for _ in range(5)), agent.post(f"/cases/{OTHER}/calls")
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    [under_way] = await office.store.rows(
        "SELECT tracking_code FROM call_out JOIN cases ON cases.id = case_id"
    )
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {problem["calling"] for problem in refused} == {under_way["tracking_code"]}
    [call] = await claimed(gateway)
    await moved(gateway, call["id"], told("ended", "agent_away"))
    assert (await agent.post(CALLS)).status_code == 201


async def test_who_has_no_telephone_is_told_so_and_a_service_calls_nobody(office: Office):
    agent = await office.member()
    answer = await agent.post(CALLS)
    assert (answer.status_code, answer.json()["extension"]) == (409, "none")
    assert (await office.service().post(CALLS)).status_code == 403
    stranger = await with_telephone(office, units=("treatment",))
    assert (await stranger.post(CALLS)).status_code == 404


@pytest.mark.parametrize(
    ("state", "silence", "lapses"),
    [
        ("asked", "31 seconds", True),
        ("asked", "29 seconds", False),
        ("ringing_agent", "121 seconds", True),
        ("ringing_person", "2 minutes", False),
        ("talking", "9 minutes", False),
        ("talking", "11 minutes", True),
    ],
)
async def test_a_call_of_which_nothing_is_heard_lapses_and_frees_its_agent(
    office: Office,
    agent: Member,
    gateway: Member,
    state: str,
    silence: str,
    lapses: bool,  # noqa: FBT001
):
    await agent.ok("POST", CALLS)
    await office.store.rows(
        f"UPDATE call_out SET state = '{state}', heard_at = now() - interval '{silence}'"  # noqa: S608
    )
    await office.store.work.calls.lapse()
    [call] = (await agent.ok("GET", f"/cases/{CODE}"))["calls"]
    assert (call["state"] == "ended", call["result"]) == (lapses, "lapsed" if lapses else None)
    assert await claimed(gateway) == [] or not lapses
    assert (await agent.post(CALLS)).status_code == (201 if lapses else 409)


async def test_whoever_goes_on_talking_does_not_lapse(office: Office, agent: Member, gateway: Member):
    await agent.ok("POST", CALLS)
    [call] = await claimed(gateway)
    await moved(gateway, call["id"], told("talking"))
    await office.store.rows("UPDATE call_out SET heard_at = now() - interval '9 minutes'")
    await moved(gateway, call["id"], told("talking"))
    [row] = await office.store.rows("SELECT heard_at > now() - interval '1 minute' AS lately FROM call_out")
    assert row["lately"]


async def test_a_call_that_nobody_claims_in_time_is_not_made_late(
    office: Office, agent: Member, gateway: Member
):
    await agent.ok("POST", CALLS)
    await office.store.rows("UPDATE call_out SET asked_at = now() - interval '31 seconds'")
    assert await claimed(gateway) == []


async def test_a_gateway_that_was_out_of_reach_may_still_tell_how_a_lapsed_call_ended(
    office: Office, agent: Member, gateway: Member
):
    await agent.ok("POST", CALLS)
    [call] = await claimed(gateway)
    await office.store.rows("UPDATE call_out SET state = 'talking', heard_at = now() - interval '3 hours'")
    await office.store.work.calls.lapse()
    await moved(gateway, call["id"], told("ended", "answered", 600), told("ended", "answered", 600))
    case = await agent.ok("GET", f"/cases/{CODE}")
    assert [(one["result"], one["seconds"]) for one in case["tries"]] == [("answered", 600)]


async def test_a_recording_stands_with_its_call_and_can_be_heard(
    office: Office, agent: Member, gateway: Member
):
    await agent.ok("POST", CALLS)
    [call] = await claimed(gateway)
    path = f"/calls/{call['id']}/recording"
    for _ in range(2):
        assert (await gateway.post(path, json=SOUND)).status_code == 204
    other = await gateway.post(path, json=SOUND | {"sha256": "c" * 64})
    assert other.status_code == 409
    [kept] = (await agent.ok("GET", f"/cases/{CODE}"))["calls"]
    assert kept["recording"]["sha256"] == "a" * 64
    async with office.store.database.transaction() as tx:
        case_id = await tx.raw.fetchval("SELECT case_id FROM call_out")
        found = [await attachments.of_case(tx, case_id, letter * 64) for letter in "abc"]
    assert [file and file.media_type for file in found] == ["audio/wav", "audio/ogg", None]


async def test_a_call_that_is_not_there_is_not_found(gateway: Member):
    call_id = uuid4()
    assert (await gateway.post(f"/calls/{call_id}/progress", json=told("talking"))).status_code == 404
    assert (await gateway.post(f"/calls/{call_id}/progress", json=told("ended", "busy"))).status_code == 404
    assert (await gateway.post(f"/calls/{call_id}/recording", json=SOUND)).status_code == 404


@pytest.mark.parametrize(
    "step",
    [
        told("ended"),
        told("talking", "answered"),
        told("asked"),
        told("ended", "lapsed"),
        told("talking") | {"seconds": -1},
        told("talking") | {"at": "now"},
    ],
    ids=["no result", "a result too early", "back", "ours alone", "negative", "no time"],
)
async def test_what_makes_no_sense_is_not_taken(agent: Member, gateway: Member, step: dict[str, object]):
    await agent.ok("POST", CALLS)
    [call] = await claimed(gateway)
    assert (await gateway.post(f"/calls/{call['id']}/progress", json=step)).status_code == 422


async def test_agents_make_no_progress_of_their_own(agent: Member):
    assert (await agent.post("/calls/claims", json={"limit": 1})).status_code == 403
    assert (await agent.post(f"/calls/{uuid4()}/progress", json=told("talking"))).status_code == 403


async def test_the_number_that_is_typed_or_given_unproved_is_called_too(
    office: Office, agent: Member, gateway: Member
):
    await office.store.file(
        routed(code=OTHER, sender="unproven:+989120000077", account=True, channel=Channel.PORTAL)
    )
    await agent.ok("POST", f"/cases/{OTHER}/calls")
    [call] = await claimed(gateway)
    assert (call["number"], call["line"]) == ("+989120000077", "1420")
    await moved(gateway, call["id"], told("ended", "no_answer"))
    await agent.ok("POST", f"/cases/{OTHER}/calls", json={"number": "02112345678"})
    assert [call["number"] for call in await claimed(gateway)] == ["+982112345678"]


async def test_a_deployment_records_where_it_says_so(office: Office, database, gateway: Member):
    store = office.store
    rules = Rules(record_calls=True, voice_line="1421")
    work = build_casework(
        database, store.codes, Answers(reopen_days=14), rules, store.clocks, store.access.witness
    )
    agent = await with_telephone(office)
    await work.calls.ask(agent.actor, CODE, None, None)
    [call] = await claimed(gateway)
    assert call["record"] is True


async def test_an_administrator_enters_whose_telephone_it_is(office: Office, gateway: Member):
    chief, agent = await office.member(Role.ADMINISTRATOR), await office.member()
    path = f"/staff/{agent.actor.staff_id}"
    assert (await chief.ok("PATCH", path, json={"extension": "2104"}))["extension"] == "2104"
    for wrong in ("", "1", "12a4", "PJSIP/1", "21 04", "1" * 11):
        assert (await chief.patch(path, json={"extension": wrong})).status_code == 422
    assert (await agent.patch(path, json={"extension": "2105"})).status_code == 403
    await agent.ok("POST", CALLS)
    [call] = await claimed(gateway)
    assert call["extension"] == "2104"
    await moved(gateway, call["id"], told("ended", "failed"))
    assert (await chief.ok("PATCH", path, json={"extension": None}))["extension"] is None
    assert (await agent.post(CALLS)).status_code == 409


async def test_desks_are_told_live_how_far_a_call_is_and_lists_are_left_alone(
    agent: Member, gateway: Member, office: Office
):
    changes = office.store.work.changes
    await changes.start()
    await until(lambda: changes.health() is None)
    try:
        with changes.subscribed(agent.actor) as subscription:
            await agent.ok("POST", CALLS)
            first = await subscription.next(5)
            assert (first["cases"], first["types"]) == ([CODE], [CALL_MOVED])
            [call] = await claimed(gateway)
            await moved(gateway, call["id"], told("ringing_agent"))
            assert (await subscription.next(5))["types"] == [CALL_MOVED]
    finally:
        await changes.stop()
