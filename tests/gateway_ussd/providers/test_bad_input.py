"""What no operator sends, and somebody does: a clear refusal that names the field and never the value."""

import json
import re
from urllib.parse import urlencode

import pytest
import smpp34
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway_ussd.errors import NotAuthenticError, UnreadableError
from gateway_ussd.model import Screen, Step
from gateway_ussd.providers import PROVIDERS
from gateway_ussd.providers.huawei.reader import Reader as HuaweiReader
from gateway_ussd.providers.huawei.reader import digest
from gateway_ussd.providers.port import Answer, Provider, Received
from gateway_ussd.providers.smpp.dialects import DIALECTS
from gateway_ussd.providers.smpp.reader import Reader as SmppReader
from gateway_ussd.settings import ProviderSettings
from tests.gateway_ussd.providers.recordings import PAYLOADS, names, pdu, taken_in

SECRET = "s3cret"
SETTINGS = {
    "africastalking": ProviderSettings(form="africastalking"),
    "huawei": ProviderSettings(form="huawei"),
    "comviva": ProviderSettings(form="comviva"),
    "madapi": ProviderSettings(form="madapi"),
    "inoti": ProviderSettings(form="inoti"),
}
FORMS = list(SETTINGS)


async def shows_nothing(_step: Step) -> Screen:
    return Screen("-", ends=True)


def provider(form: str, wanted: ProviderSettings | None = None) -> Provider:
    return PROVIDERS[form]("operator", wanted or SETTINGS[form], shows_nothing)


async def refusal(form: str, received: Received, wanted: ProviderSettings | None = None) -> str:
    with pytest.raises(UnreadableError) as refused:
        await provider(form, wanted).receive(received)
    return str(refused.value)


def form_of(fields: dict[str, str]) -> Received:
    return Received(
        "POST", {}, {"content-type": "application/x-www-form-urlencoded"}, urlencode(fields).encode()
    )


def json_of(fields: dict[str, object]) -> Received:
    return Received("POST", {}, {"content-type": "application/json"}, json.dumps(fields).encode())


def soap_of(fields: dict[str, str], operation: str = "notifyUssdReception", header: str = "") -> Received:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    body = f"<Envelope><Header>{header}</Header><Body><{operation}>{inner}</{operation}></Body></Envelope>"
    return Received("POST", {}, {"content-type": "text/xml"}, body.encode())


AT = {"sessionId": "s", "phoneNumber": "+989121234567", "serviceCode": "*4*1420#", "text": "1"}
COMVIVA = {"SessionID": "s", "MSISDN": "989121234567", "MSC": "1", "input": "1"}
MADAPI = {
    "sessionId": "s",
    "messageType": "1",
    "msisdn": "989121234567",
    "serviceCode": "*4*1420#",
    "ussdString": "1",
}
INOTI = {"mobile": "09121234567", "sessionid": "s", "call": "*4*1420*1"}
HUAWEI = {
    "msgType": "1",
    "senderCB": "7",
    "receiveCB": "7",
    "ussdOpType": "3",
    "msIsdn": "989121234567",
    "serviceCode": "*4*1420#",
    "codeScheme": "15",
    "ussdString": "1",
}
MADE = {
    "africastalking": (AT, form_of, "sessionId", "phoneNumber", "text"),
    "comviva": (COMVIVA, lambda told: Received("GET", told, {}), "SessionID", "MSISDN", "input"),
    "madapi": (MADAPI, json_of, "sessionId", "msisdn", "ussdString"),
    "inoti": (INOTI, lambda told: Received("GET", told, {}), "sessionid", "mobile", "call"),
    "huawei": (HUAWEI, soap_of, "senderCB", "msIsdn", "ussdString"),
}
NOT_ASKED_FOR = {"MSC", "receiveCB", "codeScheme"}
FIELDS = [(form, name) for form, (told, *_) in MADE.items() for name in told if name not in NOT_ASKED_FOR]


