"""Huawei's SDP called back: screens, faults, repeats, aborts, and the subscription to its notices."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from defusedxml.ElementTree import fromstring
from prometheus_client import REGISTRY

from gateway_ussd.model import EndReason, Screen, StepKind
from gateway_ussd.providers import huawei
from gateway_ussd.providers.port import Answer, Received
from gateway_ussd.settings import ProviderSettings
from tests.gateway_ussd.providers.engine import CODE_SHOWN, MENU, Engine
from tests.gateway_ussd.providers.recordings import recorded

SEND = "http://sdp.test/SendUssdService/services/SendUssd"
MANAGE = "http://sdp.test/USSDNotificationManagerService/services/USSDNotificationManager"
SETTINGS = {
    "form": "huawei",
    "user": "000201",
    "password": "s3cret",
    "service_id": "35000001000029",
    "base_url": SEND,
}
SUBSCRIBED = SETTINGS | {"manager_url": MANAGE, "endpoint": "http://tamin.test/ussd/irancell"}
_SOAP = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>{}</e:Body></e:Envelope>'
TAKEN = _SOAP.format("<sendUssdResponse><result>0</result></sendUssdResponse>")
NOT_TAKEN = _SOAP.format("<sendUssdResponse><result>1</result></sendUssdResponse>")
FAULT = _SOAP.format("<e:Fault><faultcode>{}</faultcode><faultstring>Secret words</faultstring></e:Fault>")


class Sdp:
    """The other side: keeps every call, answers as it is told to, then well."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.calls: list[tuple[str, str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        self._answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        told = {
            element.tag.rpartition("}")[2]: element.text or ""
            for element in fromstring(request.content).iter()
        }
        operations = {"sendUssd", "sendUssdAbort", "startUSSDNotification", "stopUSSDNotification"}
        [operation] = operations & set(told)
        self.calls.append((str(request.url), operation, told))
        self.bodies.append(request.content)
        answer = self._answers.pop(0) if self._answers else httpx.Response(200, text=TAKEN)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def operations(self) -> list[str]:
        return [operation for _, operation, _ in self.calls]

    async def called(self, times: int) -> None:
        await until(lambda: len(self.calls) >= times)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110  (a test polls what it does not own)
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(
    sdp: Sdp, engine: Engine, settings: dict[str, object] = SETTINGS
) -> AsyncIterator[huawei.Huawei]:
    wanted = ProviderSettings.model_validate(settings)
    provider = huawei.from_settings("irancell", wanted, engine, httpx.MockTransport(sdp))
    for part in provider.parts:
        await part.start()
    yield provider
    for part in reversed(provider.parts):
        await part.stop()


async def test_a_notice_is_acknowledged_before_its_screen_is_known():
    engine, sdp = Engine(), Sdp()
    engine.slow = 0.2
    async with running(sdp, engine) as provider:
        answer = await provider.receive(recorded("huawei", "begin"))
        assert (answer.status, sdp.calls) == (200, [])
        assert answer.media_type == "text/xml; charset=utf-8"
        [response] = fromstring(answer.body).iter(
            "{http://www.csapi.org/schema/parlayx/ussd/notification/v1_0/local}notifyUssdReceptionResponse"
        )
        assert [child.text for child in response] == ["0"]
        await sdp.called(1)


@pytest.mark.parametrize(
    ("screen", "told"),
    [
        (MENU, {"msgType": "1", "ussdOpType": "1", "codeScheme": "72"}),
        (CODE_SHOWN, {"msgType": "2", "ussdOpType": "3", "codeScheme": "72"}),
        (Screen("1) Parvande", ends=False), {"msgType": "1", "ussdOpType": "1", "codeScheme": "15"}),
        (Screen("a & <b> ]]>", ends=True), {"msgType": "2", "ussdOpType": "3", "codeScheme": "15"}),
    ],
)
async def test_a_screen_goes_by_a_call_of_our_own(screen, told):
    sdp = Sdp()
    async with running(sdp, Engine([screen])) as provider:
        await provider.receive(recorded("huawei", "begin"))
        await sdp.called(1)
    [(url, operation, fields)] = sdp.calls
    assert (url, operation) == (SEND, "sendUssd")
    expected = told | {
        "ussdString": screen.text,
        "senderCB": "320207133",
        "receiveCB": "320207133",
        "msIsdn": "989351234567",
        "serviceCode": "*4*1420#",
        "linkid": "12345678901111",
        "OA": "989351234567",
        "FA": "989351234567",
        "spId": "000201",
        "serviceId": "35000001000029",
    }
    assert expected.items() <= fields.items()


