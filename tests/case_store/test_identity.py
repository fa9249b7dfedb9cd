"""A national id is taken in every spelling that its digits check in, and covered wherever a text has one."""

import pytest

from case_store.identity import covered, covered_beginning, masked, parse_national_id


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


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("کد ملی من 0013542419 است", "کد ملی من •••••••419 است"),
        ("کدملی۰۰۱۳۵۴۲۴۱۹است", "کدملی•••••••۴۱۹است"),
        ("٠٠١٣٥٤٢٤١٩", "•••••••٤١٩"),
        ("001-354241-9", "•••-••••41-9"),
        ("001 354 2419.", "••• ••• •419."),
        ("001\u200c354\u200c2419", "•••\u200c•••\u200c•419"),
        ("001 - 354241 - 9", "••• - ••••41 - 9"),
        ("13542419", "•••••419"),
        ("13542419 12", "•••••419 12"),
        ("12 0013542419 1420", "12 •••••••419 1420"),
        ("۲\n0013542419\n0790419904", "۲\n•••••••419\n•••••••904"),
        ("کد ۰ ۰ ۱، ۳ ۵ ۴، ۲ ۴ ۱ ۹.", "کد • • •، • • •، • ۴ ۱ ۹."),
        ("0013542419,0790419904", "•••••••419,•••••••904"),
        ("پدر 0013542419 0790419904", "پدر •••••••419 •••••••904"),
    ],
)
def test_in_a_text_all_but_three_digits_are_dots_and_nothing_moves(said: str, shown: str):
    assert covered(said) == shown
    assert len(covered(said)) == len(said)
    assert covered(shown) == shown


@pytest.mark.parametrize(
    "said",
    [
        "",
        "بدون رقم",
        "0013542418",
        "09121230000 و +98 912 123 0001",
        "1404/05/12",
        "مبلغ 13542419 ریال",
        "13542419تومان",
        "13,542,419",
        "۱۳٬۵۴۲٬۴۱۹",
        "1111111111",
        "00013542419",
        "6037 9912 3456 7890",
        "IR820540102680020817909002",
        "شماره ۱۴۲۰",
        "00, 13, 54, 24, 19",
    ],
)
def test_what_is_no_national_id_stays_as_it_is(said: str):
    assert covered(said) == said


def test_the_code_of_a_case_is_spared_and_nothing_else_by_it():
    assert covered("کد ۰۰۱۳۵۴۲۴۱۹ و 0790419904", {"0013542419"}) == "کد ۰۰۱۳۵۴۲۴۱۹ و •••••••904"


@pytest.mark.parametrize("length", range(1, 11))
def test_an_id_that_was_cut_off_shows_no_more_than_three_of_its_digits(length: int):
    shown = covered_beginning("کد ملی " + "0013542419"[:length])
    assert sum(letter.isdigit() for letter in shown) <= 3
    assert len(shown) == len("کد ملی ") + length


def test_an_id_in_groups_that_was_cut_off_is_covered_too_and_a_code_at_the_end_is_not():
    assert covered_beginning("کد ۰۰۱ ۳۵۴") == "کد ••• •••"
    assert covered_beginning("کد 1234567897", {"1234567897"}) == "کد 1234567897"


def test_one_that_is_read_out_and_cut_off_is_covered_too():
    assert covered_beginning("کد ملی ۰ ۰ ۱، ۳ ۵") == "کد ملی • • •، • •"
