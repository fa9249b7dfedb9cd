"""Phrases are found at the beginning of a word, however the words are joined."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from message_router.matcher import PhraseMatcher, key_of, spoken
from persian.normalize import normalize


def found(phrases: list[str], text: str) -> set[str]:
    keys = PhraseMatcher(phrases).find(spoken(normalize(text)))
    return {phrase for phrase in phrases if key_of(phrase) in keys}


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("سابقه بیمه", "سابقه‌بیمه من"),
        ("سابقه بیمه", "سابقهبیمه"),
        ("کارفرما", "از كارفرمايم شکایت دارم"),
        ("بیمه شده", "(بیمه‌شده‌ها)"),
        ("می خواهم", "می‌خواهم میخواهم"),
        ("وام.", "وامم را بدهید"),
        ("وام.", "وام‌های بازنشستگان"),
        ("ماده 38", "مفاصا حساب ماده ۳۸"),
        ("hoghugh", "hoghoogh nadadid"),
        ("bime bikari", "BIMEH BIKARI mikham"),
        ("peygiri", "peigiri"),
    ],
)
def test_a_phrase_is_found(phrase: str, text: str) -> None:
    assert found([phrase], text) == {phrase}


@pytest.mark.parametrize(
    ("phrase", "text"),
    [("کار", "همکار"), ("وام.", "وامانده"), ("بیمه بیکاری", "بیمه، بیکاری"), ("فیش.", "فیشینگ")],
)
def test_a_phrase_is_not_found(phrase: str, text: str) -> None:
    assert not found([phrase], text)


def test_the_longest_phrase_at_a_word_speaks() -> None:
    phrases = ["بازنشسته", "بازنشسته هستم", "هستم"]
    assert found(phrases, "بازنشسته هستم") == {"بازنشسته هستم", "هستم"}


def test_no_phrases_find_nothing() -> None:
    assert PhraseMatcher([]).find("سلام") == []


@given(
    st.lists(st.sampled_from(["بیمه", "بیمه بیکاری", "بیکار.", "کار", "حق بیمه", "سابقه."]), unique=True),
    st.text(),
)
def test_what_is_found_is_always_a_phrase(phrases: list[str], text: str) -> None:
    keys = {key_of(phrase) for phrase in phrases}
    assert set(PhraseMatcher(phrases).find(spoken(normalize(f"بیمه {text} بیکاری حق‌بیمه")))) <= keys