async def test_the_fields_of_a_screen_come_in_the_order_of_the_schema():
    sdp = Sdp()
    async with running(sdp, Engine()) as provider:
        await provider.receive(recorded("huawei", "begin"))
        await sdp.called(1)
    [send] = fromstring(sdp.bodies[0]).iter(
        "{http://www.csapi.org/schema/parlayx/ussd/send/v1_0/local}sendUssd"
    )
    assert [child.tag.rpartition("}")[2] for child in send] == [
        "msgType",
        "senderCB",
        "receiveCB",
        "ussdOpType",
        "msIsdn",
        "serviceCode",
        "codeScheme",
        "ussdString",
    ]


async def test_the_password_goes_as_a_digest_of_user_password_and_time():
    sdp = Sdp()
    async with running(sdp, Engine()) as provider:
        await provider.receive(recorded("huawei", "begin"))
        await sdp.called(1)
    [(_, _, fields)] = sdp.calls
    proof = hashlib.md5(f"000201s3cret{fields['timeStamp']}".encode(), usedforsecurity=False).hexdigest()
    assert fields["spPassword"] == proof
    sent_at = datetime.strptime(fields["timeStamp"], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - sent_at) < timedelta(minutes=1)
    assert b"s3cret" not in sdp.bodies[0]


async def test_what_xml_cannot_hold_is_left_out_of_a_screen():
    sdp = Sdp()
    async with running(sdp, Engine([Screen("a\x00b\ud83dc\uffff", ends=False)])) as provider:
        await provider.receive(recorded("huawei", "begin"))
        await sdp.called(1)
    assert sdp.calls[0][2]["ussdString"] == "abc"


@pytest.mark.parametrize("name", ["abort", "end_by_person", "end_released"])
async def test_the_end_of_a_session_is_told_and_calls_nobody(name):
    sdp, engine = Sdp(), Engine()
    async with running(sdp, engine) as provider:
        answer = await provider.receive(recorded("huawei", name))
        assert (b"notifyUssdAbortResponse" in answer.body) is (name == "abort")
        await until(lambda: bool(engine.steps))
    assert engine.steps[0].kind is StepKind.END
    assert sdp.calls == []


REACHED_NOT = [
    httpx.ConnectError("no"),
    httpx.ConnectTimeout("no"),
    httpx.PoolTimeout("no"),
    httpx.Response(503, text="busy"),
]
REACHED_MAYBE = [
    httpx.ReadTimeout("no"),
    httpx.ReadError("no"),
    httpx.RemoteProtocolError("no"),
    httpx.Response(500, text="<html>"),
    httpx.Response(502, text=""),
    httpx.Response(200, text="no SOAP"),
    httpx.Response(404, text=TAKEN),
]
REFUSED = [
    httpx.Response(500, text=FAULT.format("SVC0001")),
    httpx.Response(200, text=FAULT.format("POL0900")),
    httpx.Response(500, text=FAULT.format("anything")),
    httpx.Response(200, text=NOT_TAKEN),
]


@pytest.mark.parametrize("failure", REACHED_NOT, ids=repr)
async def test_a_screen_that_never_arrived_is_sent_once_more(failure):
    sdp, engine = Sdp(failure), Engine()
    async with running(sdp, engine) as provider:
        await provider.receive(recorded("huawei", "begin"))
        await sdp.called(2)
    assert sdp.operations == ["sendUssd", "sendUssd"]
    assert [step.kind for step in engine.steps] == [StepKind.BEGIN]


