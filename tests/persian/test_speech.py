"""What a voice is given to read: no link, no emoji, codes by their digits, dates by their month."""

import pytest

from envelope.models import Language
from envelope.tracking import mint, spaced
from persian.speech import digit_by_digit, seconds, spoken

CODE = mint(5, b"x" * 32)
HEARD = "۴ ۸ ۴، ۰ ۸ ۶، ۸ ۹ ۰ ۱"


@pytest.mark.parametrize("written", [CODE, spaced(CODE), "۴۸۴ ۰۸۶ ۸۹۰۱", "484-086-8901"])
def test_a_tracking_code_comes_digit_by_digit_with_pauses_however_it_is_written(written):
    assert spoken(f"کد پیگیری: {written}") == f"کد پیگیری: {HEARD}."


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("تا ۱۴۰۵/۰۸/۳۰", "تا شنبه ۳۰ آبان ۱۴۰۵."),
        ("از 2026-11-21 به بعد", "از شنبه ۳۰ آبان ۱۴۰۵ به بعد."),
        ("تاریخ ۱۴۰۵/۱۳/۰۱", "تاریخ ۱۴۰۵/۱۳/۰۱."),
        ("تلفن ۰۲۱۶۴۵۰۰۰۰۰", "تلفن ۰ ۲ ۱، ۶ ۴ ۵، ۰ ۰ ۰، ۰ ۰."),
        ("یا +982164500000", "یا ۹ ۸ ۲، ۱ ۶ ۴، ۵ ۰ ۰، ۰ ۰ ۰."),
        ("مبلغ ۱۲٬۰۰۰٬۰۰۰ ریال", "مبلغ ۱۲۰۰۰۰۰۰ ریال."),
        ("12000000000 تومان", "۱۲۰۰۰۰۰۰۰۰۰ تومان."),
        ("سال 1405، تلفن 1420", "سال ۱۴۰۵، تلفن ۱۴۲۰."),
        ("شماره‌گیری *۴*۱۴۲۰#", "شماره‌گیری ستاره ۴ ستاره ۱۴۲۰ مربع."),
    ],
    ids=["jalali", "gregorian", "no date", "landline", "abroad", "amount", "long amount", "short", "keys"],
)
def test_numbers_are_read_as_people_say_them(text, heard):
    assert spoken(text) == heard


@pytest.mark.parametrize(
    "link", ["https://es.tamin.ir/a?b=1", "www.tamin.ir", "es.tamin.ir", "http://x.y/۱۲۳"], ids=range(4)
)
def test_no_link_is_spelt_out(link):
    assert spoken(f"به {link} سر بزنید") == "به نشانی اینترنتی سر بزنید."


def test_lines_are_sentences_and_what_cannot_be_said_is_left_out():
    assert spoken("سلام\u200f 😀\n\n می‌خواهم؟\nبله.") == "سلام. می‌خواهم؟ بله."


def test_english_keeps_its_digits():
    assert (
        spoken(f"Code {CODE} at www.tamin.ir", Language.EN) == "Code 4 8 4, 0 8 6, 8 9 0 1 at a web address."
    )


@pytest.mark.parametrize(
    ("number", "heard"),
    [("1", "۱"), ("1234", "۱ ۲ ۳ ۴"), ("12345", "۱ ۲ ۳، ۴ ۵"), ("", "")],
    ids=["one", "four", "five", "none"],
)
def test_digits_come_in_groups_of_three_and_none_is_left_alone(number, heard):
    assert digit_by_digit(number) == heard


def test_digits_and_pauses_take_longer_than_letters():
    assert seconds("") == 1
    assert seconds("سلام " * 26) == 10
    assert seconds(HEARD) >= 4
