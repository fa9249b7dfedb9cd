"""What was dialled, taken apart: the service code, and the way into the menus that was dialled behind it."""

import re
from typing import Final

from envelope.addresses import latin_digits
from gateway_ussd.providers.fields import unreadable

_BARE: Final = re.compile(r"[0-9]{1,10}(?:\*[0-9]{1,10}){0,9}")


def service_code(raw: str, name: str) -> str:
    """`4*1420`, `*4*1420`, `*4*1420#`, in any digits → `*4*1420#`.

    Raises:
        UnreadableError: not a code that a phone can dial.
    """
    bare = _bare(raw)
    if not _BARE.fullmatch(bare):
        unreadable(name, "is not a service code")
    return f"*{bare}#"


def tail(dialled: str, code: str) -> str | None:
    """What was dialled behind the code: `*4*1420*1*2#` behind `*4*1420#` → `1*2`; empty for the code alone.

    None where something else was dialled.
    """
    bare, whole = _bare(dialled), _bare(code)
    if bare == whole:
        return ""
    return bare[len(whole) + 1 :] if bare.startswith(f"{whole}*") else None


def parts(typed: str) -> tuple[str, ...]:
    """The inputs of a chain: `1*2` → `1`, `2`; nothing → none."""
    return tuple(typed.split("*")) if typed else ()


def _bare(raw: str) -> str:
    return latin_digits(raw.strip()).removeprefix("*").removesuffix("#")
