"""Numbers that behave by their last four digits, so that a test or a demo can ask for any ending."""

from enum import StrEnum
from typing import Final, NamedTuple

ENDING_DIGITS: Final = 4


class Behaviour(StrEnum):
    """What the world does with a message to (or from) a number."""

    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    BLOCKED = "blocked"
    FAILED = "failed"
    NO_CREDIT = "no_credit"
    SLOW = "slow"
    OUTAGE = "outage"
    TAKEN_THEN_SILENT = "taken_then_silent"
    PUSHED_TWICE = "pushed_twice"
    PUSH_LOST = "push_lost"
    OUT_OF_ORDER = "out_of_order"
    BUSY_ONCE = "busy_once"
    BAD_RECEPTOR = "bad_receptor"
    STUCK = "stuck"


class MagicNumber(NamedTuple):
    """One row of the table that the phone's help panel and the README show."""

    ending: str
    behaviour: Behaviour
    title: str
    """In Persian, for the phone."""
    meaning: str
    """In English, for the README."""


MAGIC_NUMBERS: Final = (
    MagicNumber("0001", Behaviour.DELIVERED, "می‌رسد", "delivered (10), as any ordinary number"),
    MagicNumber("0002", Behaviour.UNDELIVERED, "خاموش است؛ نمی‌رسد", "undelivered (11)"),
    MagicNumber("0003", Behaviour.BLOCKED, "پیامک تبلیغاتی را بسته است", "blocked by the receiver (14)"),
    MagicNumber("0004", Behaviour.FAILED, "خطای اپراتور", "failed at the line operator (6)"),
    MagicNumber("0005", Behaviour.NO_CREDIT, "اعتبار تمام است", "the call is refused with 418"),
    MagicNumber("0006", Behaviour.SLOW, "پاسخ کند", "the answer to the call is slow"),
    MagicNumber("0007", Behaviour.OUTAGE, "خطای ۵۰۳ سرویس‌دهنده", "HTTP 503 and an HTML page"),
    MagicNumber(
        "0008",
        Behaviour.TAKEN_THEN_SILENT,
        "پیام را می‌گیرد، جواب نمی‌دهد",
        "message taken, answer only after a long silence (once per localid)",
    ),
    MagicNumber("0009", Behaviour.PUSHED_TWICE, "هر خبر دوبار می‌آید", "each MO and DLR is pushed twice"),
    MagicNumber("0010", Behaviour.PUSH_LOST, "خبرش گم می‌شود", "MO and DLR are never pushed"),
    MagicNumber("0011", Behaviour.OUT_OF_ORDER, "گزارش‌ها پس‌وپیش", "DLR 10 is pushed before DLR 4"),
    MagicNumber("0012", Behaviour.BUSY_ONCE, "بار اول «بعداً تلاش کنید»", "409 at first, then as usual"),
    MagicNumber("0013", Behaviour.BAD_RECEPTOR, "گیرنده نامعتبر", "the call is refused with 411"),
    MagicNumber("0014", Behaviour.STUCK, "در مخابرات می‌ماند", "stays at the telecom (4 or 5) for ever"),
)
_BY_ENDING: Final = {row.ending: row.behaviour for row in MAGIC_NUMBERS}


def behaviour_of(number: str) -> Behaviour:
    """What a number's last four digits ask for; an ordinary number's messages are delivered."""
    return _BY_ENDING.get(number[-ENDING_DIGITS:], Behaviour.DELIVERED)


def is_landline(number: str) -> bool:
    """Whether a national number is no mobile's and of this country: no SMS reaches it."""
    return number.startswith("0") and not number.startswith(("09", "00"))