@pytest.mark.parametrize(("form", "name"), FIELDS)
async def test_a_field_that_is_missing_is_named(form, name):
    told, made, *_ = MADE[form]
    without = {other: value for other, value in told.items() if other != name}
    assert await refusal(form, made(without)) == f"{name} is missing"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "number",
    ["982188554433", "1420", "نام", "98912", "447911123456", "9" * 100, "+98912123456٧٧", "<script>"],
)
async def test_who_dials_has_an_iranian_mobile(form, number):
    told, made, _, name, _ = MADE[form]
    given_number = "x" if form == "huawei" and "<" in number else number
    assert await refusal(form, made(told | {name: given_number})) == f"{name} is not a mobile number"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("session", ["x" * 129, "a\u202eb", "a\nb"])
async def test_a_session_id_is_one_short_line(form, session):
    told, made, name, *_ = MADE[form]
    assert await refusal(form, made(told | {name: session})) == f"{name} is not a short line of characters"


@pytest.mark.parametrize("form", FORMS)
async def test_ten_kilobytes_of_text_are_too_long(form):
    told, made, *_, name = MADE[form]
    fault = await refusal(form, made(told | {name: told[name] + "م" * 10_000}))
    assert re.fullmatch(f"{name} is longer than [14]000 characters", fault)


@pytest.mark.parametrize("form", [form for form in FORMS if form != "huawei"])
@pytest.mark.parametrize("junk", ["\x00", "a\x1bb", "\x7f", "\ufffd"])
async def test_what_nobody_can_type_is_refused(form, junk):
    told, made, *_, name = MADE[form]
    assert await refusal(form, made(told | {name: told[name] + junk})) == f"{name} is not text in UTF-8"


@pytest.mark.parametrize(
    ("form", "change", "fault"),
    [
        ("africastalking", {"serviceCode": "1420x"}, "serviceCode is not a service code"),
        ("africastalking", {"serviceCode": "*" * 20 + "#"}, "serviceCode is not a service code"),
        ("huawei", {"msgType": "9"}, "msgType is not one that is known"),
        ("huawei", {"ussdOpType": "0"}, "ussdOpType is not one that is known"),
        ("huawei", {"serviceCode": "بیمه"}, "serviceCode is not a service code"),
        ("madapi", {"messageType": "6"}, "messageType is not one that is known"),
        ("madapi", {"serviceCode": "#"}, "serviceCode is not a service code"),
        ("inoti", {"call": "*6655*123*1"}, "call does not begin with the service code"),
        ("inoti", {"call": "*4*14201"}, "call does not begin with the service code"),
    ],
)
async def test_a_value_that_is_not_in_the_table_is_refused_and_not_guessed(form, change, fault):
    told, made, *_ = MADE[form]
    assert await refusal(form, made(told | change)) == fault


async def test_an_unknown_status_of_a_session_that_ended_is_refused():
    told = {name: value for name, value in AT.items() if name != "text"} | {"status": "Perhaps"}
    assert await refusal("africastalking", form_of(told)) == "status is not one that is known"


@pytest.mark.parametrize(
    ("form", "body", "fault"),
    [
        ("madapi", b"{", "the body is not JSON"),
        ("madapi", b'{"a":' * 9_000 + b"1" + b"}" * 9_000, "the body is not JSON"),
        ("madapi", b"[" * 60_000, "the body is not JSON"),
        ("madapi", b'{"sessionId":' + b"9" * 5_000 + b"}", "the body is not JSON"),
        ("madapi", b'["sessionId"]', "the body is not a JSON object of fields"),
        ("madapi", b"null", "the body is not a JSON object of fields"),
        ("madapi", b'{"a":"\xd8"}', "the body is not UTF-8"),
        ("madapi", '{"a":1}'.encode("utf-16"), "the body is not UTF-8"),
        ("madapi", b"", "the body is not JSON"),
        ("africastalking", b"&".join(b"a=1" for _ in range(100)), "the body has too many fields"),
        ("africastalking", b"", "text is missing"),
        ("africastalking", b'{"sessionId":"1"}', "text is missing"),
        ("huawei", b"", "the body is not XML"),
        ("huawei", b"<a", "the body is not XML"),
        ("huawei", b"\xff\xfe<\x00a\x00/\x00>\x00", "the body is not UTF-8"),
        ("huawei", b'<?xml version="1.0" encoding="windows-1256"?><a>\xd3</a>', "the body is not UTF-8"),
        ("huawei", b"<a/>", "the body is not a SOAP envelope"),
        ("huawei", b"<Envelope/>", "the SOAP body does not hold one operation"),
        ("huawei", b"<Envelope><Body/></Envelope>", "the SOAP body does not hold one operation"),
        (
            "huawei",
            b"<Envelope><Body><a/><b/></Body></Envelope>",
            "the SOAP body does not hold one operation",
        ),
        ("huawei", b"<Envelope><Body><a/></Body></Envelope>", "the SOAP operation is not one that is known"),
        (
            "huawei",
            b"<Envelope><Body><notifyUssdReception><a/><a/></notifyUssdReception></Body></Envelope>",
            "a field of the SOAP message comes twice",
        ),
        ("huawei", b"<a>" * 20_000, "the body is not XML"),
        ("huawei", b"<a>" * 9_000 + b"</a>" * 9_000, "the body is not a SOAP envelope"),
    ],
)
async def test_a_body_of_another_form_is_refused(form, body, fault):
    assert await refusal(form, Received("POST", {}, {}, body)) == fault


