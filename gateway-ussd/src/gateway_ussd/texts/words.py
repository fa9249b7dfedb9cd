"""Our own words in the three tongues, one table a kind of word, total."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from gateway_ussd.model import Screen


class Tongue(StrEnum):
    """What a person reads; the names are those of the menus' texts."""

    FA = "fa"
    EN = "en"
    FINGLISH = "finglish"


class Said(NamedTuple):
    """One sentence in every tongue."""

    fa: str
    en: str
    finglish: str

    def of(self, tongue: Tongue) -> str:
        """In one of them."""
        return self[_PLACE[tongue]]


class Way(StrEnum):
    """A key that works on every screen."""

    NEXT = "9"
    BACK = "8"
    MAIN = "0"


class Hint(StrEnum):
    """Why the same screen is shown again."""

    OPTION = "option"
    EMPTY = "empty"
    NATIONAL_ID = "national_id"
    MOBILE = "mobile"
    TRACKING_CODE = "tracking_code"
    JALALI_DATE = "jalali_date"
    SHORT = "short"
    LONG = "long"
    RESUMED = "resumed"


class Notice(StrEnum):
    """A last screen that needs no menu."""

    SAFE = "safe"
    """The answer will be texted."""
    BUSY = "busy"
    """Too many at once, or too often."""
    LOST = "lost"
    """A session that is not known any more, or a step out of order."""
    TAKEN_OVER = "taken_over"
    """The same number has begun another session."""


_PLACE: Final[Mapping[Tongue, int]] = {tongue: place for place, tongue in enumerate(Tongue)}
NAME: Final = Said("تأمین اجتماعی ۱۴۲۰", "Tamin 1420", "Tamin Ejtemaei 1420")
"""Ours, where a screen would be empty."""
_WAYS: Final[Mapping[Way, Said]] = {
    Way.NEXT: Said("۹ بعدی", "9 Next", "9 Badi"),
    Way.BACK: Said("۸ قبلی", "8 Back", "8 Ghabli"),
    Way.MAIN: Said("۰ منو", "0 Menu", "0 Menu"),
}
_HINTS: Final[Mapping[Hint, Said]] = {
    Hint.OPTION: Said("چنین گزینه‌ای نیست.", "No such option.", "Chenin gozinei nist."),
    Hint.EMPTY: Said("چیزی نرسید.", "Nothing was typed.", "Chizi nareside."),
    Hint.NATIONAL_ID: Said(
        "کد ملی درست نیست؛ ۱۰ رقم است.",
        "That is not a national ID; it has 10 digits.",
        "Kode melli dorost nist; 10 ragham ast.",
    ),
    Hint.MOBILE: Said(
        "شماره همراه درست نیست؛ مانند ۰۹۱۲۱۲۳۴۵۶۷",
        "That is not a mobile number, such as 09121234567.",
        "Shomare hamrah dorost nist; manande 09121234567.",
    ),
    Hint.TRACKING_CODE: Said(
        "کد پیگیری درست نیست؛ ۱۰ رقم است.",
        "That is not a tracking code; it has 10 digits.",
        "Kode peygiri dorost nist; 10 ragham ast.",
    ),
    Hint.JALALI_DATE: Said(
        "تاریخ درست نیست؛ مانند ۱۴۰۵/۸/۳۰",
        "That is not a Persian date, such as 1405/8/30.",
        "Tarikh dorost nist; manande 1405/8/30.",
    ),
    Hint.SHORT: Said("کمی بیشتر بنویسید.", "Please write a little more.", "Kami bishtar benevisid."),
    Hint.LONG: Said("کوتاه‌تر بنویسید.", "Please write less.", "Kootahtar benevisid."),
    Hint.RESUMED: Said("از همان‌جا ادامه می‌دهیم.", "We go on from there.", "Az haman ja edame midahim."),
}
_NOTICES: Final[Mapping[Notice, Said]] = {
    Notice.SAFE: Said(
        "پاسخ را با پیامک می‌فرستیم.\nتأمین اجتماعی ۱۴۲۰",
        "We will text you the answer.\nTamin 1420",
        "Pasokh ra ba payamak miferestim.\nTamin Ejtemaei 1420",
    ),
    Notice.BUSY: Said(
        "اکنون درخواست‌ها بسیار است. لطفاً چند دقیقه دیگر شماره‌گیری کنید.",
        "Many people are calling. Please dial again in a few minutes.",
        "Aknoon darkhastha besyar ast. Lotfan chand daghighe digar tamas begirid.",
    ),
    Notice.LOST: Said(
        "این گفت‌وگو به پایان رسیده است. لطفاً دوباره شماره‌گیری کنید.",
        "This session has ended. Please dial again.",
        "In goftogoo be payan reside ast. Lotfan dobare shomaregiri konid.",
    ),
    Notice.TAKEN_OVER: Said(
        "با این شماره گفت‌وگوی تازه‌ای آغاز شد؛ این یکی پایان یافت.",
        "A new session of this number has begun; this one has ended.",
        "Ba in shomare goftogooye tazei aghaz shod; in yeki payan yaft.",
    ),
}


def tongue_of(language: str, *, latin: bool) -> Tongue:
    """What a person of this language reads on this operator's phones."""
    if language == Tongue.EN:
        return Tongue.EN
    return Tongue.FINGLISH if latin else Tongue.FA


def way(key: Way, tongue: Tongue) -> str:
    """A key and what it does: `۹ بعدی`."""
    return _WAYS[key].of(tongue)


def hint(which: Hint, tongue: Tongue) -> str:
    """A sentence of at most 32 characters."""
    return _HINTS[which].of(tongue)


def said(which: Notice, language: str = "fa", *, latin: bool = False) -> str:
    """The words of a notice."""
    return _NOTICES[which].of(tongue_of(language, latin=latin))


def notice(which: Notice, language: str = "fa", *, latin: bool = False) -> Screen:
    """A last screen that needs no menu and no session."""
    return Screen(said(which, language, latin=latin), ends=True)
