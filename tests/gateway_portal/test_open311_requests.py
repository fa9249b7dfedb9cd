"""Open311 GeoReport v2: a request is handed in as an envelope, and found again by its tracking code."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from defusedxml.ElementTree import fromstring

from envelope.addresses import Address, AddressKind
from envelope.models import Channel
from envelope.taxonomy import Audience, Kind, Topic
from envelope.tracking import is_valid, mint
from gateway_portal.model import Scope
from tests.gateway_portal.conftest import Portal, Started, StoreStandIn

VOUCHING, PLAIN, SANDBOX, READING = (f"payam_live_{letter * 43}" for letter in "vpsr")
TEXT = "حقوق بازنشستگی پدرم این ماه هنوز واریز نشده است"
FORM = {"service_code": "pension_payment", "description": TEXT, "account_id": "u-4711"}
NOW = datetime.now(UTC)
CODES = [mint(number, b"k" * 32) for number in range(60)]


def book() -> dict[str, Any]:
    every = [scope.value for scope in Scope]
    scopes = {
        VOUCHING: every,
        PLAIN: [Scope.WRITE, Scope.READ],
        SANDBOX: every,
        READING: [Scope.READ],
    }
    keys = [
        {
            "id": str(uuid4()),
            "sha256": hashlib.sha256(key.encode()).hexdigest(),
            "scopes": list(allowed),
            "sandbox": key is SANDBOX,
            "expires_at": None,
        }
        for key, allowed in scopes.items()
    ]
    partner = {"id": "city", "name": "شهر", "per_minute": 1_000, "per_day": 1_000, "keys": keys}
    return {"partners": [partner]}


def submission(code: str, **other: object) -> dict[str, Any]:
    """As the case store tells a partner of it."""
    known = {
        "message_id": str(uuid4()),
        "tracking_code": code,
        "case_code": code,
        "opened": True,
        "reference": None,
        "state": "open",
        "topic": "pension_payment",
        "kind": "question",
        "submitted_at": (NOW - timedelta(days=2)).isoformat(),
        "last_activity_at": (NOW - timedelta(days=1)).isoformat(),
        "version": 1,
    }
    return known | other


def case(code: str, **other: object) -> dict[str, Any]:
    """The same whole."""
    more = {
        "section": "retirement",
        "due_at": (NOW + timedelta(days=3)).isoformat(),
        "closed_at": None,
        "answers": [],
    }
    return submission(code) | more | other


@pytest.fixture
async def portal(started: Started, behind: StoreStandIn) -> AsyncIterator[Portal]:
    behind.answers["/partners/book"] = book()
    async with started() as portal:
        yield portal


@pytest.fixture
async def client(portal: Portal) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(portal.app, raise_app_exceptions=False),
        base_url="http://portal/open311/v2",
    ) as client:
        yield client


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def hand_in(client: httpx.AsyncClient, key: str = PLAIN, **changed: str | None) -> httpx.Response:
    form = {name: value for name, value in (FORM | changed).items() if value is not None}
    return await client.post("/requests.json?lang=en", data=form, headers=bearer(key))


def faults(response: httpx.Response) -> str:
    """What is wrong, in one text; the codes are those of the answer."""
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert {fault["code"] for fault in response.json()} == {response.status_code}
    return " ".join(fault["description"] for fault in response.json())


async def test_a_request_becomes_an_envelope_with_a_tracking_code(client, portal):
    extra = {"attribute[kind]": "complaint", "attribute[audience]": "pensioner", "attribute[province]": "یزد"}
    cited = {"attribute[tracking_code]": f" {CODES[0][:3]}-{CODES[0][3:]} "}
    response = await hand_in(client, **extra, **cited)
    assert response.status_code == 201
    [receipt] = response.json()
    assert list(receipt) == ["service_request_id", "service_notice", "account_id"]
    assert is_valid(receipt["service_request_id"])
    assert receipt["account_id"] == "u-4711"
    assert response.headers["location"] == f"/open311/v2/requests/{receipt['service_request_id']}.json"

    [envelope] = portal.envelopes
    assert envelope.tracking_code == receipt["service_request_id"]
    assert (envelope.channel, envelope.provider, envelope.line) == (Channel.API, "city", "api")
    assert envelope.sender == Address(kind=AddressKind.ACCOUNT, value="city:u-4711")
    assert envelope.text == TEXT
    assert envelope.refers_to == CODES[0]
    assert envelope.declared is not None
    assert (envelope.declared.topic, envelope.declared.kind) == (Topic.PENSION_PAYMENT, Kind.COMPLAINT)
    assert (envelope.declared.audience, envelope.declared.province) == (Audience.PENSIONER, "یزد")


async def test_the_receipt_is_told_in_xml_too(client, portal):
    response = await client.post("/requests.xml", data=FORM | {"api_key": PLAIN})
    assert response.status_code == 201
    root = fromstring(response.content)
    assert (root.tag, root[0].tag) == ("service_requests", "request")
    assert root.findtext("request/service_request_id") == portal.envelopes[0].tracking_code


async def test_a_key_may_come_in_the_form_and_stays_out_of_everything(client, portal):
    response = await client.post("/requests.json", data=FORM | {"api_key": PLAIN})
    assert response.status_code == 201
    assert PLAIN not in portal.envelopes[0].model_dump_json()


async def test_a_place_and_a_link_are_added_to_what_is_said_and_a_position_is_not_kept(client, portal):
    place = {"lat": "35.6892", "long": "51.3890", "address_string": "تهران، آزادی ۳۴۵"}
    beside = {"media_url": "https://example.org/a.jpg", "email": "a@example.org", "first_name": "مریم"}
    assert (await hand_in(client, **place, **beside)).status_code == 201
    [envelope] = portal.envelopes
    assert envelope.text == f"{TEXT}\n\nنشانی: تهران، آزادی ۳۴۵\n\nپیوند پیوست: https://example.org/a.jpg"
    for unkept in ("35.6892", "51.3890", "a@example.org", "مریم"):
        assert unkept not in envelope.model_dump_json()


async def test_who_may_vouch_hands_in_for_a_number_however_it_is_written(client, portal):
    assert (await hand_in(client, VOUCHING, phone="۰۹۱۲ ۱۲۳ ۴۵۶۷", account_id=None)).status_code == 201
    assert portal.envelopes[0].sender == Address(kind=AddressKind.MSISDN, value="+989121234567")


async def test_who_may_not_vouch_is_told_to_send_an_account(client, portal):
    response = await hand_in(client, PLAIN, phone="09121234567", account_id=None)
    assert response.status_code == 400
    assert "may not vouch" in faults(response)
    assert not portal.envelopes
    assert (await hand_in(client, PLAIN, phone="09121234567")).status_code == 201
    assert portal.envelopes[0].sender.value == "city:u-4711"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"service_code": None}, "service_code is needed"),
        ({"service_code": " "}, "service_code is needed"),
        ({"description": None}, "description is needed"),
        ({"description": "x" * 4_001}, "more than 4,000"),
        ({"account_id": None}, "phone and account_id"),
        ({"account_id": "x" * 101}, "account_id is 1 to 100"),
        ({"account_id": "a\u202eb"}, "account_id is 1 to 100"),
        ({"lat": "35.6"}, "lat and long"),
        ({"lat": "95", "long": "51"}, "lat and long"),
        ({"lat": "here", "long": "51"}, "lat and long"),
        ({"lat": "nan", "long": "51"}, "lat and long"),
        ({"address_string": "x" * 501}, "too long"),
        ({"media_url": "x" * 2_001}, "too long"),
        ({"attribute[kind]": "rage"}, "no such attribute"),
        ({"attribute[kind]": "status_inquiry"}, "no such attribute"),
        ({"attribute[province]": "Atlantis"}, "no such attribute"),
        ({"attribute[colour]": "red"}, "no such attribute"),
        ({"attribute[tracking_code]": "1234567890"}, "no tracking code"),
    ],
)
async def test_what_cannot_be_taken_is_told_in_a_sentence(client, portal, changed, words):
    response = await hand_in(client, **changed)
    assert response.status_code == 400
    assert words in faults(response)
    assert not portal.envelopes


async def test_a_number_that_is_none_is_refused_and_not_told_back(client, portal):
    response = await hand_in(client, VOUCHING, phone="0912")
    assert response.status_code == 400
    assert "no mobile number" in faults(response)
    assert "0912" not in response.text


async def test_everything_that_is_wrong_is_told_at_once(client):
    response = await client.post("/requests.xml", data={"api_key": PLAIN, "lat": "1"})
    assert response.status_code == 400
    assert len(fromstring(response.content).findall("error")) == 4


async def test_an_unknown_service_is_not_found(client):
    response = await hand_in(client, service_code="potholes")
    assert response.status_code == 404
    assert "service_code" in faults(response)


@pytest.mark.parametrize("key", ["", "payam_live_" + "x" * 43])
async def test_without_a_good_key_it_is_forbidden(client, portal, key):
    response = await client.post("/requests.json", data=FORM | {"api_key": key})
    assert response.status_code == 403
    faults(response)
    assert (await client.get("/requests.json", headers=bearer(key or "-"))).status_code == 403
    assert (await client.get("/requests/1.xml")).status_code == 403
    assert not portal.envelopes


async def test_a_key_does_what_its_scopes_say(client):
    response = await hand_in(client, READING)
    assert response.status_code == 403
    assert "may not" in faults(response)


async def test_a_key_in_an_address_is_refused_and_not_told_back(client, portal):
    for response in (
        await client.get(f"/requests.json?api_key={PLAIN}", headers=bearer(PLAIN)),
        await client.get(f"/requests/{CODES[0]}.json?api_key={PLAIN}"),
        await client.post(f"/requests.json?api_key={PLAIN}", data=FORM),
    ):
        assert response.status_code == 400
        assert "Authorization" in faults(response)
        assert PLAIN not in response.text
    assert not portal.envelopes


async def test_what_is_no_form_is_refused(client):
    response = await client.post("/requests.json", json=FORM, headers=bearer(PLAIN))
    assert response.status_code == 400
    files = {"media": b"x"}
    assert (
        await client.post("/requests.json", data=FORM, files=files, headers=bearer(PLAIN))
    ).status_code == 400


async def test_a_form_that_is_too_large_is_not_read_to_its_end(client, portal):
    response = await hand_in(client, description="x" * 70_000)
    assert response.status_code == 400
    assert "too large" in faults(response)
    assert not portal.envelopes


async def test_the_same_form_sent_twice_is_one_request(client, portal):
    first, second = await hand_in(client), await hand_in(client, device_id="", jurisdiction_id="x")
    assert first.json() == second.json()
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert len(portal.envelopes) == 1
    other = await hand_in(client, description=TEXT + "!")
    assert other.json() != first.json()
    assert len(portal.envelopes) == 2


async def test_the_id_of_a_form_does_not_betray_its_words(client, portal):
    """It is hidden by the key: the same words under another key have another id."""
    await hand_in(client, PLAIN)
    await hand_in(client, VOUCHING)
    first, second = (envelope.provider_message_id for envelope in portal.envelopes)
    assert first != second


async def test_a_client_that_has_idempotency_keys_decides_itself(client, portal):
    headers = bearer(PLAIN) | {"Idempotency-Key": "4711"}
    first = await client.post("/requests.json", data=FORM, headers=headers)
    again = await client.post("/requests.json", data=FORM, headers=headers)
    assert first.json() == again.json()
    changed = await client.post("/requests.json", data=FORM | {"description": "!"}, headers=headers)
    assert changed.status_code == 400
    faults(changed)
    other = await client.post("/requests.json", data=FORM, headers=headers | {"Idempotency-Key": "4712"})
    assert other.status_code == 201
    assert len(portal.envelopes) == 2
    for bad in ("x" * 256, " ", "a b"):
        bad_key = headers | {"Idempotency-Key": bad}
        assert (await client.post("/requests.json", data=FORM, headers=bad_key)).status_code == 400


async def test_a_sandbox_key_reaches_no_desk(client, portal, behind):
    behind.answers["/partner/sandbox"] = lambda body: httpx.Response(
        201, json=submission(body["tracking_code"])
    )
    response = await hand_in(client, SANDBOX)
    assert response.status_code == 201
    assert "nobody will read it" in response.json()[0]["service_notice"]
    assert not portal.envelopes
    assert any(path == "/partner/sandbox" for path, _, _ in behind.asked)


async def test_with_the_store_away_requests_are_taken_and_questions_are_to_be_asked_again(
    client, portal, behind
):
    behind.away = True
    assert (await hand_in(client)).status_code == 201
    assert len(portal.envelopes) == 1
    response = await client.get("/requests.json?lang=en", headers=bearer(PLAIN))
    assert (response.status_code, "retry-after" in response.headers) == (503, True)
    assert "shortly" in faults(response)


async def test_ones_own_requests_are_listed_without_a_word_of_the_person(client, behind):
    behind.answers["/partner/submissions"] = {
        "submissions": [submission(CODES[0]), submission(CODES[1], state="answered", topic="unemployment")],
        "next_cursor": None,
    }
    response = await client.get("/requests.json?lang=en", headers=bearer(PLAIN))
    assert response.status_code == 200
    first, second = response.json()
    assert list(first) == [
        *("service_request_id", "status", "status_notes", "service_name", "service_code", "description"),
        *("agency_responsible", "service_notice", "requested_datetime", "updated_datetime"),
        *("expected_datetime", "address", "address_id", "zipcode", "lat", "long", "media_url"),
    ]
    assert (first["service_request_id"], first["status"], first["service_code"]) == (
        *(CODES[0], "open", "pension_payment"),
    )
    assert first["service_name"] == "Pension payment"
    assert first["requested_datetime"] == (NOW - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert first["description"] is None
    assert (second["status"], second["status_notes"]) == ("closed", "It was answered.")
    [asked] = [body for path, _, body in behind.asked if path == "/partner/submissions"]
    assert (asked["partner_id"], asked["sandbox"]) == ("city", False)

    root = fromstring((await client.get("/requests.xml", headers=bearer(PLAIN))).content)
    assert (root.tag, [child.tag for child in root]) == ("service_requests", ["request", "request"])
    assert root[0].find("lat").text is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [0, 1, 2]),
        ({"status": "open"}, [0]),
        ({"status": "closed"}, [1, 2]),
        ({"status": "open,closed"}, [0, 1, 2]),
        ({"status": "", "service_code": ""}, [0, 1, 2]),
        ({"service_code": "unemployment"}, [1]),
        ({"service_code": "unemployment, pension_payment", "status": "closed"}, [1, 2]),
        ({"start_date": (NOW - timedelta(days=35)).isoformat()}, [0, 1]),
        ({"end_date": (NOW - timedelta(days=5)).isoformat()}, [1, 2]),
        ({"end_date": (NOW - timedelta(days=35)).isoformat()}, [2, 3]),
        ({"start_date": (NOW - timedelta(days=115)).strftime("%Y-%m-%dT%H:%M:%SZ")}, [1, 2, 3]),
    ],
)
async def test_a_list_is_of_what_was_asked_for(client, behind, query, found):
    mine = [
        submission(CODES[0]),
        submission(CODES[1], state="closed", topic="unemployment", submitted_at=ago(30)),
        submission(CODES[2], state="withdrawn", submitted_at=ago(60)),
        submission(CODES[3], state="answered", submitted_at=ago(110)),
    ]
    behind.answers["/partner/submissions"] = {"submissions": mine, "next_cursor": None}
    response = await client.get("/requests.json", params=query, headers=bearer(PLAIN))
    assert [each["service_request_id"] for each in response.json()] == [CODES[number] for number in found]
    [asked] = [body for path, _, body in behind.asked if path == "/partner/submissions"]
    end = query.get("end_date")
    assert end is None or datetime.fromisoformat(asked["until"]) == datetime.fromisoformat(end)


def ago(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat()


async def test_a_list_goes_from_page_to_page_and_ends_with_the_stretch(client, behind):
    pages = {
        None: {"submissions": [submission(CODES[0])], "next_cursor": "b"},
        "b": {"submissions": [submission(CODES[1]), submission(CODES[2], submitted_at=ago(91))]},
    }
    pages["b"]["next_cursor"] = "c"
    behind.answers["/partner/submissions"] = lambda body: pages[body["cursor"]]
    response = await client.get("/requests.json", headers=bearer(PLAIN))
    assert [each["service_request_id"] for each in response.json()] == CODES[:2]


async def test_a_list_ends_at_a_thousand(client, behind):
    behind.answers["/partner/submissions"] = lambda _: {
        "submissions": [submission(CODES[0])] * 200,
        "next_cursor": "more",
    }
    response = await client.get("/requests.json", headers=bearer(PLAIN))
    assert len(response.json()) == 1_000
    assert len([path for path, _, _ in behind.asked if path == "/partner/submissions"]) <= 6


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"status": "pending"}, 400),
        ({"service_code": "potholes"}, 404),
        ({"start_date": "yesterday"}, 400),
        ({"start_date": "1763769600"}, 400),
        ({"start_date": "2026-11-01T00:00:00"}, 400),
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"}, 400),
        ({"start_date": "2026-06-01T00:00:00Z", "end_date": "2026-05-01T00:00:00Z"}, 400),
        ({"start_date": "0001-01-01T00:00:00+00:00", "end_date": "0001-01-01T00:00:00+14:00"}, 400),
        ({"end_date": "0001-01-01T00:00:00Z"}, 400),
        ({"service_request_id": ",".join(CODES[:51])}, 400),
    ],
)
async def test_a_list_that_nobody_can_give_is_refused(client, query, status):
    response = await client.get("/requests.json", params=query, headers=bearer(PLAIN))
    assert response.status_code == status
    faults(response)


async def test_requests_named_by_their_ids_are_given_in_that_order_and_strangers_left_out(client, behind):
    mine = {CODES[number]: case(CODES[number]) for number in range(3)}
    behind.answers["/partner/case"] = lambda body: mine.get(body["code"], httpx.Response(404, json={}))
    ids = ",".join((CODES[2], CODES[9], "nonsense", CODES[0]))
    query = {"service_request_id": ids, "status": "closed"}
    response = await client.get("/requests.json", params=query, headers=bearer(PLAIN))
    assert [each["service_request_id"] for each in response.json()] == [CODES[2], CODES[0]]


async def test_one_request_has_our_last_answer_in_its_notes(client, behind):
    answers = [{"at": ago(3), "text": "اولی", "official": None}, {"at": ago(2), "text": "دومی"}]
    behind.answers["/partner/case"] = case(CODES[0], state="closed", closed_at=ago(1), answers=answers)
    response = await client.get(f"/requests/{CODES[0]}.json", headers=bearer(PLAIN))
    [shown] = response.json()
    assert (shown["status"], shown["status_notes"]) == ("closed", "دومی")
    assert shown["updated_datetime"] == (NOW - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert shown["expected_datetime"] == (NOW + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    root = fromstring((await client.get(f"/requests/{CODES[0]}.xml", headers=bearer(PLAIN))).content)
    assert root.findtext("request/status_notes") == "دومی"


@pytest.mark.parametrize("code", [CODES[5], "1234567890", "x"])
async def test_another_partners_request_and_an_unknown_one_are_the_same(client, code):
    response = await client.get(f"/requests/{code}.json?lang=en", headers=bearer(PLAIN))
    assert response.status_code == 404
    assert faults(response) == "There is no such service request."


async def test_a_request_that_is_still_on_its_way_is_open(client, behind):
    [receipt] = (await hand_in(client)).json()
    code = receipt["service_request_id"]
    response = await client.get(f"/requests/{code}.json?lang=en", headers=bearer(PLAIN))
    assert response.status_code == 200
    [shown] = response.json()
    assert (shown["service_request_id"], shown["status"]) == (code, "open")
    assert shown["status_notes"] == "It has arrived and is being registered."
    assert shown["service_code"] == "pension_payment"
