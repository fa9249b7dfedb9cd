"""A tracking code survives a person's fingers, and two gateways never mint the same one."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envelope import tracking

KEY = bytes(range(32))
sequences = st.integers(0, tracking.CAPACITY - 1)


@given(sequences)
def test_every_code_has_ten_digits_and_is_valid(sequence):
    code = tracking.mint(sequence, KEY)
    assert len(code) == 10
    assert code[0] != "0"
    assert tracking.is_valid(code)


def test_codes_of_different_numbers_never_clash():
    assert len({tracking.mint(sequence, KEY) for sequence in range(50_000)}) == 50_000


def test_codes_of_neighbours_do_not_look_alike():
    codes = [int(tracking.mint(sequence, KEY)[:9]) for sequence in range(1000)]
    gaps = [abs(later - earlier) for earlier, later in pairwise(codes)]
    assert min(gaps) > 1000
    assert sum(gaps) / len(gaps) > tracking.CAPACITY / 10


def test_another_key_gives_other_codes():
    assert tracking.mint(1, KEY) != tracking.mint(1, bytes(32))


@given(sequences, st.integers(0, 9), st.integers(1, 9))
def test_every_single_wrong_digit_is_caught(sequence, position, shift):
    code = tracking.mint(sequence, KEY)
    wrong = code[:position] + str((int(code[position]) + shift) % 10) + code[position + 1 :]
    assert not tracking.is_valid(wrong)


@given(sequences, st.integers(0, 8))
def test_every_swap_of_neighbours_is_caught(sequence, position):
    code = tracking.mint(sequence, KEY)
    swapped = code[:position] + code[position + 1] + code[position] + code[position + 2 :]
    assert swapped == code or not tracking.is_valid(swapped)


@pytest.mark.parametrize(
    "write",
    [
        lambda code: code,
        tracking.spaced,
        lambda code: code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")),
        lambda code: (
            tracking.spaced(code).replace(" ", "-").translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
        ),
        lambda code: f" {code}\u200f",
    ],
)
def test_a_code_is_read_back_however_it_is_typed(write):
    code = tracking.mint(7, KEY)
    assert tracking.parse(write(code)) == code


@pytest.mark.parametrize("typed", ["", "123", "0123456789", "12345678901", "1९९९९९९९९९", "کد ندارم"])
def test_what_is_no_code_is_not_taken_for_one(typed):
    assert tracking.parse(typed) is None


@pytest.mark.parametrize("sequence", [-1, tracking.CAPACITY])
def test_a_number_outside_the_domain_is_refused(sequence):
    with pytest.raises(ValueError, match="out of range"):
        tracking.mint(sequence, KEY)
