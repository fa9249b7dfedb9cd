"""Each operator's form, over real HTTP to a small gateway: what is said and shown, how an end is told."""

import re
import threading
from hashlib import md5

import httpx
import pytest

from tests.simulator.live import wait_for
from tests.simulator.menus import ASK_CODE, MAIN, SEND_PATH, THANKS, envelope

FORMS = ("africastalking", "comviva", "huawei", "inoti", "madapi")
TOLD_ENDS = ("africastalking", "comviva", "huawei", "madapi")
"""Of those that tell at all."""


@pytest.mark.parametrize("form", FORMS)
def test_a_menu_goes_from_its_code_to_its_last_screen(phone, menus, form):
    assert phone.screen("dial", "*4*1420#", form) == (MAIN, False)
    assert phone.screen("answer", "1") == (ASK_CODE, False)
    assert phone.screen("answer", "سلام & <b>") == ("«سلام & <b>»؟", False)
    assert phone.screen("answer", "۲") == (THANKS, True)
    assert phone.do("answer", "1").status_code == 409
    assert menus.refused == []


@pytest.mark.parametrize(
    ("form", "fields", "requests"),
    [
        (
            "africastalking",
            ("phoneNumber", "serviceCode", "networkCode", "text"),
            [("+989121234567", "*4*1420#", "43211", text) for text in ("", "1", "1*5")],
        ),
        (
            "comviva",
            ("MSISDN", "MSC", "input", "userid", "password"),
            [("989121234567", "989110000", typed, "sp-1", "sp-secret") for typed in ("4*1420", "1", "5")],
        ),
        (
            "inoti",
            ("mobile", "call"),
            [("09121234567", call) for call in ("*4*1420", "*4*1420*1", "*4*1420*1*5")],
        ),
        (
            "madapi",
            ("messageType", "msisdn", "serviceCode", "ussdString"),
            [
                (kind, "989121234567", "*4*1420#", text)
                for kind, text in (("0", "*4*1420#"), ("1", "1"), ("1", "5"))
            ],
        ),
        (
            "huawei",
            ("msgType", "ussdOpType", "receiveCB", "msIsdn", "serviceCode", "codeScheme", "ussdString"),
            [
                ("0", "1", "FFFFFFFF", "989121234567", "*4*1420#", "15", "*4*1420#"),
                ("1", "3", "306909975", "989121234567", "*4*1420#", "15", "1"),
                ("1", "3", "306909975", "989121234567", "*4*1420#", "15", "5"),
            ],
        ),
    ],
)
def test_every_request_is_of_the_operators_form(phone, menus, form, fields, requests):
    phone.do("dial", "*4*1420#", form)
    phone.do("answer", "1")
    phone.do("answer", "5")

    assert menus.named(*fields) == requests


@pytest.mark.parametrize(
    ("form", "field", "told"),
    [
        ("africastalking", "text", "1*5"),
        ("comviva", "input", "4*1420*1*5"),
        ("inoti", "call", "*4*1420*1*5"),
        ("madapi", "ussdString", "*4*1420*1*5#"),
        ("huawei", "ussdString", "*4*1420*1*5#"),
    ],
)
def test_what_is_dialled_behind_the_code_goes_where_the_form_has_it(phone, menus, form, field, told):
    phone.do("dial", "*۴*۱۴۲۰*۱*۵#", form)

    assert menus.named(field)[0] == (told,)


@pytest.mark.parametrize("form", FORMS)
def test_one_session_has_one_id_and_the_next_another(phone, menus, form):
    name = {
        "africastalking": "sessionId",
        "comviva": "SessionID",
        "inoti": "sessionid",
        "madapi": "sessionId",
        "huawei": "senderCB",
    }[form]
    phone.do("dial", "*4*1420#", form)
    phone.do("answer", "1")
    phone.do("answer", "2")
    phone.do("dial", "*4*1420#", form)

    ids = [request[name] for request in menus.seen if "status" not in request]
    assert ids[0] == ids[1] == ids[2] != ids[3]


@pytest.mark.parametrize(
    ("form", "ending", "told"),
    [
        ("africastalking", "last screen", {"status": "Success", "input": "2", "hopsCount": "2"}),
        ("africastalking", "cancel", {"status": "Incomplete", "lastAppResponse": MAIN}),
        ("africastalking", "time-out", {"status": "Incomplete", "errorMessage": "Timeout"}),
        ("comviva", "cancel", {"clean": "clean-session", "error": "521", "msisdn": "989121234567"}),
        ("comviva", "time-out", {"clean": "clean-session", "error": "522"}),
        ("madapi", "cancel", {"messageType": "4", "ussdString": "User cancelled"}),
        ("madapi", "time-out", {"messageType": "5", "ussdString": "Session timed out"}),
        (
            "huawei",
            "cancel",
            {
                "operation": "notifyUssdAbort",
                "abortReason": "The end user cancels.",
                "receiveCB": "306909975",
            },
        ),
        ("huawei", "time-out", {"operation": "notifyUssdAbort", "abortReason": "The session times out."}),
    ],
)
def test_an_end_is_told_as_the_operator_tells_it(phone, menus, form, ending, told):
    phone.do("dial", "*4*1420#", form)
    before = len(menus.seen)
    if ending == "last screen":
        phone.do("answer", "2")
        before += 1
    elif ending == "cancel":
        assert phone.screen("cancel") == ("", True)
    else:
        phone.clock.pass_by(181)

    [said] = wait_for(lambda: menus.seen[before:])
    assert {name: said.get(name) for name in told} == told
    assert phone.do("answer", "1").status_code == 409


