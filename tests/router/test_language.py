"""The language to answer in."""

import pytest

from envelope.models import Language
from message_router.language import language_of
from persian.normalize import normalize


@pytest.mark.parametrize(
    "text",
    [
        "سلام حقوق من واریز نشده",
        "salam hoghugh man variz nashode",
        "lotfan shobe ro avaz konid",
        "bime man ghat shode, please help",
        "MRI درمانگاه دارید؟ please",
        "12345",
        "?",
        "",
        "OFF",
        "👏👏",
        "in bime an shobe",
    ],
)
def test_persian_and_finglish_are_answered_in_persian(text: str) -> None:
    assert language_of(normalize(text)) is Language.FA


@pytest.mark.parametrize(
    "text",
    [
        "Hello, when will my pension be paid?",
        "How do I get a copy of my insurance record",
        "I have not received the code.",
        "help",
        "status 1234567890",
    ],
)
def test_english_is_answered_in_english(text: str) -> None:
    assert language_of(normalize(text)) is Language.EN
