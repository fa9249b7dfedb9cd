"""What is typed one way is found when it is looked for in another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persian.search import LONGEST_TOKEN, MOST_TERMS, found_in, search_key, search_terms


def finds(query: str, text: str) -> bool:
    """Whether a text has a token of every term, the last one by its beginning."""
    tokens, terms = search_key(text).split(), search_terms(query)
    whole = all(any(token in tokens for token in term) for term in terms[:-1])
    return bool(terms) and whole and any(token.startswith(terms[-1]) for token in tokens)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("می‌خواهم", "من می خواهم بازنشسته شوم"),
        ("می خواهم", "من می‌خواهم بازنشسته شوم"),
        ("میخواهم", "من می‌خواهم بازنشسته شوم"),
        ("میخواهم", "من می خواهم بازنشسته شوم"),
        ("می‌خواهم", "من میخواهم بازنشسته شوم"),
        ("می خواهم", "من میخواهم بازنشسته شوم"),
        ("بیمه شده", "بیمه‌شدهٔ اصلی"),
        ("بیمه‌شده", "بیمه شده اصلی"),
        ("بيمه كارفرما", "بیمهٔ کارفرمای من"),
        ("نامه ها", "نامه‌ها رسید"),
        ("نامه‌ها", "نامه ها رسید"),
        ("۱۴۰۵", "سال 1405"),
        ("1405", "سال ١٤٠٥"),
        ("بازنش", "حقوق بازنشستگی پدرم"),
        ("حقوق بازنش", "حقوقِ بازنشستگیِ پدرم"),
        ("مُستَمِری", "مستمری"),
        ("TAMIN", "سامانه tamin"),
        ("واریز؟!", "واریز نشده"),
    ],
)
def test_every_spelling_finds_every_other(query, text):
    assert finds(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [("حقوق پدر", "حقوق مادرم"), ("نشستگی", "بازنشستگی"), ("بازنش حقوق", "بازنشستگی حقوق")],
)
def test_a_word_that_is_not_there_is_not_found(query, text):
    assert not finds(query, text)


@pytest.mark.parametrize("query", ["", "   ", "و از به", "!!! :* & | ()", "\0\u202e", "\u200c"])
def test_of_a_query_without_words_nothing_is_left(query):
    assert search_terms(query) == []


@given(st.text(max_size=300))
def test_tokens_are_letters_and_digits_alone_and_never_long(text):
    tokens = [*search_key(text).split(), *(token for term in search_terms(text) for token in term)]
    assert all(token.isalnum() and len(token) <= LONGEST_TOKEN for token in tokens)
    assert len(search_terms(text)) <= MOST_TERMS


@given(st.text(max_size=300))
def test_a_key_holds_each_token_once_and_is_its_own_key(text):
    key = search_key(text)
    assert len(set(key.split())) == len(key.split())


def test_the_place_is_told_in_the_text_as_it_was_typed():
    text = "سلام، می‌خواهم بدانم حقوقِ «بازنشستگی» کی واریز می‌شود"
    marks = [text[start:end] for start, end in found_in(text, search_terms("میخواهم بازنشست"))]
    assert marks == ["می‌خواهم", "«بازنشستگی»"]
