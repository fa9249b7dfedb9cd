"""Every deliver_sm that an SMSC was seen to send, and the submit_sm that a screen goes back in."""

import pytest
import smpp34

from gateway_ussd.errors import OperatorRefusedError, UnreadableError
from gateway_ussd.model import EndReason, Screen, StepKind
from gateway_ussd.providers.smpp import writer
from gateway_ussd.providers.smpp.dialects import DIALECTS
from gateway_ussd.providers.smpp.reader import Mo, Reader
from tests.gateway_ussd.providers.recordings import deliver, names

TYPED = "سابقه بیمه\u200cام نیست"
BEGIN, CONTINUE, END = StepKind.BEGIN, StepKind.CONTINUE, StepKind.END
OPERATION, SESSION, REFERENCE = 0x0501, 0x1383, 0x0204
ROWS = {
    "plain_begin": (BEGIN, None, None),
    "plain_begin_deep": (BEGIN, "1*2", None),
    "plain_begin_dialled_in_address": (BEGIN, "1*2", None),
    "plain_begin_without_session": (BEGIN, None, None),
    "plain_continue": (CONTINUE, "2", None),
    "plain_continue_persian": (CONTINUE, TYPED, None),
    "plain_continue_payload": (CONTINUE, TYPED, None),
    "plain_end": (END, None, EndReason.ABORTED),
    "mica_begin": (BEGIN, None, None),
    "mica_continue": (CONTINUE, "2", None),
    "mica_abort": (END, None, EndReason.ABORTED),
    "sixdee_begin": (BEGIN, "1*2", None),
    "sixdee_continue": (CONTINUE, "2", None),
    "sixdee_abort": (END, None, EndReason.ABORTED),
    "sixdee_end": (END, None, EndReason.ABORTED),
}
NO_STEP = {"plain_confirmed", "plain_receipt"}


def dialect_of(name: str) -> str:
    return name.partition("_")[0]


def read(name: str) -> Mo | None:
    return Reader("smsc", "*4*1420#", DIALECTS[dialect_of(name)])(deliver(name))


def mo(name: str) -> Mo:
    found = read(name)
    assert found is not None
    return found


def test_every_file_has_its_row():
    assert set(ROWS) | NO_STEP == set(names("smpp"))


@pytest.mark.parametrize("name", ROWS)
def test_a_deliver_sm_is_the_step_that_it_means(name):
    step = mo(name).step
    assert (step.provider, step.msisdn, step.service_code) == ("smsc", "+989211234567", "*4*1420#")
    assert (step.kind, step.typed, step.reason) == ROWS[name]


@pytest.mark.parametrize("name", sorted(NO_STEP))
def test_what_confirms_or_reports_is_no_step(name):
    assert read(name) is None


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_session_keeps_its_name_from_step_to_step_and_no_number_is_in_it(dialect):
    steps = [mo(name).step for name in ROWS if dialect_of(name) == dialect and "without" not in name]
    [session_id] = {step.session_id for step in steps}
    assert "9211234567" not in session_id


def test_sessions_of_two_phones_with_one_number_are_two():
    one, another = deliver("plain_begin"), deliver("plain_begin")
    other = smpp34.DeliverSm(
        "989351234567", another.destination_addr, another.short_message, tlvs=another.tlvs
    )
    reader = Reader("smsc", "*4*1420#", DIALECTS["plain"])
    first, second = reader(one), reader(other)
    assert first is not None
    assert second is not None
    assert first.step.session_id != second.step.session_id


@pytest.mark.parametrize(
    ("name", "ends", "tlvs"),
    [
        ("plain_begin", False, {OPERATION: b"\x02", SESSION: b"\x2a\x00"}),
        ("plain_continue", False, {OPERATION: b"\x02", SESSION: b"\x2a\x02"}),
        ("plain_continue", True, {OPERATION: b"\x11", SESSION: b"\x2a\x03"}),
        ("plain_begin_without_session", False, {OPERATION: b"\x02"}),
        ("mica_continue", False, {OPERATION: b"\x02", REFERENCE: b"\x03\xe9"}),
        ("mica_continue", True, {OPERATION: b"\x17", REFERENCE: b"\x03\xe9"}),
        ("sixdee_continue", False, {OPERATION: b"\x02", SESSION: b"\x2a\x0e"}),
        ("sixdee_continue", True, {OPERATION: b"\x17", SESSION: b"\x2a\x0f"}),
    ],
)
def test_a_screen_goes_back_in_the_dialect_of_its_step(name, ends, tlvs):
    submit = writer.screen(DIALECTS[dialect_of(name)], mo(name).way, Screen("1", ends))
    assert {tlv.tag: tlv.value for tlv in submit.tlvs} == tlvs
    assert (submit.way.phone, submit.way.line) == ("989211234567", "*4*1420#")


