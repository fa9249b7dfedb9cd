"""A national id is taken in every spelling that its digits check in, and in no other."""

import pytest

from case_store.identity import masked, parse_national_id


@pytest.mark.parametrize(
    ("typed", "national_id"),
    [
        ("0013542419", "0013542419"),
        ("۰۰۱۳۵۴۲۴۱۹", "0013542419"),
        ("٠٠١٣٥٤٢٤١٩", "0013542419"),
        ("13542419", "0013542419"),
        ("013542419", "0013542419"),
        ("001-354241-9", "0013542419"),
        (" 001 354 2419 ", "0013542419"),
        ("\u200f0013542419\u200c", "0013542419"),
        ("0499370899", "0499370899"),
        ("790419904", "0790419904"),
    ],
)
def test_every_spelling_is_one_national_id(typed: str, national_id: str):
    assert parse_national_id(typed) == national_id


@pytest.mark.parametrize("digit", "0123456789")
def test_ten_times_one_digit_is_nobodys(digit: str):
    assert parse_national_id(digit * 10) is None


@pytest.mark.parametrize(
    "typed", ["", "0013542418", "0013542491", "3542419", "00013542419", "00135x2419", "+989120000001", "۱۲۳"]
)
def test_what_does_not_check_is_none(typed: str):
    assert parse_national_id(typed) is None


def test_every_single_wrong_digit_is_caught():
    right = "0790419904"
    for place, digit in enumerate(right):
        for other in "0123456789":
            if other != digit:
                assert parse_national_id(right[:place] + other + right[place + 1 :]) is None


def test_a_masked_one_shows_three_digits():
    assert masked("0013542419") == "•••••••419"
