"""What the lookups of the shipped menus might bring, for a dialler and a picture that ask nobody."""

from collections.abc import Mapping
from typing import Any, Final

TRACKING_CODE: Final = "1420142013"
"""Well formed; nobody's."""
TYPED: Final[Mapping[str, str]] = {
    "national_id": "0790419904",
    "mobile": "09121234567",
    "tracking_code": TRACKING_CODE,
    "jalali_date": "1405/8/30",
    "text": "سابقه بیمه من ناقص است.",
}
"""What might be typed into an input, by its validator."""

RESULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "my_case": {"state": "open", "words": "در دست بررسی", "due": "۱۴۰۵/۰۹/۰۳"},
    "my_cases": {
        "cases": [
            {"code": TRACKING_CODE, "words": "در دست بررسی"},
            {"code": "1420142021", "words": "پاسخ داده شد"},
        ]
    },
    "basket": {"entitled": True, "words": "این کد ملی مشمول سبد حمایتی است."},
    "answers": {
        "answers": [
            {
                "title": "شرایط بازنشستگی",
                "text": "شرایط بازنشستگی به سن و سابقه بیمه بستگی دارد. سابقه خود را در es.tamin.ir ببینید "
                "یا به نزدیک‌ترین شعبه بروید.",
            },
            {"title": "زمان واریز مستمری", "text": "مستمری هر ماه در روزهای پایانی ماه واریز می‌شود."},
        ]
    },
    "branches": {
        "branches": [
            {"name": "شعبه یک", "address": "خیابان آزادی، کوچه نسترن، پلاک ۱۲", "phone": "021-10001420"},
            {"name": "شعبه دو", "address": "میدان امام خمینی، خیابان سپه", "phone": "021-10001421"},
        ]
    },
}
"""By the name of the lookup."""