@pytest.mark.parametrize(
    ("text", "coding", "octets"),
    [
        ("1) Parvande", 0, b"1) Parvande"),
        ("@ {1}", 0, b"\x00 \x1b(1\x1b)"),
        ("۱ پرونده", 8, "۱ پرونده".encode("utf-16-be")),
        ("a\x1bb", 8, "a\x1bb".encode("utf-16-be")),
        ("a\ud83d", 8, "a?".encode("utf-16-be")),
        ("a" * 160, 0, b"a" * 160),
        ("۱" * 80, 8, "۱".encode("utf-16-be") * 80),
    ],
)
def test_a_text_goes_in_gsm_7_where_that_holds_it_and_else_in_ucs_2(text, coding, octets):
    submit = writer.screen(DIALECTS["plain"], mo("plain_begin").way, Screen(text, ends=False))
    assert (submit.data_coding, submit.octets) == (coding, octets)


def test_a_screen_longer_than_a_short_message_is_not_sent():
    with pytest.raises(OperatorRefusedError):
        writer.screen(DIALECTS["plain"], mo("plain_begin").way, Screen("۱" * 128, ends=False))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"tlvs": {}}, "ussd_service_op is missing"),
        ({"tlvs": {OPERATION: b""}}, "ussd_service_op is missing"),
        ({"tlvs": {OPERATION: b"\x01\x01"}}, "ussd_service_op is not one octet"),
        ({"tlvs": {OPERATION: b"\x40"}}, "ussd_service_op is not one that is known"),
        ({"tlvs": {OPERATION: b"\x12", SESSION: b"\x01"}}, "its_session_info is not two octets"),
        ({"source_addr": "1420"}, "source_addr is not a mobile number"),
        ({"source_addr": ""}, "source_addr is missing"),
        ({"source_addr": "982112345678"}, "source_addr is not a mobile number"),
        ({"data_coding": 77}, "data_coding is not one that is known"),
        ({"data_coding": 8, "short_message": b"\x06"}, "short_message is not in its data_coding"),
        ({"data_coding": 8, "short_message": b"\xd8\x3d"}, "short_message is not in its data_coding"),
        ({"data_coding": 1, "short_message": b"\xff"}, "short_message is not in its data_coding"),
        ({"short_message": b"\x80"}, "short_message is not in its data_coding"),
        ({"data_coding": 4, "short_message": b"\x00"}, "short_message is not text in UTF-8"),
    ],
)
def test_a_deliver_sm_that_is_no_ussd_is_refused_by_field(change, fault):
    told = {"source_addr": "989211234567", "short_message": b"2", "data_coding": 0} | change
    tlvs = told.pop("tlvs", {OPERATION: b"\x12", SESSION: b"\x2a\x02"})
    pdu = smpp34.DeliverSm(
        destination_addr="*4*1420#", tlvs=[smpp34.Tlv(tag, value) for tag, value in tlvs.items()], **told
    )
    with pytest.raises(UnreadableError) as refused:
        Reader("smsc", "*4*1420#", DIALECTS["plain"])(pdu)
    assert str(refused.value) == fault


@pytest.mark.parametrize(
    ("dialect", "name", "fault"),
    [
        ("mica", "plain_continue", "user_message_reference is missing"),
        ("sixdee", "mica_continue", "its_session_info is missing"),
    ],
)
def test_another_dialect_is_told_by_the_session_that_is_missing(dialect, name, fault):
    with pytest.raises(UnreadableError) as refused:
        Reader("smsc", "*4*1420#", DIALECTS[dialect])(deliver(name))
    assert str(refused.value) == fault
