"""Digits as Persian readers expect them; the way back is `envelope.addresses.latin_digits`."""

from typing import Final

_PERSIAN: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def persian_digits(text: str | float) -> str:
    """`123` → `۱۲۳`; everything but digits stays."""
    return str(text).translate(_PERSIAN)


def counted(number: int) -> str:
    """`1561726` → `۱٬۵۶۱٬۷۲۶`, with the Persian thousands separator."""
    return persian_digits(f"{number:,}").replace(",", "٬")
