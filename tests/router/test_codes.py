"""Tracking codes that people cite."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envelope import tracking
from message_router.codes import cited_codes
from persian.normalize import normalize

KEY = bytes(range(32))
A, B = (tracking.mint(number, KEY) for number in (7, 8))
PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def wrong(code: str) -> str:
    return code[:-1] + str((int(code[-1]) + 1) % 10)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (A, (A,)),
        (f"کد پیگیری {A} چی شد؟", (A,)),
        (A.translate(PERSIAN_DIGITS), (A,)),
        (tracking.spaced(A), (A,)),
        (tracking.spaced(A).translate(PERSIAN_DIGITS).replace(" ", "-"), (A,)),
        (f"{A[:5]} {A[5:]}", (A,)),
        (" ".join(A[at : at + 2] for at in range(0, 10, 2)), (A,)),
        (f"({A})،{B}.", (A, B)),
        (f"{B} و {A} و باز {B}", (B, A)),
        (f"{A} {B}", (A, B)),
        (f"کد:{A}را ببینید", (A,)),
        (f"{A} ۲ روز پیش", (A,)),
    ],
)
def test_a_code_is_found_however_it_is_written(text: str, codes: tuple[str, ...]) -> None:
    assert cited_codes(normalize(text)) == codes


@pytest.mark.parametrize(
    "text",
    [
        f"0{A}",
        f"{A}0",
        f"شماره من 0{A[:3]} {A[3:6]} {A[6:]}",
        f"+98 {tracking.spaced(A)}",
        f"{A}123456",
        "6037 9918 1234 5678",
        f"{A[:4]} {A[4:]}",
        f"{A[:9]} {A[9]}",
        f"{A[:3]}  -  {A[3:6]} / {A[6:]}",
        f"{A[:3]} {A[3:6]}-{A[6:]}",
        f"{A[:3]}. {A[3:6]}. {A[6:]}",
        wrong(A),
        tracking.spaced(wrong(A)),
        "१२३४५६७८९० 1२३४५६७८९०",
        "سال 1404 شماره 123456",
        "",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert cited_codes(normalize(text)) == ()


def test_the_code_of_the_field_comes_first_and_once() -> None:
    assert cited_codes(f"{A} {B}", refers_to=B) == (B, A)
    assert cited_codes("", refers_to=B) == (B,)


@given(st.text(alphabet=st.sampled_from("0123456789۰۱۲۳٤٥٦ -\u200cاa.\n"), max_size=60))
def test_nothing_but_valid_codes_is_ever_cited(text: str) -> None:
    codes = cited_codes(normalize(text))
    assert all(map(tracking.is_valid, codes))
    assert len(set(codes)) == len(codes)


@given(st.integers(0, tracking.CAPACITY - 1), st.sampled_from(["کد {} لطفا", "{}", "پیگیری:{}", "{}؟"]))
def test_every_minted_code_is_found_as_we_print_it(number: int, sentence: str) -> None:
    code = tracking.mint(number, KEY)
    assert cited_codes(normalize(sentence.format(tracking.spaced(code)))) == (code,)