HOSTILE = {
    "billion laughs": b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>',
    "quadratic blow-up": b'<!DOCTYPE l [<!ENTITY a "'
    + b"x" * 30_000
    + b'">]><Envelope>'
    + b"&a;" * 5_000
    + b"</Envelope>",
    "a file": b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><Envelope>&a;</Envelope>',
    "an address": b'<!DOCTYPE l [<!ENTITY a SYSTEM "http://169.254.169.254/">]><Envelope>&a;</Envelope>',
    "a parameter entity": b'<!DOCTYPE l [<!ENTITY % a SYSTEM "http://127.0.0.1/x.dtd"> %a;]><Envelope/>',
    "a DTD elsewhere": b'<!DOCTYPE Envelope SYSTEM "http://127.0.0.1/x.dtd"><Envelope/>',
    "a bare doctype": b"<!DOCTYPE Envelope><Envelope><Body/></Envelope>",
    "a DTD behind a BOM": b"\xef\xbb\xbf<!DOCTYPE Envelope><Envelope/>",
}


@pytest.mark.parametrize("attack", HOSTILE)
async def test_hostile_xml_is_refused_before_anything_is_expanded(attack):
    assert (
        await refusal("huawei", Received("POST", {}, {}, HOSTILE[attack])) == "the body has a DTD or entities"
    )


async def test_an_entity_that_nobody_declared_is_no_xml():
    assert await refusal("huawei", soap_of(HUAWEI | {"ussdString": "&nbsp;"})) == "the body is not XML"


@pytest.mark.parametrize("name", ["userid", "password"])
@pytest.mark.parametrize("value", [None, "", "wrong", "پپ\ud800", SECRET + "x"])
async def test_comviva_shows_its_credentials_where_some_are_set(name, value):
    wanted = ProviderSettings.model_validate({"form": "comviva", "user": "tamin", "password": SECRET})
    told = COMVIVA | {"userid": "tamin", "password": SECRET}
    assert (await provider("comviva", wanted).receive(Received("GET", told, {}))).status == 200
    told = {key: each for key, each in told.items() if key != name} | (
        {name: value} if value is not None else {}
    )
    with pytest.raises(NotAuthenticError, match=rf"^{name} is missing or wrong$"):
        await provider("comviva", wanted).receive(Received("GET", told, {}))


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "wrong"}, {"x-api-key": ""}])
async def test_madapi_shows_its_key_where_one_is_set(headers):
    wanted = ProviderSettings.model_validate({"form": "madapi", "api_key": SECRET})
    right = json_of(MADAPI)
    with_key = Received("POST", {}, {"x-api-key": SECRET}, right.body)
    assert (await provider("madapi", wanted).receive(with_key)).status == 200
    with pytest.raises(NotAuthenticError, match=r"^x-api-key is missing or wrong$"):
        await provider("madapi", wanted).receive(Received("POST", {}, headers, right.body))


