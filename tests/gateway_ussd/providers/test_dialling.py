"""What people dial, however an operator writes it down, and how a text is written for the air."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_ussd.errors import UnreadableError
from gateway_ussd.providers.coding import Alphabet, coded, decoded
from gateway_ussd.providers.dialling import parts, service_code, tail

CODINGS = {Alphabet.GSM7: 0x00, Alphabet.UCS2: 0x08}


@pytest.mark.parametrize(
    "raw", ["*4*1420#", "4*1420", "*4*1420", "4*1420#", " *4*1420# ", "*۴*۱۴۲۰#", "*٤*١٤٢٠#"]
)
def test_a_service_code_has_one_spelling(raw):
    assert service_code(raw, "serviceCode") == "*4*1420#"


@pytest.mark.parametrize(
    "raw", ["", "*", "#", "**1420#", "*4**1420#", "*4*1420*#", "1420#1", "a", "*4*1420#*", "9" * 11]
)
def test_what_no_phone_dials_is_no_service_code(raw):
    with pytest.raises(UnreadableError, match=r"^serviceCode is not a service code$"):
        service_code(raw, "serviceCode")


@pytest.mark.parametrize(
    ("dialled", "code", "behind"),
    [
        ("*4*1420#", "*4*1420#", ""),
        ("4*1420", "*4*1420#", ""),
        ("*4*1420*1*2#", "*4*1420#", "1*2"),
        ("*۴*۱۴۲۰*۱#", "*4*1420#", "1"),
        ("*4*1420**2#", "*4*1420#", "*2"),
        ("*4*1420*#", "*4*1420#", ""),
        ("*4*14201#", "*4*1420#", None),
        ("*4#", "*4*1420#", None),
        ("", "*4*1420#", None),
        ("1*2", "*4*1420#", None),
    ],
)
def test_what_is_dialled_behind_the_code_is_told_from_another_code(dialled, code, behind):
    assert tail(dialled, code) == behind


@pytest.mark.parametrize(
    ("typed", "inputs"),
    [("", ()), ("1", ("1",)), ("1*2", ("1", "2")), ("1**2", ("1", "", "2")), ("1*", ("1", ""))],
)
def test_a_chain_keeps_its_empty_inputs(typed, inputs):
    assert parts(typed) == inputs


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_comes_back_from_the_air_as_it_went(text):
    alphabet, octets = coded(text)
    assert decoded(octets, CODINGS[alphabet]) == text


@given(st.text("abcXYZ 019@£$_{}[]~|€\n"))
def test_latin_letters_never_cost_ucs_2(text):
    assert coded(text).alphabet is Alphabet.GSM7
