"""What Kavenegar pushes, in every form that it was seen in, and what it never pushes but somebody may."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode

import httpx
import pytest

from envelope.models import Channel, DeliveryState, message_id_of
from gateway_sms.metrics import UNDECODABLE
from tests.gateway_sms.conftest import Gateway

PAYLOADS = Path(__file__).parent / "payloads"
SAID = "سلام. سابقه بیمه‌ام از ۱۳۸۵ تا ۱۳۹۲ در سامانه نیست 🙏"
FORM = "application/x-www-form-urlencoded"
MO = {"messageid": "1700000001", "from": "09121234567", "to": "10001420", "message": SAID}


class Push(NamedTuple):
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def recorded(path: Path) -> Push:
    head, _, body = path.read_bytes().partition(b"\n\n")
    first, *rest = head.decode().splitlines()
    method, target = first.split(" ", 1)
    headers = dict(line.split(": ", 1) for line in rest)
    return Push(method, target, headers, body)


async def push(gateway: Gateway, method: str, path: str, **request: object) -> httpx.Response:
    async with gateway.client() as client:
        return await client.request(method, path, **request)  # type: ignore[arg-type]


async def replay(gateway: Gateway, path: Path) -> httpx.Response:
    pushed = recorded(path)
    return await push(gateway, pushed.method, pushed.target, headers=pushed.headers, content=pushed.body)


@pytest.mark.parametrize("path", sorted((PAYLOADS / "mo").iterdir()), ids=lambda path: path.stem)
async def test_an_mo_is_understood_in_every_form(gateway: Gateway, path: Path) -> None:
    answer = await replay(gateway, path)

    assert answer.status_code == 200
    [envelope] = gateway.envelopes
    assert envelope.message_id == message_id_of(Channel.SMS, "10001420", "kavenegar", "1700000001")
    assert (envelope.channel, envelope.provider, envelope.line) == (Channel.SMS, "kavenegar", "10001420")
    assert envelope.sender.value == "+989121234567"
    assert envelope.text == SAID
    assert envelope.correlation_id == envelope.message_id
    assert envelope.occurred_at == envelope.received_at


@pytest.mark.parametrize(
    "text",
    [
        "",
        " دو  فاصله ",
        "می\u200cشود",
        "👨\u200d👩\u200d👧",
        "نیم\x00فاصله",
        "خط\r\nنو",
        "ي ك ى",
        "a+b&c=d%41;e",
        "\ufeffآغاز",
    ],
)
@pytest.mark.parametrize("form", ["form", "query", "json"])
async def test_a_text_is_never_altered(gateway: Gateway, form: str, text: str) -> None:
    fields = MO | {"message": text}
    request = {
        "form": {"data": fields},
        "query": {"params": fields},
        "json": {"json": fields},
    }[form]
    answer = await push(gateway, "GET" if form == "query" else "POST", "/mo", **request)
    assert answer.status_code == 200
    assert gateway.envelopes[0].text == text


@pytest.mark.parametrize("missing", ["messageid", "from", "to", "message"])
@pytest.mark.parametrize("form", ["form", "json", "query"])
async def test_an_mo_with_a_field_missing_is_refused_by_name(
    gateway: Gateway, form: str, missing: str
) -> None:
    fields = {name: value for name, value in MO.items() if name != missing}
    request = {"form": {"data": fields}, "query": {"params": fields}, "json": {"json": fields}}[form]
    answer = await push(gateway, "POST", "/mo", **request)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == f"{missing} is missing"
    assert gateway.bus.records == []


@pytest.mark.parametrize("name", ["messageid", "from", "to"])
@pytest.mark.parametrize("value", ["", "   ", "\u200c\x00", "9" * 65])
async def test_an_id_or_number_must_be_one_short_line(gateway: Gateway, name: str, value: str) -> None:
    answer = await push(gateway, "POST", "/mo", data=MO | {name: value})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(name)


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        pytest.param(b"message=" + b"a" * 1_000_000, FORM, 413, id="a megabyte"),
        pytest.param(b"{" * 50_000, "application/json", 422, id="half a JSON"),
        pytest.param(b'{"a":' * 9_000 + b"1" + b"}" * 9_000, "application/json", 422, id="deep JSON"),
        pytest.param(b"[" * 30_000 + b"]" * 30_000, "application/json", 422, id="deep lists"),
        pytest.param(b'["messageid"]', "application/json", 422, id="a list"),
        pytest.param(b"null", "application/json", 422, id="nothing"),
        pytest.param(b'{"messageid":' + b"9" * 5_000 + b"}", "application/json", 422, id="a huge number"),
        pytest.param(b"&".join(b"a=1" for _ in range(100)), FORM, 422, id="a hundred fields"),
        pytest.param(b"--x\r\n", "multipart/form-data; boundary=x", 415, id="a file"),
        pytest.param(b"<mo/>", "application/xml", 415, id="XML"),
        pytest.param(b"", FORM, 422, id="an empty body"),
        pytest.param(b"\xff\xfe\x00", FORM, 422, id="no text at all"),
    ],
)
async def test_what_no_provider_sends_is_refused(
    gateway: Gateway, body: bytes, media_type: str, status: int
) -> None:
    answer = await push(gateway, "POST", "/mo", content=body, headers={"content-type": media_type})
    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert gateway.bus.records == []


async def test_a_body_that_does_not_tell_its_length_is_cut_off(gateway: Gateway) -> None:
    async def endless():
        for _ in range(200):
            yield b"message=" + b"a" * 1_000

    answer = await push(gateway, "POST", "/mo", content=endless())
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            urlencode(MO | {"message": ""}).encode() + quote(b"\xd8\x33ok").encode(), id="percent-encoded"
        ),
        pytest.param(urlencode(MO | {"message": ""}).encode() + b"\xd8\x33ok", id="raw"),
    ],
)
async def test_what_is_not_unicode_is_replaced_and_counted(gateway: Gateway, body: bytes) -> None:
    before = UNDECODABLE._value.get()
    answer = await push(gateway, "POST", "/mo", content=body, headers={"content-type": FORM})
    assert answer.status_code == 200
    assert gateway.envelopes[0].text == "\ufffd3ok"
    assert UNDECODABLE._value.get() == before + 1


async def test_half_a_surrogate_pair_in_json_is_replaced(gateway: Gateway) -> None:
    body = b'{"messageid":"1","from":"09121234567","to":"10001420","message":"a\\ud83d"}'
    answer = await push(gateway, "POST", "/mo", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200
    assert gateway.envelopes[0].text == "a\ufffd"


async def test_a_sender_that_is_no_phone_number_is_an_account(gateway: Gateway) -> None:
    await push(gateway, "POST", "/mo", data=MO | {"from": "1420"})
    sender = gateway.envelopes[0].sender
    assert (sender.kind, sender.value) == ("account", "1420")


@pytest.mark.parametrize("path", ["/mo", "/dlr"])
async def test_a_wrong_secret_finds_nothing(gateway: Gateway, path: str) -> None:
    transport = httpx.ASGITransport(gateway.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
        answer = await client.post(f"/kavenegar/guessed{path}", data=MO)
    assert answer.status_code == 404
    assert gateway.bus.records == []


async def test_copies_of_a_webhook_share_one_id(gateway: Gateway) -> None:
    for _ in range(3):
        assert (await push(gateway, "POST", "/mo", data=MO)).status_code == 200
    assert len({envelope.message_id for envelope in gateway.envelopes}) == 1


async def test_an_mo_is_kept_on_disk_while_kafka_is_away(gateway: Gateway) -> None:
    gateway.bus.down = True
    assert (await push(gateway, "POST", "/mo", data=MO)).status_code == 200
    assert gateway.intake.behind


async def test_an_mo_that_can_be_kept_nowhere_is_not_accepted(gateway: Gateway) -> None:
    gateway.bus.down = True
    gateway.intake._spool.close()
    answer = await push(gateway, "POST", "/mo", data=MO)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


@pytest.mark.parametrize("path", sorted((PAYLOADS / "dlr").iterdir()), ids=lambda path: path.stem)
async def test_a_dlr_is_understood_in_every_form(gateway: Gateway, path: Path) -> None:
    answer = await replay(gateway, path)
    assert answer.status_code == 200
    [report] = gateway.reports
    assert (report.provider, report.provider_message_id) == ("kavenegar", "1700000002")
    assert (report.state, report.provider_status) == (DeliveryState.DELIVERED, "10")


async def test_an_unknown_status_is_recorded_as_unknown(gateway: Gateway) -> None:
    await push(gateway, "POST", "/dlr", data={"messageid": "7", "status": "12"})
    [report] = gateway.reports
    assert (report.state, report.provider_status) == (DeliveryState.UNKNOWN, "12")


@pytest.mark.parametrize("missing", ["messageid", "status"])
async def test_a_dlr_with_a_field_missing_is_refused_by_name(gateway: Gateway, missing: str) -> None:
    fields = {name: value for name, value in {"messageid": "7", "status": "10"}.items() if name != missing}
    answer = await push(gateway, "POST", "/dlr", data=fields)
    assert answer.status_code == 422
    assert answer.json()["detail"] == f"{missing} is missing"


async def test_a_dlr_that_kafka_does_not_take_is_asked_for_again(gateway: Gateway) -> None:
    gateway.bus.down = True
    answer = await push(gateway, "POST", "/dlr", data={"messageid": "7", "status": "10"})
    assert answer.status_code == 503
