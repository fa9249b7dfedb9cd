"""Parts are counted as the operators count them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envelope.parts import Encoding, Parts, Prices, cost_rial, estimate

GSM7, UCS2 = Encoding.GSM7, Encoding.UCS2
ZWNJ = "\u200c"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", Parts(GSM7, 0, 1), id="nothing still goes as one part"),
        pytest.param("a" * 160, Parts(GSM7, 160, 1), id="160 Latin letters fit"),
        pytest.param("a" * 161, Parts(GSM7, 161, 2), id="161 do not"),
        pytest.param("a" * 306, Parts(GSM7, 306, 2), id="two full joined parts"),
        pytest.param("a" * 307, Parts(GSM7, 307, 3), id="and one letter more"),
        pytest.param("{" * 80, Parts(GSM7, 160, 1), id="80 braces fit, two septets each"),
        pytest.param("{" * 81, Parts(GSM7, 162, 2), id="81 do not"),
        pytest.param(
            "a" * 152 + "{" + "a" * 10, Parts(GSM7, 164, 2), id="a brace at the seam moves over whole"
        ),
        pytest.param("a" * 152 + "{" + "a" * 152, Parts(GSM7, 306, 3), id="and costs a part there"),
        pytest.param("€", Parts(GSM7, 2, 1), id="the euro sign is in the extension table"),
        pytest.param("`", Parts(UCS2, 1, 1), id="the backtick is in neither table"),
        pytest.param("\x1b", Parts(UCS2, 1, 1), id="a bare escape is not a letter"),
        pytest.param("س" * 70, Parts(UCS2, 70, 1), id="70 Persian letters fit"),
        pytest.param("س" * 71, Parts(UCS2, 71, 2), id="71 do not"),
        pytest.param("س" * 134, Parts(UCS2, 134, 2), id="two full joined Persian parts"),
        pytest.param("س" * 135, Parts(UCS2, 135, 3), id="and one letter more in Persian"),
        pytest.param(f"a{ZWNJ}b", Parts(UCS2, 3, 1), id="one ZWNJ makes a Latin text UCS-2"),
        pytest.param("می" + ZWNJ + "خواهم", Parts(UCS2, 8, 1), id="ZWNJ counts as one"),
        pytest.param("😀" * 35, Parts(UCS2, 70, 1), id="35 emoji fit, two units each"),
        pytest.param("😀" * 36, Parts(UCS2, 72, 2), id="36 do not"),
        pytest.param("س" * 66 + "😀" + "س" * 66, Parts(UCS2, 134, 3), id="a surrogate pair is never split"),
    ],
)
def test_a_text_takes_so_many_parts(text: str, expected: Parts) -> None:
    assert estimate(text) == expected


@given(st.text(max_size=400))
def test_a_part_never_holds_more_than_it_can(text: str) -> None:
    counted = estimate(text)
    single, joined = (160, 153) if counted.encoding is GSM7 else (70, 67)
    assert counted.parts >= 1
    assert counted.units <= (single if counted.parts == 1 else counted.parts * joined)


@given(st.text(max_size=400))
def test_no_more_parts_are_charged_than_needed_but_for_pairs_kept_whole(text: str) -> None:
    counted = estimate(text)
    joined = 153 if counted.encoding is GSM7 else 67
    if counted.parts > 1:
        assert counted.units > (counted.parts - 1) * (joined - 1)


@given(st.text(max_size=200).filter(lambda text: estimate(text).encoding is UCS2))
def test_ucs2_units_are_utf16_code_units(text: str) -> None:
    assert estimate(text).units == len(text.encode("utf-16-be", "surrogatepass")) // 2


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_longer_text_is_never_cheaper(text: str, more: str) -> None:
    # At the same price a part: Latin parts hold more, so a Latin text may only become dearer by growing.
    same = Prices(persian=100, latin=100)
    assert cost_rial(estimate(text + more), same) >= cost_rial(estimate(text), same)


def test_a_persian_part_has_its_own_price() -> None:
    prices = Prices(persian=1_300, latin=2_900)
    assert cost_rial(estimate("س" * 71), prices) == 2_600
    assert cost_rial(estimate("salam"), prices) == 2_900
