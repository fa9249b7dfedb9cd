"""One spelling for every way to type Persian."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persian.normalize import normalize

ZWNJ = "\u200c"
PERSIAN = st.text(
    alphabet=st.one_of(
        st.characters(min_codepoint=0x0600, max_codepoint=0x06FF),
        st.sampled_from(f"يكةأإآؤئـ ًّ{ZWNJ}\u200d\u200f\u202e۱٢3 .!؟aAﷲﻻé👏\n"),
        st.characters(),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("said", "normalized"),
    [
        ("كتاب علي", "کتاب علی"),
        ("ﻻ ﮐﺘﺎب", "لا کتاب"),
        ("خانۀ ما، خانهٔ ما، مدرسة", "خانه ما, خانه ما, مدرسه"),
        ("أحمد إبراهيم ٱلله آب", "احمد ابراهیم الله اب"),
        ("مؤسسه مسئول جزء", "موسسه مسیول جز"),
        ("۱۲۳ ٤٥٦ 789", "123 456 789"),
        ("ســـلام", "سلام"),
        ("سَلامٌ عَلَیکُم", "سلام علیکم"),
        ("سلاممممم", "سلام"),
        ("ممنون", "ممنون"),
        ("1000000 تومان", "1000000 تومان"),
        (f"می{ZWNJ}روم", f"می{ZWNJ}روم"),
        (f"می{ZWNJ}{ZWNJ}{ZWNJ}روم", f"می{ZWNJ}روم"),
        (f"می {ZWNJ}روم{ZWNJ} {ZWNJ}", "می روم"),
        (f"۲{ZWNJ}ساله", "2 ساله"),
        ("چی شد؟؟؟ چرا!!!", "چی شد? چرا!"),
        ("یک،  دو\n\nسه\tچهار\u00a0پنج", "یک, دو سه چهار پنج"),
        ("«وام» ۵٪ ۱۲٫۵ ۱٬۰۰۰", '"وام" 5% 12.5 1,000'),
        ("۱۲۳—۴۵۶–۷۸۹۰", "123-456-7890"),
        ("\u202eسلام\u202c \u200fخوبی\u200e\ufeff", "سلام خوبی"),
        ("۵۰۰﷼ ﷲ", "500ریال الله"),
        ("Salam MAN Bime", "salam man bime"),
        ("5\ufe0f\u20e3", "5"),
        ("سلا\ud800م", "سلام"),
        ("", ""),
        (" \n\u200c\u200f ", ""),
    ],
)
def test_a_spelling_becomes_the_one_we_compare_by(said: str, normalized: str) -> None:
    assert normalize(said) == normalized


@given(PERSIAN)
def test_a_long_text_is_folded_like_a_short_one(text: str) -> None:
    assert normalize(f"{text} {'x ' * 600}").split()[:-600] == normalize(text).split()


@given(PERSIAN)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once


@given(PERSIAN)
def test_what_is_left_is_in_compatibility_form_without_stray_spaces(text: str) -> None:
    normalized = normalize(text)
    assert normalized == " ".join(normalized.split())
    assert not normalized.startswith(ZWNJ)
    assert not any(unicodedata.category(char) == "Cs" for char in normalized)


@pytest.mark.parametrize(
    "hostile",
    [
        "ا" * 10_000,
        "سلام " * 2_000,
        "👨‍👩‍👧‍👦" * 1_000,
        "\u202e" * 10_000,
        "\u0301" * 10_000,
        f"م{ZWNJ}" * 5_000,
        "<script>alert(1)</script>" * 400,
        "\x00\x1b[31m" * 1_000,
        "ﷺ" * 3_000,
    ],
    ids=[
        "letters",
        "words",
        "emoji",
        "overrides",
        "accents",
        "half-spaces",
        "markup",
        "controls",
        "ligatures",
    ],
)
def test_ten_thousand_characters_of_anything_are_folded(hostile: str) -> None:
    assert normalize(normalize(hostile)) == normalize(hostile)
