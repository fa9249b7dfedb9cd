"""Whatever the text, every page fits over the air, nothing is lost, and the keys lead through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envelope.parts import Encoding, estimate
from gateway_ussd import paging

KEYS = {"fa": "۹ بعدی ۸ قبلی ۰ منو", "en": "9 Next 8 Back 0 Menu"}
SENTENCE = "سابقه بیمه شما در سامانه ثبت شده است و می‌توانید آن را از درگاه خدمات غیرحضوری ببینید."


def keys(language):
    def ways(start, *, more):
        return KEYS[language] if more else KEYS[language].split(" ", 2)[2] if start else ""

    return ways


def pages_of(pieces, ways, prefix=""):
    start, shown = 0, []
    while start is not None:
        page = paging.page(pieces, start, ways, prefix)
        assert page.following is None or page.following > start
        shown.append(page.text)
        start = page.following
    return shown


def goes_over_the_air(text):
    size = estimate(text)
    if size.encoding is Encoding.GSM7:
        return size.units <= 160
    return size.units <= 70 and len(text.encode("utf-16-be")) <= 160


words = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=90
) | st.sampled_from([*SENTENCE.split(), "{[~]}", "€€€", "😀" * 40, "a" * 200])
texts = st.lists(words, max_size=60).map(" ".join)


@given(
    text=texts, rows=st.lists(texts, max_size=12), language=st.sampled_from(["fa", "en"]), hint=st.booleans()
)
def test_every_page_of_any_text_fits(text, rows, language, hint):
    gsm = language == "en" and all(map(paging.is_gsm, (text, *rows)))
    pieces = [*paging.flowing(text), *(paging.line(row, gsm=gsm) for row in rows)]
    prefix = "" if not hint else "چنین گزینه‌ای نیست." if language == "fa" else "No such option."
    for page in pages_of(pieces, keys(language), prefix):
        assert goes_over_the_air(page)
        assert paging.fits(page)


@given(text=texts, language=st.sampled_from(["fa", "en"]))
def test_the_pages_together_are_the_text(text, language):
    shown = pages_of(paging.flowing(text), keys(language))
    bare = "".join(
        page.removesuffix(KEYS[language]).removesuffix(KEYS[language].split(" ", 2)[2]) for page in shown
    )
    assert "".join(bare.split()) == "".join(text.split())


def test_a_text_is_cut_between_words():
    shown = pages_of(paging.flowing(SENTENCE), keys("fa"))
    assert len(shown) > 1
    told = [word for page in shown for word in page.rpartition("\n")[0].split() or page.split()]
    assert " ".join(told) == SENTENCE


@pytest.mark.parametrize(("letter", "language", "most"), [("ب", "fa", 70), ("a", "en", 160)])
def test_a_page_is_filled_to_its_last_place_and_no_further(letter, language, most):
    ways = keys(language)
    sizes = set()
    for odd in ("", letter):
        text = " ".join([odd + letter, *[letter] * 300])
        sizes |= {len(page) for page in pages_of(paging.flowing(text), ways)}
    assert max(sizes) == most


def test_one_page_has_no_keys_that_lead_on():
    assert pages_of(paging.flowing("سلام"), keys("fa")) == ["سلام"]


def test_lines_break_where_the_text_breaks():
    assert pages_of(paging.flowing("یک\n\nدو سه"), keys("fa")) == ["یک\nدو سه"]


@pytest.mark.parametrize(
    ("row", "gsm", "shown"),
    [
        ("۱ سابقه بیمه", False, "۱ سابقه بیمه"),
        ("۱ شرایط بازنشستگی پیش از موعد در مشاغل سخت", False, "۱ شرایط بازنشستگی پیش از…"),
        ("۱ " + "ب" * 40, False, "۱ " + "ب" * 25 + "…"),
        ("1 " + "a" * 90, True, "1 " + "a" * 66 + ".."),
    ],
)
def test_a_row_that_is_too_long_ends_in_an_ellipsis(row, gsm, shown):
    assert paging.line(row, gsm=gsm).text == shown


def test_a_row_is_never_parted():
    rows = [f"{number} {'گزینه' * 4}" for number in range(1, 8)]
    shown = pages_of([paging.line(row, gsm=False) for row in rows], keys("fa"))
    assert [line for page in shown for line in page.splitlines() if line in rows] == rows


def test_a_hint_that_leaves_no_room_is_dropped():
    ways = keys("fa")
    row = paging.line("ب" * 28, gsm=False)
    assert paging.page([row, row], 0, ways, "ه" * 40).text == f"{row.text}\n{row.text}"
    assert paging.page([row, row, row], 0, ways, "ه" * 40).text.startswith(row.text)


@given(text=st.text(max_size=200))
def test_sizes_are_those_of_the_air(text):
    size = estimate(text)
    gsm = paging.is_gsm(text)
    assert gsm == (size.encoding is Encoding.GSM7)
    assert paging.units(text, gsm=gsm) == size.units
