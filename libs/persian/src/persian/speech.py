"""A text made to be heard: what a voice would spell out, mumble or leave out, in words that it reads well.

A number that is known by its digits (a tracking code, a telephone, a national id) comes digit by digit, with
pauses; an amount stays one number; a date gets its month's name; a link is only named.
"""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple

from envelope.addresses import latin_digits
from envelope.models import Language
from envelope.tracking import is_valid
from persian.dates import jalali_long, parse_jalali
from persian.digits import persian_digits

_LINK: Final = re.compile(
    r"(?:https?://|www\.)\S+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:ir|com|org|net)\b(?:/\S*)?", re.IGNORECASE
)
_SERVICE_CODE: Final = re.compile(r"\*[0-9۰-۹]+(?:\*[0-9۰-۹]+)*#")
_DATE: Final = re.compile(r"(?<![0-9۰-۹/])[0-9۰-۹]{4}([/\-.])[0-9۰-۹]{1,2}\1[0-9۰-۹]{1,2}(?![0-9۰-۹/])")
_CODE: Final = re.compile(r"(?<![0-9۰-۹])[1-9۱-۹](?:[ \-\u200c]?[0-9۰-۹]){9}(?![0-9۰-۹])")
_SEPARATED: Final = re.compile(r"(?<=[0-9۰-۹])[,٬](?=[0-9۰-۹]{3}(?![0-9۰-۹]))")
_DIGITS: Final = re.compile(r"\+?[0-9۰-۹]{4,}")
_NOT_A_DIGIT: Final = re.compile(r"[^0-9]")
_AMOUNT: Final = re.compile(r"\s*(?:میلیون\s*)?(?:ریال|تومان|rial|toman)", re.IGNORECASE)
_DIGITWISE_FROM: Final = 10
_FIRST_GREGORIAN: Final = 1_700
_KEPT: Final = "\n\u200c"
_UNSAYABLE: Final = frozenset({"So", "Sk", "Cc", "Cf", "Cs", "Co", "Cn"})
_SPACES: Final = re.compile(r"[^\S\n]+")
_ENDS: Final = re.compile(r"\s*\n\s*")
_CLOSED: Final = ".!?؟؛،:,"

_LETTERS_A_SECOND: Final = 13.0
_DIGIT_SECONDS: Final = 0.4
_PAUSE_SECONDS: Final = 0.35
_PAUSE: Final = re.compile(r"[.!?؟؛،:,]")


class _Named(NamedTuple):
    """What a sign is called."""

    link: str
    star: str
    hash: str


_NAMED: Final = {
    Language.FA: _Named("نشانی اینترنتی", "ستاره", "مربع"),
    Language.EN: _Named("a web address", "star", "hash"),
}


def spoken(text: str, language: Language = Language.FA) -> str:
    """As it is given to a voice: one paragraph in the language's digits, nothing that cannot be said."""
    named = _NAMED[language]
    said = _LINK.sub(named.link, text)
    said = _SERVICE_CODE.sub(lambda found: _keyed(found[0], named), said)
    if language is Language.FA:
        said = _DATE.sub(_dated, said)
    said = _CODE.sub(lambda found: _coded(found[0]), said)
    said = _SEPARATED.sub("", said)
    said = _DIGITS.sub(_numbered(said), said)
    said = _SPACES.sub(" ", "".join(letter for letter in said if _sayable(letter)))
    said = latin_digits(_sentences(said))
    return persian_digits(said) if language is Language.FA else said.replace("،", ",")


def digit_by_digit(number: str) -> str:
    """`1234567890` → `۱ ۲ ۳، ۴ ۵ ۶، ۷ ۸ ۹ ۰`: groups of three, the last of two to four."""
    digits = _NOT_A_DIGIT.sub("", latin_digits(number))
    groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        groups[-2:] = ["".join(groups[-2:])]
    return persian_digits("، ".join(" ".join(group) for group in groups))


def seconds(text: str) -> int:
    """About how long a voice takes for a text that is ready to be heard, in whole seconds, at least one."""
    digits = sum(letter.isdigit() for letter in text)
    pauses = len(_PAUSE.findall(text))
    letters = len(text) - digits - pauses
    return max(1, math.ceil(letters / _LETTERS_A_SECOND + digits * _DIGIT_SECONDS + pauses * _PAUSE_SECONDS))


def _keyed(code: str, named: _Named) -> str:
    """`*4*1420#` as one keys it in."""
    return code.replace("*", f" {named.star} ").replace("#", f" {named.hash} ")


def _dated(found: re.Match[str]) -> str:
    """A date of either calendar with its month's name; what is no date stays."""
    year, month, day = (int(part) for part in re.split(r"[/\-.]", latin_digits(found[0])))
    try:
        when = date(year, month, day) if year >= _FIRST_GREGORIAN else parse_jalali(found[0])
    except ValueError:
        return found[0]
    return jalali_long(when)


def _coded(found: str) -> str:
    digits = _NOT_A_DIGIT.sub("", latin_digits(found))
    return digit_by_digit(digits) if is_valid(digits) else found


def _numbered(text: str) -> Callable[[re.Match[str]], str]:
    """Digit by digit where a number is known by its digits; an amount, a year and `1420` are one number."""

    def read(found: re.Match[str]) -> str:
        digits = latin_digits(found[0]).removeprefix("+")
        by_digits = found[0].startswith("+") or digits.startswith("0") or len(digits) >= _DIGITWISE_FROM
        if not by_digits or _AMOUNT.match(text, found.end()):
            return digits
        return digit_by_digit(digits)

    return read


def _sayable(letter: str) -> bool:
    """Neither an emoji nor a control; a half-space stays, for it keeps a word's parts together."""
    return letter in _KEPT or unicodedata.category(letter) not in _UNSAYABLE


def _sentences(text: str) -> str:
    """One paragraph: the end of a line is the end of a sentence."""
    lines = [line.strip() for line in _ENDS.split(text.strip()) if line.strip()]
    closed = [line if line[-1] in _CLOSED else f"{line}." for line in lines]
    return " ".join(closed)
