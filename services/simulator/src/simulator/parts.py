"""How many parts a text takes, and what Kavenegar asks for it."""

import re
from typing import Final, NamedTuple

GSM_SINGLE: Final = 160
GSM_PART: Final = 153
UCS2_SINGLE: Final = 70
UCS2_PART: Final = 67

_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = "^{}\\[~]|€\f"
_GSM: Final = re.compile(f"[{re.escape(_BASIC + _EXTENDED)}]*")
_DOUBLE: Final = re.compile(f"[{re.escape(_EXTENDED)}]")


class Tariff(NamedTuple):
    """Rials a part; Persian is the cheaper one in Iran."""

    persian: int
    latin: int


class Parts(NamedTuple):
    """A text as the network carries it."""

    number: int
    unicode: bool

    def cost(self, tariff: Tariff) -> int:
        """What the message costs, in Rials."""
        return self.number * (tariff.persian if self.unicode else tariff.latin)


def split(text: str) -> Parts:
    """GSM-7 if every letter allows it (160, then 153 a part), else UCS-2 (70, then 67)."""
    if _GSM.fullmatch(text):
        units = len(text) + len(_DOUBLE.findall(text))
        return Parts(_count(units, GSM_SINGLE, GSM_PART), unicode=False)
    units = len(text.encode("utf-16-be", "surrogatepass")) // 2
    return Parts(_count(units, UCS2_SINGLE, UCS2_PART), unicode=True)


def _count(units: int, single: int, part: int) -> int:
    return 1 if units <= single else -(-units // part)
