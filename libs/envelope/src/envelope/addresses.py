"""One person, one address: every spelling of a phone number becomes one E.164 string."""

import re
from enum import StrEnum
from typing import Final

import phonenumbers

from envelope.base import WireModel

_DIGITS: Final = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_NOISE: Final = re.compile(r"[\s\-().\u200c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_IRAN_MOBILE: Final = re.compile(r"(?:\+98|0098|98|0)?(9[0-9]{9})")


class AddressKind(StrEnum):
    """What a sender's address is."""

    MSISDN = "msisdn"
    ACCOUNT = "account"


class Address(WireModel):
    """Where a person is reached; the key of every topic, so that a person's messages keep order."""

    kind: AddressKind
    """`msisdn` for a phone number, `account` for anything else (a login, an alphanumeric sender)."""
    value: str
    """E.164 with `+` for an msisdn; the account's own name otherwise."""

    @property
    def key(self) -> bytes:
        """The partition key: the address itself."""
        return self.value.encode()


def latin_digits(text: str) -> str:
    """Persian and Arabic-Indic digits as ASCII ones; everything else as it is."""
    return text.translate(_DIGITS)


def parse_msisdn(raw: str) -> str | None:
    """`0912…`, `+98912…`, `0098…`, `98…`, `912…`, in Persian digits too → `+98912…`; else None.

    Short codes (`1420`) and alphanumeric senders are not phone numbers and give None.
    """
    compact = _NOISE.sub("", latin_digits(raw))
    match = _IRAN_MOBILE.fullmatch(compact)
    if match:
        return "+98" + match[1]
    if compact.startswith("00"):
        compact = "+" + compact[2:]
    try:
        number = phonenumbers.parse(compact, "IR")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def takes_sms(msisdn: str) -> bool:
    """Whether an SMS can reach an E.164 number: not where it is known to be a landline's."""
    if msisdn.startswith("+98"):
        return _IRAN_MOBILE.fullmatch(msisdn) is not None
    try:
        number = phonenumbers.parse(msisdn)
    except phonenumbers.NumberParseException:
        return True
    return phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.FIXED_LINE


def sender_address(raw: str) -> Address:
    """The address of whoever sent: a phone number where it is one, else an account of that name."""
    msisdn = parse_msisdn(raw)
    if msisdn is None:
        return Address(kind=AddressKind.ACCOUNT, value=raw.strip())
    return Address(kind=AddressKind.MSISDN, value=msisdn)
