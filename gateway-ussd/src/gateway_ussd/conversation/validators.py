"""What may be typed into an input: the value in one spelling, or the hint that helps."""

from collections.abc import Callable, Mapping
from typing import Final

from envelope import tracking
from envelope.addresses import parse_msisdn
from gateway_ussd.menus.schema import InputScreen, Validator
from gateway_ussd.texts import Hint, cleaned, keyed
from persian.dates import jalali, parse_jalali

_IRAN_MOBILE: Final = "+989"
_LONGEST: Final = 40
"""Characters of anything but a text: what is longer is not even looked at."""
_NATIONAL_ID: Final = range(8, 11)
"""Digits as people write them: the zeros in front are often left out."""
_YEARS: Final = range(1250, 1500)
"""Persian years that a living person may mean."""


def national_id(typed: str) -> str | None:
    """Ten digits whose last one checks the others; ten times the same digit passes the sum and is refused."""
    digits = keyed(typed).replace("-", "")
    if len(digits) not in _NATIONAL_ID or not digits.isdecimal() or not digits.isascii():
        return None
    digits = digits.zfill(10)
    rest = sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    check = rest if rest < 2 else 11 - rest  # noqa: PLR2004  (the rule of the registry office)
    return digits if len(set(digits)) > 1 and int(digits[9]) == check else None


def mobile(typed: str) -> str | None:
    """An Iranian mobile number in E.164."""
    number = parse_msisdn(keyed(typed))
    return number if number is not None and number.startswith(_IRAN_MOBILE) else None


def tracking_code(typed: str) -> str | None:
    """Ten digits with their check digit."""
    return tracking.parse(keyed(typed))


def jalali_date(typed: str) -> str | None:
    """A day of the Persian calendar as `1405/08/30`."""
    written = keyed(typed)
    if not written[:4].isdecimal() or int(written[:4]) not in _YEARS:
        return None
    try:
        return jalali(parse_jalali(written))
    except ValueError:
        return None


_CHECKS: Final[Mapping[Validator, Callable[[str], str | None]]] = {
    Validator.NATIONAL_ID: national_id,
    Validator.MOBILE: mobile,
    Validator.TRACKING_CODE: tracking_code,
    Validator.JALALI_DATE: jalali_date,
}


def accepted(screen: InputScreen, typed: str) -> str | Hint:
    """The value of an input, or why it is none."""
    if screen.validator is Validator.TEXT:
        return _text(screen, cleaned(typed[: 2 * screen.max + 2]))
    if not keyed(typed[:_LONGEST]):
        return Hint.EMPTY
    value = None if len(typed) > _LONGEST else _CHECKS[screen.validator](typed)
    return Hint(screen.validator) if value is None else value


def _text(screen: InputScreen, text: str) -> str | Hint:
    if not text:
        return Hint.EMPTY
    if len(text) < screen.min:
        return Hint.SHORT
    return Hint.LONG if len(text) > screen.max else text