@pytest.mark.parametrize(
    "header", ["missing", "wrong", "another time", "another user", "right", "upper case"]
)
async def test_huawei_proves_itself_where_a_password_is_set(header):
    proof = digest(f"350{SECRET}20261122054300")
    told = {
        "missing": ("350", "", "20261122054300"),
        "wrong": ("350", digest("350wrong20261122054300"), "20261122054300"),
        "another time": ("350", proof, "20261122054301"),
        "another user": ("351", digest(f"351{SECRET}20261122054300"), "20261122054300"),
        "right": ("350", proof, "20261122054300"),
        "upper case": ("350", proof.upper(), "20261122054300"),
    }[header]
    names_ = ("spRevId", "spRevpassword", "timeStamp")
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in zip(names_, told, strict=True))
    received = soap_of(HUAWEI, header=f"<NotifySOAPHeader>{inner}</NotifySOAPHeader>")
    reader = HuaweiReader("operator", "*4*1420#", their_user="350", their_password=SECRET)
    if header in {"right", "upper case"}:
        assert reader(received.body).step.msisdn == "+989121234567"
    else:
        with pytest.raises(NotAuthenticError, match=r"^spRev(password|Id) is missing or wrong$"):
            reader(received.body)


async def test_an_smsc_does_not_call_over_http():
    fault = await refusal("smpp", form_of(AT), ProviderSettings(form="smpp"))
    assert fault == "the request is not of a form that calls us"


async def whatever(form: str, received: Received) -> Answer | str:
    """An answer, or the words of a refusal; anything else is a failure of the test."""
    steps = HuaweiReader("operator", "*4*1420#")
    try:
        if form == "huawei":
            steps(received.body)
            return Answer()
        return await provider(form).receive(received)
    except UnreadableError as refused:
        return str(refused)


def clear(answer: Answer | str) -> bool:
    if isinstance(answer, Answer):
        return answer.status == 200
    return re.search(r"[0-9]{5,}", answer) is None and answer.isascii() and len(answer) < 80


@st.composite
def spoiled(draw: st.DrawFn, raw: bytes) -> bytes:
    """The bytes with some taken out, put in, turned round or doubled."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(raw)))
        upto = draw(st.integers(at, min(len(raw), at + 40)))
        known = st.sampled_from([b"", raw[at:upto] * 2, b"\x00", b"\xff", b"<", b"&", b"=", b"%"])
        raw = raw[:at] + draw(known | st.binary(max_size=8)) + raw[upto if draw(st.booleans()) else at :]
    return raw


FAST = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("form", FORMS)
@FAST
@given(data=st.data())
async def test_a_spoiled_payload_is_answered_or_refused_in_words(form, data):
    name = data.draw(st.sampled_from(names(form)))
    raw = data.draw(spoiled((PAYLOADS / form / f"{name}.http").read_bytes()))
    assert clear(await whatever(form, taken_in(raw)))


@pytest.mark.parametrize("form", FORMS)
@FAST
@given(
    body=st.binary(max_size=300), query=st.dictionaries(st.text(max_size=9), st.text(max_size=40), max_size=5)
)
async def test_any_bytes_are_answered_or_refused_in_words(form, body, query):
    assert clear(await whatever(form, Received("POST", query, {}, body)))


@pytest.mark.parametrize("form", [form for form in FORMS if form != "huawei"])
@FAST
@given(data=st.data())
async def test_any_text_in_any_field_is_answered_or_refused_in_words(form, data):
    told, made, *_ = MADE[form]
    name = data.draw(st.sampled_from(list(told)))
    value = data.draw(st.text(st.characters(exclude_categories=() if form == "madapi" else ["Cs"])))
    assert clear(await whatever(form, made(told | {name: value})))


def read_or_refused(dialect: str, deliver: smpp34.DeliverSm) -> Answer | str:
    try:
        SmppReader("smsc", "*4*1420#", DIALECTS[dialect])(deliver)
    except UnreadableError as refused:
        return str(refused)
    return Answer()


@pytest.mark.parametrize("dialect", DIALECTS)
@FAST
@given(data=st.data())
def test_a_spoiled_pdu_is_read_or_refused_in_words(dialect, data):
    name = data.draw(st.sampled_from(names("smpp")))
    raw = bytearray(pdu(name))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(16, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = smpp34.decode(bytes(raw))
    except smpp34.SmppError:
        return
    if not isinstance(decoded, smpp34.DeliverSm):
        return
    assert clear(read_or_refused(dialect, decoded))