async def test_a_screen_that_never_arrives_ends_its_session_as_failed():
    sdp, engine = Sdp(*REACHED_NOT[:2]), Engine()
    async with running(sdp, engine) as provider:
        await provider.receive(recorded("huawei", "continue"))
        await until(lambda: len(engine.steps) == 2)
    assert len(sdp.calls) == 2
    begun, ended = engine.steps
    assert (ended.kind, ended.reason, ended.typed) == (StepKind.END, EndReason.FAILED, None)
    assert (ended.session_id, ended.msisdn) == (begun.session_id, begun.msisdn)


@pytest.mark.parametrize("failure", REACHED_MAYBE, ids=repr)
async def test_a_screen_that_may_have_arrived_is_not_sent_again(failure):
    def silent() -> float:
        told = {"provider": "irancell", "outcome": "silent"}
        return REGISTRY.get_sample_value("gateway_ussd_pushed_total", told) or 0

    before, sdp, engine = silent(), Sdp(failure), Engine()
    async with running(sdp, engine) as provider:
        await provider.receive(recorded("huawei", "begin"))
        await sdp.called(1)
        await asyncio.sleep(0.3)
    assert silent() == before + 1
    assert sdp.operations == ["sendUssd"]
    assert [step.kind for step in engine.steps] == [StepKind.BEGIN]


@pytest.mark.parametrize("refusal", REFUSED, ids=lambda response: response.text[-90:])
async def test_a_session_whose_screen_is_refused_is_aborted_on_both_sides(refusal):
    sdp, engine = Sdp(refusal), Engine()
    async with running(sdp, engine) as provider:
        await provider.receive(recorded("huawei", "begin"))
        await until(lambda: len(engine.steps) == 2)
    assert sdp.operations == ["sendUssd", "sendUssdAbort"]
    told = sdp.calls[1][2]
    assert (told["senderCB"], told["receiveCB"]) == ("320207133", "320207133")
    assert engine.steps[1].reason is EndReason.FAILED


async def test_a_notice_that_comes_twice_is_answered_once_and_asks_once():
    sdp, engine = Sdp(), Engine()
    async with running(sdp, engine) as provider:
        answers = [await provider.receive(recorded("huawei", "continue")) for _ in range(3)]
        await sdp.called(1)
        await asyncio.sleep(0.1)
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert (len(sdp.calls), len(engine.steps)) == (1, 1)


async def test_a_notice_whose_screen_was_lost_is_answered_when_it_comes_again():
    sdp, engine = Sdp(*REACHED_NOT[:2]), Engine()
    async with running(sdp, engine) as provider:
        await provider.receive(recorded("huawei", "continue"))
        await until(lambda: len(engine.steps) == 2)
        await provider.receive(recorded("huawei", "continue"))
        await sdp.called(3)
    assert [step.kind for step in engine.steps] == [StepKind.CONTINUE, StepKind.END, StepKind.CONTINUE]


async def test_the_same_answer_typed_twice_is_two_steps():
    sdp, engine = Sdp(), Engine()
    first = recorded("huawei", "continue")
    later = Received("POST", {}, {}, first.body.replace(b"20261122054300", b"20261122054307"))
    async with running(sdp, engine) as provider:
        for received in (first, later):
            await provider.receive(received)
        await sdp.called(2)
    assert len(engine.steps) == 2


@pytest.mark.parametrize(
    ("told", "other"),
    [
        (b"<ns2:ussdString>2<", b"<ns2:ussdString>3<"),
        (b"<ns2:senderCB>320207133<", b"<ns2:senderCB>320207134<"),
        (b"<ns2:msgType>1<", b"<ns2:msgType>0<"),
        (b"140004003<", b"140004004<"),
    ],
)
async def test_a_notice_that_says_another_thing_is_no_repeat(told, other):
    sdp, engine = Sdp(), Engine()
    first = recorded("huawei", "continue")
    assert told in first.body
    async with running(sdp, engine) as provider:
        await provider.receive(first)
        await provider.receive(Received("POST", {}, {}, first.body.replace(told, other)))
        await sdp.called(2)
    assert len(engine.steps) == 2


async def test_a_notice_without_a_header_is_never_taken_for_a_repeat():
    sdp, engine = Sdp(), Engine()
    body = recorded("huawei", "continue").body
    head, _, rest = body.partition(b"<soapenv:Header>")
    bare = Received("POST", {}, {}, head + rest.partition(b"</soapenv:Header>")[2])
    async with running(sdp, engine) as provider:
        for _ in range(2):
            await provider.receive(bare)
        await sdp.called(2)
    assert len(engine.steps) == 2