@pytest.mark.parametrize("form", ["comviva", "huawei", "inoti", "madapi"])
def test_after_its_last_screen_only_one_form_tells_an_end(phone, menus, form):
    phone.do("dial", "*4*1420#", form)
    phone.do("answer", "2")

    assert len(menus.seen) == 2


@pytest.mark.parametrize("form", TOLD_ENDS)
def test_dialling_anew_puts_away_what_was_under_way(phone, menus, form):
    phone.do("dial", "*4*1420#", form)
    assert phone.screen("dial", "*4*1420*1#", form)[1] is False

    marks = {"africastalking": "status", "comviva": "clean", "huawei": "abortReason"}
    ends = [r for r in menus.seen if r.get("messageType") == "4" or marks.get(form, "-") in r]
    assert len(ends) == 1


@pytest.mark.parametrize(
    ("form", "trouble"),
    [
        *((form, trouble) for form in FORMS for trouble in ("away", "nonsense")),
        ("africastalking", "slow"),
        ("huawei", "slow"),
    ],
)
def test_a_gateway_in_trouble_is_a_network_that_failed_and_the_next_dial_is_well(phone, menus, form, trouble):
    setattr(menus, trouble, 3.0 if trouble == "slow" else True)

    assert phone.do("dial", "*4*1420#", form).status_code == 502

    menus.begin_anew()
    assert phone.screen("dial", "*4*1420#", form) == (MAIN, False)
    assert phone.http.get("/control/counters").json()["ussd_failed"] == 1


def test_madapi_shows_its_key_and_huawei_its_digest(phone, menus):
    phone.do("dial", "*4*1420#", "madapi")
    assert menus.headers[-1]["x-api-key"] == "mad-key"
    phone.do("dial", "*4*1420#", "huawei")

    said = menus.seen[-1]
    wanted = md5(f"sp-1sp-secret{said['timeStamp']}".encode(), usedforsecurity=False).hexdigest()
    assert (said["spRevId"], said["spRevpassword"]) == ("sp-1", wanted)
    assert menus.headers[-1]["content-type"] == "text/xml; charset=utf-8"


def test_persian_goes_to_huawei_as_ucs2(phone, menus):
    phone.do("dial", "*4*1420#", "huawei")
    phone.do("answer", "۲")

    assert menus.named("codeScheme")[-1] == ("72",)


BOMB = b'<!DOCTYPE a [<!ENTITY b "xxxxxxxxxx"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "SVC0001"),
        (b"<not xml", "SVC0001"),
        (BOMB, "SVC0001"),
        (b"x" * 70_000, "SVC0001"),
        (envelope('<a xmlns="urn:other"/>', "<b/>").encode(), "SVC0001"),
    ],
)
def test_what_is_no_call_of_huaweis_form_gets_a_fault(menus, body, code):
    answer = httpx.post(menus.simulator + SEND_PATH, content=body)

    assert answer.status_code == 500
    assert f"<faultcode>{code}</faultcode>" in answer.text


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("sp-1", "sp-2", "SVC0901"),
        ("<tns:spPassword>", "<tns:spPassword>0", "SVC0901"),
        ("<loc:msgType>1<", "<loc:msgType>9<", "SVC0002"),
        ("<loc:receiveCB>77<", "<loc:receiveCB>78<", "SVC0002"),
    ],
)
def test_send_ussd_is_refused_with_wrong_credentials_or_for_a_session_that_waits_for_nothing(
    menus, old, new, code
):
    body = menus.send_ussd("77", "متن", ends=False).decode()
    assert old in body

    answer = httpx.post(menus.simulator + SEND_PATH, content=body.replace(old, new).encode())

    assert answer.status_code == 500
    assert code in answer.text


def test_an_abort_of_the_application_ends_the_dialogue(phone, menus):
    menus.screens_stay_out = True
    shown = []
    waiting = threading.Thread(target=lambda: shown.append(phone.screen("dial", "*4*1420#", "huawei")))
    waiting.start()
    session = wait_for(lambda: menus.named("senderCB"))[0][0]
    body = menus.send_ussd(session, "", ends=True).decode().replace("sendUssd", "sendUssdAbort")
    answer = httpx.post(menus.simulator + SEND_PATH, content=body.encode())
    waiting.join()
    menus.screens_stay_out = False

    assert re.search("sendUssdAbortResponse", answer.text)
    assert shown == [("", True)]


def subscription(menus, name: str, correlator: str) -> str:
    body = (
        f'<loc:{name} xmlns:loc="http://www.csapi.org/schema/osg/ussd/notification_manager/v1_0/local">'
        "<loc:reference><endpoint>http://127.0.0.1:8020/ussd/huawei</endpoint>"
        f"<interfaceName>notifyUssdReception</interfaceName><correlator>{correlator}</correlator>"
        f"</loc:reference><loc:ussdServiceActivationNumber>*4*1420#</loc:ussdServiceActivationNumber></loc:{name}>"
    )
    header = menus.send_ussd("1", "", ends=True).decode().partition("<soapenv:Header>")[2]
    path = "/huawei/USSDNotificationManagerService/services/USSDNotificationManager"
    message = envelope(body, header.partition("</soapenv:Header>")[0])
    return httpx.post(menus.simulator + path, content=message.encode()).text


def test_a_subscription_is_taken_once_until_it_is_stopped(menus):
    assert "startUSSDNotificationResponse" in subscription(menus, "startUSSDNotification", "c-1")
    assert "SVC0005" in subscription(menus, "startUSSDNotification", "c-1")
    assert "stopUSSDNotificationResponse" in subscription(menus, "stopUSSDNotification", "c-1")
    assert "startUSSDNotificationResponse" in subscription(menus, "startUSSDNotification", "c-1")
    subscription(menus, "stopUSSDNotification", "c-1")
