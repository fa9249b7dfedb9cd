"""Dialling: which codes are ours, what a handset may do when, what the fault modes do to it."""

import threading
import time

import pytest

from simulator.ussd import dialled_tail
from tests.simulator.live import wait_for
from tests.simulator.menus import ASK_CODE, MAIN


@pytest.mark.parametrize(
    ("typed", "tail"),
    [
        ("*4*1420#", ""),
        ("*4*1420*1#", "1"),
        ("*4*1420*1*2#", "1*2"),
        ("*۴*۱۴۲۰*۱*۲#", "1*2"),
        ("*٤*١٤٢٠#", ""),
        (" *4* 1420 #", ""),
        ("\u200e*4*1420#\u200e", ""),
        ("*4*1420**2#", "*2"),
        ("*4*14201#", None),
        ("*4*1420", None),
        ("*4*1420#1", None),
        ("4*1420#", None),
        ("*555#", None),
        ("#", None),
        ("", None),
        ("*4*1420#*4*1420#", None),
        ("سلام", None),
    ],
)
def test_a_code_is_ours_in_any_digits_and_what_is_behind_it_is_the_way_in(typed, tail):
    assert dialled_tail(typed, "*4*1420#") == tail


def test_the_network_knows_no_other_code_and_our_gateway_never_hears_of_it(phone, menus):
    assert phone.screen("dial", "*555#") == ("این کد دستوری در شبکه نیست.", True)
    assert menus.seen == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"action": "answer", "text": "1"}, 409),
        ({"action": "dial", "text": "*4*1420#", "provider": "nobody"}, 422),
        ({"action": "dial", "text": "*4*1420#", "provider": "smpp"}, 422),
        ({"action": "shout", "text": "1"}, 422),
        ({"action": "dial", "text": "1" * 183}, 422),
        ({"action": "dial", "text": "*4*1420#", "more": 1}, 422),
        ({"action": "dial"}, 200),
        ({"action": "cancel"}, 200),
    ],
)
def test_what_cannot_be_done_is_refused_in_clear(phone, body, status):
    assert phone.http.post(f"/phones/{phone.handle}/ussd", json=body).status_code == status


def test_half_a_letter_is_refused(phone):
    body = b'{"action": "answer", "text": "\\ud83d"}'
    headers = {"Content-Type": "application/json"}

    answer = phone.http.post(f"/phones/{phone.handle}/ussd", content=body, headers=headers)

    assert answer.status_code == 422


def test_an_unknown_phone_is_404(phone):
    answer = phone.http.post("/phones/0a1b2c/ussd", json={"action": "dial", "text": "*4*1420#"})

    assert answer.status_code == 404


def test_a_menu_that_is_still_on_its_way_takes_no_answer_but_can_be_put_away(phone, menus):
    menus.slow = 0.6
    shown = []
    waiting = threading.Thread(target=lambda: shown.append(phone.screen("dial", "*4*1420#")))
    waiting.start()
    wait_for(lambda: menus.seen)

    assert phone.do("answer", "1").status_code == 409
    assert phone.screen("cancel") == ("", True)
    waiting.join()
    assert shown == [("", True)]


def test_two_phones_have_a_dialogue_each(phone):
    other = type(phone)(phone.url, phone.clock, "09121234568")
    phone.do("dial", "*4*1420#", "comviva")
    other.do("dial", "*4*1420#", "madapi")

    assert other.screen("answer", "1") == phone.screen("answer", "1") == (ASK_CODE, False)
    other.http.close()


def test_the_counters_tell_dialogues_and_requests(phone):
    phone.do("dial", "*4*1420#")
    phone.do("answer", "1")

    counters = phone.http.get("/control/counters").json()
    assert (counters["ussd_dialled"], counters["ussd_requests"], counters["ussd_failed"]) == (1, 2, 0)


@pytest.mark.parametrize("form", ["africastalking", "huawei", "inoti"])
def test_an_operator_that_repeats_makes_each_request_twice_and_shows_one_screen(phone, menus, form):
    phone.http.put("/control/faults", json={"ussd_repeats": True}).raise_for_status()

    assert phone.screen("dial", "*4*1420#", form) == (MAIN, False)
    assert phone.screen("answer", "5")[1] is False
    if form == "huawei":
        assert len({(r["msgType"], r["traceUniqueID"], r["ussdString"]) for r in menus.seen}) == 2
    assert menus.seen[0] == menus.seen[1]
    assert menus.seen[2] == menus.seen[3]


@pytest.mark.parametrize("fault", ["ussd_repeats", "ussd_out_of_order"])
def test_a_gateway_that_answers_copies_but_once_holds_nothing_up(phone, menus, fault):
    menus.drops_copies = True
    phone.http.put("/control/faults", json={fault: True}).raise_for_status()

    assert phone.screen("dial", "*4*1420#", "huawei") == (MAIN, False)
    assert phone.screen("answer", "1") == (ASK_CODE, False)
    assert phone.screen("answer", "5") == ("«5»؟", False)


@pytest.mark.parametrize("form", ["africastalking", "madapi", "huawei"])
def test_an_operator_out_of_order_lets_the_first_request_come_again_before_each_answer(phone, menus, form):
    phone.http.put("/control/faults", json={"ussd_out_of_order": True}).raise_for_status()

    phone.do("dial", "*4*1420#", form)
    phone.do("answer", "1")

    assert len(menus.seen) == 3
    assert menus.seen[0] == menus.seen[1] != menus.seen[2]


def test_an_operator_that_never_sends_the_end_keeps_it_to_itself(phone, menus):
    phone.http.put("/control/faults", json={"ussd_no_end": True}).raise_for_status()
    phone.do("dial", "*4*1420#")
    phone.do("cancel")
    phone.do("dial", "*4*1420#")
    phone.clock.pass_by(181)

    time.sleep(0.6)  # the network looks for what is late four times a second
    assert phone.do("answer", "1").status_code == 409
    assert menus.named("status") == [("-",), ("-",)]


def test_a_reset_forgets_dialogues_and_faults(phone):
    phone.http.put("/control/faults", json={"ussd_no_end": True, "outside_down": True})
    phone.do("dial", "*4*1420#")
    phone.http.post("/control/reset")

    faults = phone.http.get("/control/faults").json()
    assert not faults["ussd_no_end"]
    assert not faults["outside_down"]
    again = type(phone)(phone.url, phone.clock)
    assert again.do("answer", "1").status_code == 409
    again.http.close()
