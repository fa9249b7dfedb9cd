"""Parts as the network counts them."""

import pytest

from simulator.parts import Parts, Tariff, split

LATIN, PERSIAN = False, True


@pytest.mark.parametrize(
    ("text", "number", "unicode"),
    [
        ("a" * 160, 1, LATIN),
        ("a" * 161, 2, LATIN),
        ("a" * 306, 2, LATIN),
        ("a" * 307, 3, LATIN),
        ("{" * 80, 1, LATIN),
        ("{" * 81, 2, LATIN),
        ("م" * 70, 1, PERSIAN),
        ("م" * 71, 2, PERSIAN),
        ("م" * 134, 2, PERSIAN),
        ("م" * 135, 3, PERSIAN),
        ("a\u200cb", 1, PERSIAN),
        ("👏" * 35, 1, PERSIAN),
        ("👏" * 36, 2, PERSIAN),
        ("\ud83d", 1, PERSIAN),
    ],
)
def test_a_text_takes_so_many_parts(text, number, unicode):
    assert split(text) == Parts(number, unicode=unicode)


def test_persian_is_the_cheaper_one():
    tariff = Tariff(persian=10, latin=25)

    assert (split("سلام").cost(tariff), split("salam").cost(tariff)) == (10, 25)
