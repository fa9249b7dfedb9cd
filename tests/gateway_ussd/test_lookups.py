"""What menus ask: seldom, in time, an older answer rather than none, and nobody else's case."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from envelope.addresses import latin_digits
from gateway_ussd.clients.circuit import Circuit
from gateway_ussd.clients.source import Asked
from gateway_ussd.settings import LookupSettings
from tests.gateway_ussd.conftest import Gateway
from tests.gateway_ussd.services import HttpService
from tests.redis_server import RedisServer

NATIONAL_ID = "0012345679"
BASKET = f"GET /basket/{NATIONAL_ID}"
ENTITLED = {"entitled": True, "words": "مشمول است"}
PERSON = "POST /api/v1/contacts/search"
PERSON_ID = "0192b1c6-0000-7000-8000-000000000001"
CASES = f"GET /api/v1/cases?contact={PERSON_ID}&limit=5"
CODE = "1000000017"
ANSWERS = "GET /api/v1/answers?state=approved&language=fa&limit=200"


def asked(msisdn: str = "+989120000001", **arguments: str) -> Asked:
    return Asked(arguments, msisdn, "fa")


def case(msisdn: str, **changes: object) -> dict[str, object]:
    person = {"addresses": [{"kind": "msisdn", "value": msisdn}]}
    return {"state": "referred", "due_at": "2026-11-24T10:00:00Z", "person": person} | changes


def answer(topic: str, title: str, **changes: object) -> dict[str, object]:
    return {"topic": topic, "title": title, "text": f"متن {title}", "offered": True, "uses": 0} | changes


def lookup(service: HttpService, **changes: object) -> dict[str, LookupSettings]:
    return {"basket": LookupSettings(url=service.url + "/basket/{national_id}", **changes)}  # type: ignore[arg-type]


async def test_an_answer_stands_on_the_screen(gateway: Gateway, service: HttpService) -> None:
    service.replies[BASKET] = (200, ENTITLED)
    phone = gateway.phone()
    await phone.dial("2")
    assert "مشمول است" in (await phone.type("۰۰۱۲۳۴۵۶۷۹")).text
    assert service.calls == {BASKET: 1}


async def test_ten_thousand_people_with_one_question_make_one_call(
    gateway: Gateway, service: HttpService
) -> None:
    service.replies[BASKET] = (200, ENTITLED)
    service.delay = 0.05
    questions = [asked(f"+98912{number:07}", national_id=NATIONAL_ID) for number in range(10_000)]
    findings = await asyncio.gather(*(gateway.lookups.find("basket", each, 5) for each in questions))
    assert all(finding.found == ENTITLED for finding in findings)
    assert service.total == 1
    assert (await gateway.lookups.find("basket", questions[0], 5)).found == ENTITLED
    assert service.total == 1, "it is remembered"


async def test_replicas_share_what_one_of_them_has_asked(
    make_gateway: Callable[..., Any], service: HttpService
) -> None:
    service.replies[BASKET] = (200, ENTITLED)
    for gateway in (await make_gateway(), await make_gateway()):
        assert (await gateway.lookups.find("basket", asked(national_id=NATIONAL_ID), 5)).found == ENTITLED
    assert service.total == 1


async def test_questions_that_differ_are_asked_each(gateway: Gateway, service: HttpService) -> None:
    service.default = (200, ENTITLED)
    for national_id in ("1", "2", "a/b?c"):
        await gateway.lookups.find("basket", asked(national_id=national_id), 5)
    assert set(service.calls) == {"GET /basket/1", "GET /basket/2", "GET /basket/a%2Fb%3Fc"}


async def test_an_old_answer_is_asked_for_anew(
    make_gateway: Callable[..., Any], service: HttpService
) -> None:
    gateway = await make_gateway(lookups=lookup(service, fresh_seconds=0.05))
    service.replies[BASKET] = (200, ENTITLED)
    await gateway.lookups.find("basket", asked(national_id=NATIONAL_ID), 5)
    service.replies[BASKET] = (200, {"entitled": False, "words": ""})
    await asyncio.sleep(0.06)
    finding = await gateway.lookups.find("basket", asked(national_id=NATIONAL_ID), 5)
    assert finding.found == {"entitled": False, "words": ""}


@pytest.mark.parametrize("trouble", ["500", "slow", "away"])
async def test_an_old_answer_will_do_when_the_service_is_in_trouble(
    make_gateway: Callable[..., Any], service: HttpService, trouble: str
) -> None:
    gateway = await make_gateway(lookups=lookup(service, fresh_seconds=0.01))
    service.replies[BASKET] = (200, ENTITLED)
    question = asked(national_id=NATIONAL_ID)
    await gateway.lookups.find("basket", question, 5)
    await asyncio.sleep(0.02)
    service.replies[BASKET] = (500, {})
    service.delay = 0.5 if trouble == "slow" else 0
    if trouble == "away":
        await service.stop()
    assert (await gateway.lookups.find("basket", question, 0.1)).found == ENTITLED


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param((500, {}), id="an error"),
        pytest.param((401, {}), id="a refusal"),
        pytest.param((200, b"<html>"), id="no JSON"),
        pytest.param((200, [1, 2]), id="no object"),
        pytest.param((200, b"[" * 100_000), id="deep"),
        pytest.param((200, b'{"words": "' + b"a" * 2_000_000 + b'"}'), id="endless"),
        pytest.param((302, {}), id="elsewhere"),
    ],
)
async def test_an_answer_that_cannot_be_used_shows_the_fallback(
    gateway: Gateway, service: HttpService, reply: tuple[int, object]
) -> None:
    service.replies[BASKET] = reply
    phone = gateway.phone()
    await phone.dial("2")
    screen = await phone.type(NATIONAL_ID)
    assert "در دسترس نیست" in screen.text
    assert not screen.ends, "the person can go on from there"


async def test_a_service_that_does_not_know_finds_nothing(gateway: Gateway, service: HttpService) -> None:
    phone = gateway.phone()
    await phone.dial("2")
    assert "چیزی نیست" in (await phone.type(NATIONAL_ID)).text
    assert service.total == 1


async def test_a_service_in_trouble_is_left_alone(gateway: Gateway, service: HttpService) -> None:
    service.default = (503, {})
    for number in range(50):
        await gateway.lookups.find("basket", asked(national_id=str(number)), 5)
    assert service.total == 5


def test_a_circuit_tries_one_call_after_each_wait_and_waits_twice_as_long_after_each_failure() -> None:
    now = [0.0]
    circuit = Circuit("test", lambda: now[0])
    for _ in range(5):
        assert circuit.admit()
        circuit.fail()
    for wait in (1, 2, 4, 8, 16, 30, 30):
        assert not circuit.admit()
        now[0] += wait
        assert circuit.admit()
        assert not circuit.admit(), "one at a time"
        circuit.fail()
    now[0] += 30
    assert circuit.admit()
    circuit.succeed()
    assert circuit.admit()
    assert circuit.admit()


async def test_a_lookup_that_nobody_offers_shows_the_fallback(make_gateway: Callable[..., Any]) -> None:
    gateway = await make_gateway(lookups={})
    phone = gateway.phone()
    await phone.dial("2")
    assert "در دسترس نیست" in (await phone.type(NATIONAL_ID)).text


async def test_a_url_that_wants_what_the_menu_does_not_give_shows_the_fallback(
    make_gateway: Callable[..., Any], service: HttpService
) -> None:
    gateway = await make_gateway(lookups={"basket": LookupSettings(url=service.url + "/{birthday}")})
    assert (await gateway.lookups.find("basket", asked(national_id=NATIONAL_ID), 5)).found is None
    assert service.total == 0


async def test_a_service_is_shown_its_token(make_gateway: Callable[..., Any], service: HttpService) -> None:
    gateway = await make_gateway(lookups=lookup(service, token="their-token"))
    await gateway.lookups.find("basket", asked(national_id=NATIONAL_ID), 5)
    assert service.headers[0]["authorization"] == "Bearer their-token"


async def test_without_redis_lookups_go_on(
    make_gateway: Callable[..., Any], service: HttpService, mortal_redis: RedisServer
) -> None:
    gateway = await make_gateway(with_redis=mortal_redis)
    mortal_redis.stop()
    service.replies[BASKET] = (200, ENTITLED)
    assert (await gateway.lookups.find("basket", asked(national_id=NATIONAL_ID), 5)).found == ENTITLED


# The case store.


async def test_a_person_sees_their_last_cases_and_how_one_stands(
    gateway: Gateway, service: HttpService
) -> None:
    phone = gateway.phone()
    service.replies |= {
        PERSON: (200, {"id": PERSON_ID, "merged_into": None}),
        CASES: (200, {"cases": [{"tracking_code": CODE, "state": "open"}]}),
        f"GET /api/v1/cases/{CODE}": (200, case(phone.msisdn)),
    }
    assert CODE in latin_digits((await phone.dial("3")).text)
    shown = await phone.type("1")
    assert "در دست بررسی ۱۴۰۵/۰۹/۰۳" in shown.text
    assert {"address": phone.msisdn} in service.bodies
    assert all(headers["authorization"] == "Bearer a-token" for headers in service.headers)
    assert not any(phone.msisdn.strip("+") in call for call in service.calls), "no number in a URL"


async def test_another_persons_case_is_not_shown(gateway: Gateway, service: HttpService) -> None:
    service.replies[f"GET /api/v1/cases/{CODE}"] = (200, case("+989350000000"))
    assert (await gateway.lookups.find("my_case", asked(code=CODE), 5)).found == {}


async def test_what_one_person_may_see_is_not_remembered_for_another(
    gateway: Gateway, service: HttpService, redis: RedisServer
) -> None:
    service.replies[f"GET /api/v1/cases/{CODE}"] = (200, case("+989120000001"))
    assert (await gateway.lookups.find("my_case", asked(code=CODE), 5)).found != {}
    assert (await gateway.lookups.find("my_case", asked("+989120000002", code=CODE), 5)).found == {}
    with redis.client() as client:
        assert client.keys("*lookup*") == [], "nor kept where others could read it"


@pytest.mark.parametrize("name", ["my_case", "my_cases"])
async def test_what_the_store_does_not_know_is_not_found(gateway: Gateway, name: str) -> None:
    assert (await gateway.lookups.find(name, asked(code=CODE), 5)).found == {}


async def test_a_person_without_cases_has_none(gateway: Gateway, service: HttpService) -> None:
    service.replies |= {
        PERSON: (200, {"id": PERSON_ID, "merged_into": None}),
        CASES: (200, {"cases": []}),
    }
    assert (await gateway.lookups.find("my_cases", asked(), 5)).found == {}


@pytest.mark.parametrize(
    ("language", "words", "due"), [("fa", "در دست بررسی", "۱۴۰۵/۰۹/۰۳"), ("en", "under review", "2026-11-24")]
)
async def test_a_case_is_told_in_the_persons_language(
    gateway: Gateway, service: HttpService, language: str, words: str, due: str
) -> None:
    service.replies[f"GET /api/v1/cases/{CODE}"] = (200, case("+989120000001"))
    question = Asked({"code": CODE}, "+989120000001", language)
    found = (await gateway.lookups.find("my_case", question, 5)).found
    assert found == {"state": "referred", "words": words, "due": due}


async def test_a_case_that_is_due_no_more_tells_no_day(gateway: Gateway, service: HttpService) -> None:
    service.replies[f"GET /api/v1/cases/{CODE}"] = (200, case("+989120000001", state="closed", due_at=None))
    found = (await gateway.lookups.find("my_case", asked(code=CODE), 5)).found
    assert found == {"state": "closed", "words": "بسته شد", "due": ""}


@pytest.mark.parametrize(
    "broken", [{}, {"person": None}, {"state": "unheard of"}, {"due_at": "soon"}], ids=["bare", "a", "b", "c"]
)
async def test_a_case_that_cannot_be_read_shows_the_fallback(
    gateway: Gateway, service: HttpService, broken: dict[str, object]
) -> None:
    found = case("+989120000001", **broken) if broken else {}
    service.replies[f"GET /api/v1/cases/{CODE}"] = (200, found)
    assert (await gateway.lookups.find("my_case", asked(code=CODE), 5)).found is None


async def test_the_answers_of_every_section_are_one_call(gateway: Gateway, service: HttpService) -> None:
    service.replies[ANSWERS] = (
        200,
        {
            "answers": [
                answer("unemployment", "کم‌خوانده", uses=1),
                answer("optional_insurance", "پرخوانده", uses=9),
                answer("employer_list", "هنوز نه", offered=False),
                answer("e_prescription", "نسخه"),
            ]
        },
    )
    found = {
        section: (await gateway.lookups.find("answers", asked(section=section), 5)).found
        for section in ("insurance", "treatment", "retirement", "nonsense")
    }
    assert [each["title"] for each in found["insurance"]["answers"]] == ["پرخوانده", "کم‌خوانده"]
    assert found["treatment"] == {"answers": [{"title": "نسخه", "text": "متن نسخه"}]}
    assert found["retirement"] == found["nonsense"] == {}
    assert service.calls == {ANSWERS: 1}
    phone = gateway.phone()
    await phone.dial("4")
    assert (await phone.type("1")).text.startswith("متن پرخوانده")
