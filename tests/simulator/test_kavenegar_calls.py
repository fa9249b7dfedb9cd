"""Every method answers in the document's form, and every misuse with the document's code."""

import json
from pathlib import Path

import pytest

from simulator.results import MESSAGES, ResultCode

PAYLOADS = Path(__file__).parent / "payloads"
SMS = {"receptor": "09121234567", "message": "سلام"}
NOW = "1795000000"
MANY = ",".join(["09121234567"] * 201)
IDS = ",".join(["1"] * 501)


def array(*items: str) -> str:
    return json.dumps(items)


def shape(value):
    """Names and types, whatever the values."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


@pytest.mark.parametrize(
    ("method", "verb", "given"),
    [
        ("utils/getdate", "GET", {}),
        ("sms/send", "POST", SMS),
        ("sms/send", "GET", SMS),
        (
            "sms/sendarray",
            "POST",
            {"receptor": array("09121234567"), "sender": array("10001420"), "message": array("سلام")},
        ),
        ("sms/status", "GET", {"messageid": "{mt}"}),
        ("sms/statuslocalmessageid", "GET", {"localid": "450"}),
        ("sms/select", "GET", {"messageid": "{mt}"}),
        ("sms/latestoutbox", "GET", {"pagesize": "200"}),
        ("sms/cancel", "GET", {"messageid": "{mt}"}),
        ("sms/receive", "GET", {"linenumber": "10001420", "isread": "0"}),
        ("sms/inboxpaged", "GET", {"linenumber": "10001420", "isread": "0"}),
        ("sms/countinbox", "GET", {"startdate": NOW}),
        ("verify/lookup", "GET", {"receptor": "09121234567", "token": "852596", "template": "payam-otp"}),
        ("call/maketts", "POST", {**SMS, "localid": "451"}),
        ("account/info", "GET", {}),
        ("account/config", "GET", {}),
        ("line/blocked/add", "POST", {"linenumber": "10001420", "receptor": "09224443333"}),
        ("line/blocked/exists", "GET", {"linenumber": "10001420", "receptor": "09224443333"}),
        ("line/blocked/list", "GET", {"linenumber": "10001420"}),
        ("line/blocked/remove", "DELETE", {"linenumber": "10001420", "receptor": "09224443333"}),
    ],
)
async def test_an_answer_has_the_names_and_types_of_the_document(api, method, verb, given):
    [mt] = await api.entries("sms/send", **SMS, localid="450")
    await api.client.post("/control/mo", json={"sender": "09121234567", "text": "سلام"})
    await api.entries("line/blocked/add", linenumber="10001420", receptor="09100000000")
    filled = {
        name: value.format(mt=mt["messageid"]) if "{mt}" in value else value for name, value in given.items()
    }

    answer = await api.call(method, verb=verb, **filled)

    example = json.loads((PAYLOADS / f"{method.replace('/', '_')}.json").read_text())
    assert shape(answer.json()) == shape(example)


@pytest.mark.parametrize(
    ("code", "method", "given"),
    [
        (400, "sms/send", {"message": "سلام"}),
        (400, "sms/send", {"receptor": "09121234567"}),
        (400, "sms/sendarray", {"receptor": "09121234567", "sender": "x", "message": "y"}),
        (400, "sms/status", {}),
        (400, "sms/status", {"messageid": "abc"}),
        (400, "sms/latestoutbox", {"pagesize": "501"}),
        (400, "sms/receive", {"linenumber": "10001420", "isread": "2"}),
        (400, "account/config", {"debugmode": "perhaps"}),
        (404, "sms/countpostalcode", {}),
        (404, "sms", {}),
        (406, "sms/send", {"receptor": "", "message": "سلام"}),
        (406, "line/blocked/add", {"linenumber": "10001420", "receptor": " "}),
        (411, "sms/send", {"receptor": "1420", "message": "سلام"}),
        (412, "sms/send", {**SMS, "sender": "30002225"}),
        (412, "sms/send", {**SMS, "sender": "PAYAM"}),
        (412, "sms/receive", {"linenumber": "30002225", "isread": "0"}),
        (413, "sms/send", {"receptor": "09121234567", "message": ""}),
        (413, "sms/send", {"receptor": "09121234567", "message": "م" * 901}),
        (414, "sms/send", {"receptor": MANY, "message": "سلام"}),
        (414, "sms/status", {"messageid": IDS}),
        (414, "sms/statuslocalmessageid", {"localid": IDS}),
        (414, "sms/select", {"messageid": IDS}),
        (417, "sms/send", {**SMS, "date": "1794990000"}),
        (417, "sms/send", {**SMS, "date": "tomorrow"}),
        (417, "sms/countinbox", {"startdate": NOW, "enddate": "1795100000"}),
        (417, "sms/inboxpaged", {"linenumber": "10001420", "isread": "0", "startdate": NOW, "enddate": "1"}),
        (418, "sms/send", {"receptor": "09121230005", "message": "سلام"}),
        (419, "sms/send", {**SMS, "localid": "1,2"}),
        (
            419,
            "sms/sendarray",
            {"receptor": array("09121234567"), "sender": array("10001420"), "message": array("یک", "دو")},
        ),
        (422, "sms/send", {"receptor": "09121234567", "message": "a\x00b"}),
        (424, "verify/lookup", {"receptor": "09121234567", "token": "1", "template": "unknown"}),
        (431, "verify/lookup", {"receptor": "09121234567", "token": "1 2", "template": "payam-otp"}),
        (604, "line/blocked/add", {"linenumber": "10001420", "receptor": MANY}),
        (607, "sms/send", {**SMS, "tag": "not a tag"}),
        (400, "call/maketts", {"receptor": "09121234567"}),
        (411, "call/maketts", {"receptor": "1420", "message": "سلام"}),
        (413, "call/maketts", {"receptor": "02164500000", "message": "م" * 901}),
        (414, "call/maketts", {"receptor": MANY, "message": "سلام"}),
        (417, "call/maketts", {**SMS, "date": "1794990000"}),
        (419, "call/maketts", {**SMS, "localid": "1,2"}),
    ],
)
async def test_a_misuse_is_answered_with_the_code_of_the_document(api, code, method, given):
    answer = await api.call(method, **given)

    assert answer.json() == {
        "return": {"status": code, "message": MESSAGES[ResultCode(code)]},
        "entries": None,
    }
    assert answer.status_code == (code if code < 600 else 400)


async def test_a_wrong_key_is_refused_for_every_method_but_the_clock(api):
    assert (await api.call("sms/send", key="stolen", **SMS)).status_code == 403
    assert (await api.call("no/such", key="stolen")).status_code == 403
    assert (await api.call("utils/getdate", key="0", verb="GET")).status_code == 200


@pytest.mark.parametrize(
    ("method", "verb"),
    [("sms/sendarray", "GET"), ("sms/send", "DELETE"), ("line/blocked/remove", "POST")],
)
async def test_the_wrong_verb_is_405(api, method, verb):
    assert (await api.call(method, verb=verb, **SMS)).status_code == 405


async def test_more_than_200_messages_in_an_array_are_414(api):
    answer = await api.send_many([{"to": "09121234567", "text": "سلام"}] * 201)

    assert answer.status_code == 414


@pytest.mark.parametrize(
    "spelling", ["09121234567", "00989121234567", "+989121234567", "9121234567", "۰۹۱۲۱۲۳۴۵۶۷"]
)
async def test_every_spelling_of_a_receptor_is_the_same_phone(api, spelling):
    [entry] = await api.entries("sms/send", receptor=spelling, message="سلام")

    assert entry["receptor"] == "09121234567"


@pytest.mark.parametrize("spelling", ["10001420", "+9810001420", "009810001420"])
async def test_every_spelling_of_a_line_is_the_same_line(api, spelling):
    [entry] = await api.entries("sms/send", **SMS, sender=spelling)

    assert entry["sender"] == "10001420"


async def test_names_of_parameters_may_be_in_any_case(api):
    assert await api.entries("sms/send", Receptor="09121234567", MESSAGE="سلام")


async def test_a_known_localid_is_not_sent_again_and_its_record_comes_back(api, clock):
    [first] = await api.entries("sms/send", **SMS, localid="77")
    clock.pass_by(10)
    [again] = await api.entries("sms/send", receptor="09121234567", message="متن دیگر", localid="77")
    [in_array] = (await api.send_many([{"to": "09121234567", "text": "سلام", "localid": 77}])).json()[
        "entries"
    ]

    assert again["messageid"] == in_array["messageid"] == first["messageid"]
    assert again["message"] == "سلام"
    assert again["status"] in {4, 5}
    seen = (await api.client.post("/control/sendings/search", json={"receptor": "09121234567"})).json()[
        "messages"
    ]
    assert [(mt["localid"], mt["asked"]) for mt in seen] == [(77, 3)]


async def test_a_localid_twice_in_one_call_is_one_message(api):
    orders = [{"to": "09121234567", "text": "سلام", "localid": 5}] * 2

    one, two = (await api.send_many(orders)).json()["entries"]

    assert one["messageid"] == two["messageid"]


async def test_a_refused_call_takes_none_of_its_messages(api):
    orders = [{"to": "09121234567", "text": "سلام"}, {"to": "09121230005", "text": "سلام"}]

    assert (await api.send_many(orders)).status_code == 418
    assert (await api.client.get("/control/counters")).json()["mt_taken"] == 0


async def test_cost_follows_the_parts_and_leaves_the_credit(api):
    before = (await api.entries("account/info"))["remaincredit"]
    [entry] = await api.entries("sms/send", receptor="09121234567", message="م" * 71)

    assert entry["cost"] == 2_000
    assert (await api.entries("account/info"))["remaincredit"] == before - 2_000


async def test_a_call_beyond_the_credit_is_418(api, world):
    world.credit = 999

    assert (await api.call("sms/send", **SMS)).status_code == 418


async def test_in_debug_mode_messages_are_cancelled_at_once_and_cost_nothing(api):
    await api.entries("account/config", debugmode="enabled")
    before = (await api.entries("account/info"))["remaincredit"]

    [entry] = await api.entries("sms/send", **SMS)

    assert (entry["status"], entry["statustext"]) == (13, "لغو شده")
    assert (await api.entries("account/info"))["remaincredit"] == before


async def test_without_a_registered_ip_the_outbox_is_closed(api, settings):
    settings.ip_registered = False

    assert (await api.call("sms/select", messageid="1")).status_code == 407
    assert (await api.call("sms/latestoutbox")).status_code == 407


async def test_a_multipart_form_is_read_too(api):
    parts = {"linenumber": (None, "10001420"), "receptor": (None, "09224443333,09111235555")}

    answer = await api.client.post("/v1/the-key/line/blocked/add.json", files=parts)

    assert [entry["status"] for entry in answer.json()["entries"]] == ["Active", "Active"]


async def test_blocked_numbers_are_listed_found_and_removed(api):
    given = {"linenumber": "10001420", "receptor": "09224443333"}
    assert [e["status"] for e in await api.entries("line/blocked/add", **given)] == ["Active"]
    assert [e["status"] for e in await api.entries("line/blocked/add", **given)] == ["AlreadyExists"]
    assert [e["status"] for e in await api.entries("line/blocked/exists", **given)] == ["Active"]

    removed = await api.entries("line/blocked/remove", verb="DELETE", **given)

    assert removed == {"message": "Done-removed 1 item from blacklist"}
    assert [e["status"] for e in await api.entries("line/blocked/exists", **given)] == ["NotExists"]


async def test_a_number_that_cancelled_by_11_cannot_be_unblocked_by_us(api):
    await api.client.post("/control/mo", json={"sender": "09121234567", "text": "لغو ۱۱"})
    given = {"linenumber": "10001420", "receptor": "09121234567"}

    assert (await api.entries("line/blocked/list", linenumber="10001420", blockreason="2"))[0][
        "blockreason"
    ] == 2
    await api.entries("line/blocked/remove", verb="DELETE", **given)
    assert [e["status"] for e in await api.entries("line/blocked/exists", **given)] == ["Active"]
