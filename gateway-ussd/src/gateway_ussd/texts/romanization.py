"""Persian words in Latin letters, for phones that show no others: letter by letter, readable, not pretty.

Menus bring their own Finglish; this is for what a lookup brings (a street, a name).
"""

import re
import unicodedata
from typing import Final

from envelope.addresses import latin_digits

_LETTERS: Final = (
    "ا=a آ=a أ=a إ=e ب=b پ=p ت=t ث=s ج=j چ=ch ح=h خ=kh د=d ذ=z ر=r ز=z ژ=zh س=s ش=sh ص=s ض=z ط=t ظ=z ع=a "
    "غ=gh ف=f ق=gh ک=k ك=k گ=g ل=l م=m ن=n و=v ؤ=o ه=h ة=e ۀ=e ی=i ي=i ى=a ئ=e ء= ـ= \u200c= "
    '،=, ؛=; ؟=? ٪=% ٫=. ٬=, «=" »=" “=" ”=" ‘=\' ’=\' `=\' –=- —=- …=...'
)
_WORDS: Final = (
    "از=az است=ast این=in آن=an با=ba برای=baraye به=be بعد=bad تا=ta در=dar را=ra که=ke نیست=nist و=va "
    "یا=ya شما=shoma می‌شود=mishavad شده=shode شد=shod کنید=konid سال=sal ماه=mah روز=rooz یک=yek دو=do سه=se "
    "شعبه=shobe خیابان=khiaban کوچه=kooche میدان=meydan بلوار=bolvar بزرگراه=bozorgrah پلاک=pelak نبش=nabsh "
    "جنب=janb طبقه=tabaghe روبه‌روی=rooberooye تلفن=telefon استان=ostan شهر=shahr تهران=tehran مرکزی=markazi "
    "شرقی=sharghi غربی=gharbi شمالی=shomali جنوبی=jonoobi بیمه=bime سابقه=sabeghe درمان=darman "
    "مستمری=mostamari بازنشستگی=bazneshastegi سبد=sabad حمایتی=hemayati مشمول=mashmool کد=kod ملی=melli "
    "پرونده=parvande پاسخ=pasokh پیام=payam بررسی=barresi دست=dast نوبت=nobat داده=dade بسته=baste حق=hagh "
    "کارفرما=karfarma"
)
"""Words that come often and whose vowels nobody would guess."""
_TABLE: Final = str.maketrans(dict(pair.split("=") for pair in _LETTERS.split(" ")))
_KNOWN: Final = dict(pair.split("=") for pair in _WORDS.split(" "))
_VAV: Final = re.compile(r"(?<=[^\W\d_aeiou])v(?=[^\W\d_aeiou])")
_FINAL_HEH: Final = re.compile(r"(?<=[^\Waeiouscgkz\d_])h(?!\w)")
_PERSIAN: Final = re.compile(r"[\u0620-\u065f\u066e-\u06d5\u200c]+")
_NOT_GSM: Final = re.compile(r"[^\n !-_a-z£¥èéùìòÇØøÅåÆæßÉÄÖÑÜ§äöñüà¿¡€{|}~]")


def romanized(text: str) -> str:
    """The text in characters of GSM 03.38 alone; what has no Latin likeness is left out."""
    if _NOT_GSM.search(text) is None:
        return text
    latin = _PERSIAN.sub(_word, latin_digits(text)).translate(_TABLE)
    return "".join(map(_plain, latin))


def _word(found: re.Match[str]) -> str:
    """`خوب` reads as `khob`, `خانه` as `khane`: a vav between consonants and a last heh are vowels."""
    known = _KNOWN.get(found[0])
    return _FINAL_HEH.sub("e", _VAV.sub("o", found[0].translate(_TABLE))) if known is None else known


def _plain(character: str) -> str:
    """The letter under an accent; nothing for what the alphabet lacks."""
    bare = unicodedata.normalize("NFKD", character)[:1] if _NOT_GSM.match(character) else character
    return "" if _NOT_GSM.match(bare) else bare
