"""One person, one address, however the number is written."""

import pytest

from envelope.addresses import AddressKind, parse_msisdn, sender_address, takes_sms


@pytest.mark.parametrize(
    "raw",
    [
        "09120000000",
        "9120000000",
        "+989120000000",
        "00989120000000",
        "989120000000",
        "۰۹۱۲۰۰۰۰۰۰۰",
        "٠٩١٢٠٠٠٠٠٠٠",
        "0912 000 0000",
        "0912-000-0000",
        "\u200e+98 912 000 0000",
    ],
)
def test_every_spelling_of_an_iranian_mobile_is_one_number(raw):
    assert parse_msisdn(raw) == "+989120000000"


@pytest.mark.parametrize(
    ("raw", "number"), [("02164500000", "+982164500000"), ("+442071838750", "+442071838750")]
)
def test_landlines_and_foreign_numbers_are_numbers_too(raw, number):
    assert parse_msisdn(raw) == number


@pytest.mark.parametrize("raw", ["", "1420", "10001420", "TAMIN", "0912000000", "091200000000", "سلام"])
def test_what_is_no_phone_number_is_not_taken_for_one(raw):
    assert parse_msisdn(raw) is None


def test_a_sender_without_a_number_is_an_account():
    assert sender_address(" TAMIN ").kind is AddressKind.ACCOUNT
    assert sender_address(" TAMIN ").value == "TAMIN"


@pytest.mark.parametrize(
    ("number", "takes"),
    [
        ("+989120000000", True),
        ("+982164500000", False),
        ("+985138000000", False),
        ("+442071838750", False),
        ("+447911123456", True),
        ("+12025550123", True),
        ("+0", True),
    ],
    ids=["mobile", "tehran", "mashhad", "london", "abroad mobile", "cannot be told", "no number"],
)
def test_a_landline_takes_no_sms(number, takes):
    assert takes_sms(number) is takes