async def test_too_many_screens_under_way_are_said_so_and_not_taken():
    sdp, engine = Sdp(), Engine()
    engine.slow = 0.2
    async with running(sdp, engine) as provider:
        provider.pushes._most = 1
        answers: list[Answer] = [
            await provider.receive(recorded("huawei", name)) for name in ("begin", "continue")
        ]
        assert [answer.status for answer in answers] == [200, 503]
        assert b"SVC0001" in answers[1].body
        assert provider.pushes.health() == "1 screens wait for the operator"
        await sdp.called(1)
    assert len(engine.steps) == 1


async def test_the_sdp_is_asked_to_notify_us_and_told_when_we_stop():
    sdp = Sdp()
    async with running(sdp, Engine(), SUBSCRIBED) as provider:
        await sdp.called(1)
        await until(lambda: all(part.health() is None for part in provider.parts))
    assert sdp.operations == ["startUSSDNotification", "stopUSSDNotification"]
    url, _, told = sdp.calls[0]
    assert url == MANAGE
    expected = {
        "endpoint": "http://tamin.test/ussd/irancell",
        "interfaceName": "notifyUssdReception",
        "ussdServiceActivationNumber": "*4*1420#",
        "spId": "000201",
    }
    assert expected.items() <= told.items()
    assert told["correlator"] == sdp.calls[1][2]["correlator"]
    [reference] = fromstring(sdp.bodies[0]).iter(
        "{http://www.csapi.org/schema/osg/ussd/notification_manager/v1_0/local}reference"
    )
    assert [child.tag for child in reference] == ["endpoint", "interfaceName", "correlator"]


async def test_a_subscription_that_is_on_already_is_no_fault():
    sdp = Sdp(httpx.Response(500, text=FAULT.format("SVC0005")))
    async with running(sdp, Engine(), SUBSCRIBED) as provider:
        await until(lambda: all(part.health() is None for part in provider.parts))
    assert sdp.operations == ["startUSSDNotification", "stopUSSDNotification"]


async def test_a_subscription_stays_where_other_replicas_live_on_it():
    sdp = Sdp()
    async with running(sdp, Engine(), SUBSCRIBED | {"stays_subscribed": True}) as provider:
        await until(lambda: all(part.health() is None for part in provider.parts))
    assert sdp.operations == ["startUSSDNotification"]


@pytest.mark.parametrize("failure", [*REACHED_NOT[:1], *REACHED_MAYBE[:1], *REFUSED[:1]], ids=repr)
async def test_a_subscription_that_fails_holds_up_nobody_and_is_asked_for_again(failure, monkeypatch):
    monkeypatch.setattr("gateway_ussd.providers.huawei.sdp._WAITS", (0.05,))
    sdp, engine = Sdp(failure), Engine()
    async with running(sdp, engine, SUBSCRIBED) as provider:
        subscription = provider.parts[-1]
        await sdp.called(1)
        await until(lambda: subscription.health() != "not asked for yet")
        await until(lambda: subscription.health() is None)
    assert sdp.operations[:2] == ["startUSSDNotification"] * 2


async def test_without_an_address_of_the_sdp_the_part_says_so_and_no_notice_crashes():
    sdp, engine = Sdp(), Engine()
    async with running(sdp, engine, {"form": "huawei"}) as provider:
        assert [part.health() for part in provider.parts] == ["base_url is not set", None]
        await provider.receive(recorded("huawei", "begin"))
        await until(lambda: len(engine.steps) == 2)
    assert sdp.calls == []


async def test_what_goes_wrong_shows_no_word_of_the_sdp_and_no_number(capsys):
    sdp, engine = Sdp(httpx.Response(500, text=FAULT.format("SVC0001"))), Engine()
    async with running(sdp, engine) as provider:
        await provider.receive(recorded("huawei", "begin"))
        await until(lambda: len(engine.steps) == 2)
    logged = capsys.readouterr().out
    assert "SVC0001: a fault" in logged
    assert "Secret words" not in logged
    assert "9351234567" not in logged
