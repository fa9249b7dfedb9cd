"""Short commands: a message is one only when it says nothing else.

«لغو» alone stops bulk messages; «چرا بیمه من لغو شده» is a matter for a desk.
"""

import re
from collections.abc import Mapping
from typing import Final

from envelope.models import Intent

_LONGEST: Final = 40
_WORDS: Final[Mapping[Intent, str]] = {
    Intent.STATUS: (
        "پیگیری|پیگیری کد|کد پیگیری|کد رهگیری|رهگیری|پیگیری پرونده|پیگیری درخواست|"
        "وضعیت|وضعیت پرونده|وضعیت درخواست|استعلام وضعیت|"
        "status|track|peygiri|peigiri|pigiri|peygiry|code peygiri|vaziat|vaziyat"
    ),
    Intent.HELP: "راهنما|راهنمایی|کمک|منو|help|info|menu|rahnama|komak",
    Intent.OPT_OUT: (
        "لغو|لغو عضویت|لغو اشتراک|لغو پیامک|خاموش|غیرفعال|غیر فعال|off|stop|unsubscribe|laghv|lagv|laghve"
    ),
    Intent.OPT_IN: "عضویت|عضو|فعال|فعالسازی|فعال سازی|روشن|on|start|subscribe|ozviat|ozviyat|faal",
}
_INTENT_OF: Final[Mapping[str, Intent]] = {
    word: intent for intent, words in _WORDS.items() for word in words.split("|")
}
_MARKS: Final = " .,;:!\"'()[]-*#/"
_ASKING: Final = "?"
_NUMBERS: Final = re.compile(r"[0-9 -]+")
_OPERATOR_SUFFIX: Final = frozenset({"", "11"})
"""«لغو ۱۱» is what the operators taught people to send."""
_NUMBER_DIGITS: Final = range(4, 13)
_RATINGS: Final = frozenset("12345")


def read_command(normalized_text: str, codes: tuple[str, ...] = ()) -> Intent:
    """The command that the whole normalised text is, else `Intent.MESSAGE`."""
    if len(normalized_text) > _LONGEST:
        return Intent.MESSAGE
    said = normalized_text.strip(_MARKS)
    if said == _ASKING:
        return Intent.HELP
    if said in _RATINGS:
        return Intent.RATING
    words, number = _parted(said)
    intent = _INTENT_OF.get(words)
    if not words and codes and len(number) == len(codes[-1]):
        return Intent.STATUS
    if intent is None or not _goes_with(intent, number):
        return Intent.MESSAGE
    return intent


def _parted(said: str) -> tuple[str, str]:
    """The words and the digits of a text that has its digits in one place, at either end."""
    said = said.replace("\u200c", " ")
    runs = [run for run in _NUMBERS.findall(said) if run.strip(" -")]
    if len(runs) > 1:
        return said, ""
    words = said.replace(runs[0], " ") if runs else said
    number = "".join(filter(str.isdigit, runs[0])) if runs else ""
    return " ".join(words.strip(_MARKS + _ASKING).split()), number


def _goes_with(intent: Intent, number: str) -> bool:
    if intent is Intent.STATUS:
        return not number or len(number) in _NUMBER_DIGITS
    if intent is Intent.OPT_OUT:
        return number in _OPERATOR_SUFFIX
    return not number
