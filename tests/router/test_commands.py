"""A command is the whole message, or it is no command."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envelope import tracking
from envelope.models import Intent
from message_router.codes import cited_codes
from message_router.commands import read_command
from persian.normalize import normalize

CODE = tracking.mint(7, bytes(range(32)))


def intent_of(text: str) -> Intent:
    normalized = normalize(text)
    return read_command(normalized, cited_codes(normalized))


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("پیگیری", Intent.STATUS),
        ("پيگيري", Intent.STATUS),
        ("پیگیری؟", Intent.STATUS),
        ("«پیگیری»", Intent.STATUS),
        (f"پیگیری {CODE}", Intent.STATUS),
        (f"پیگیری:{tracking.spaced(CODE)}", Intent.STATUS),
        ("پیگیری ۳۰۹۱۷۷۴۲", Intent.STATUS),
        (f"وضعیت پرونده {CODE}", Intent.STATUS),
        (f"{CODE} وضعیت", Intent.STATUS),
        (CODE, Intent.STATUS),
        (tracking.spaced(CODE), Intent.STATUS),
        ("Status", Intent.STATUS),
        (f"STATUS {CODE}", Intent.STATUS),
        ("peygiri", Intent.STATUS),
        ("راهنما", Intent.HELP),
        ("Help!", Intent.HELP),
        ("؟", Intent.HELP),
        ("???", Intent.HELP),
        ("لغو", Intent.OPT_OUT),
        ("لغو ۱۱", Intent.OPT_OUT),
        ("لغو۱۱", Intent.OPT_OUT),
        ("لغو 11.", Intent.OPT_OUT),
        ("لغوووو", Intent.OPT_OUT),
        ("OFF", Intent.OPT_OUT),
        ("stop", Intent.OPT_OUT),
        ("عضویت", Intent.OPT_IN),
        ("فعال", Intent.OPT_IN),
        ("on", Intent.OPT_IN),
        ("START", Intent.OPT_IN),
        ("5", Intent.RATING),
        ("۱", Intent.RATING),
        ("٣.", Intent.RATING),
        (" ۴ \n", Intent.RATING),
    ],
)
def test_a_text_that_is_only_the_command_is_the_command(text: str, intent: Intent) -> None:
    assert intent_of(text) is intent


@pytest.mark.parametrize(
    "text",
    [
        "چرا بیمه من لغو شده",
        "لغو شد",
        "لغو قرارداد",
        "لغو ۱۲",
        "بیمه ام را لغو نکنید",
        "پیگیری کنید لطفا",
        "پیگیری بیمه بیکاری من چی شد",
        "وضعیت بیمارستان خوب نیست",
        f"کد من {CODE} است چرا جواب نمی دهید",
        "راهنمایی کنید چطور بازنشسته شوم",
        "فعال سازی رمز چطوریه",
        "0",
        "6",
        "۵ روز",
        "55",
        "1 2",
        "123456",
        "سلام",
        "",
        "!",
        "on the way",
        "stop this",
        "لغو " * 30,
    ],
)
def test_a_message_that_contains_a_command_is_a_message(text: str) -> None:
    assert intent_of(text) is Intent.MESSAGE


def test_a_wrong_code_alone_is_a_message_for_a_person_to_read() -> None:
    assert intent_of(CODE[:-1] + str((int(CODE[-1]) + 1) % 10)) is Intent.MESSAGE


@given(st.text(max_size=60))
def test_any_text_has_an_intent(text: str) -> None:
    assert intent_of(text) in Intent
