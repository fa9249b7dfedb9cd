"""Who is entitled to the support basket, as whoever gives it would say: decided by the id alone."""

from typing import Final

ENTITLED: Final = "این کد ملی مشمول سبد حمایتی است. اعتبار به کارت سرپرست خانوار می‌آید."
NOT_ENTITLED: Final = "این کد ملی در این مرحله مشمول سبد حمایتی نیست."


def is_entitled(national_id: str) -> bool:
    """Whether the digit before the check digit is even: `0790419904` is, `0013542419` is not."""
    return int(national_id[-2]) % 2 == 0


def words(national_id: str) -> str:
    """The same as a sentence."""
    return ENTITLED if is_entitled(national_id) else NOT_ENTITLED
