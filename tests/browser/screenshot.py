"""Takes the README's picture of the phone: `python -m tests.browser.screenshot docs/phone.png`."""

import sys
from pathlib import Path

from tests.browser.stage import Stage, chromium, stage

OWN = "09121234567"
TALK = (
    ("سلام. سال ۸۷ تا ۸۹ عسلویه کار کردم ولی تو سوابقم فقط ۴ ماهش اومده. چطور ثابت کنم؟", True),
    (
        "پیام شما در مرکز ارتباطات مردمی ۱۴۲۰ ثبت شد.\nکد رهگیری: ۴۸۱۷۲۰۳۹۵۱\nپاسخ با پیامک می‌رسد.",
        False,
    ),
    ("۴۸۱۷۲۰۳۹۵۱", True),
    (
        "درخواست ۴۸۱۷۲۰۳۹۵۱ نزد کارشناس سوابق است. قرارداد یا فیش حقوق آن سال‌ها را به شعبه ببرید.",
        False,
    ),
    ("دستتون درد نکنه، خدا خیرتون بده", True),
)


def take(world: Stage, path: Path, size: tuple[int, int], scheme: str = "light") -> None:
    """Hold the conversation, then take the picture."""
    world.gateway.answering = False
    with chromium() as browser:
        page = browser.new_page(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            device_scale_factor=2,
            locale="fa-IR",
        )
        page.goto(world.url)
        page.wait_for_selector("#messages[aria-busy=false]", state="attached")
        for number, (text, mine) in enumerate(TALK, start=1):
            if mine:
                page.fill("#text", text)
                page.press("#text", "Enter")
                page.wait_for_selector(f".message.taken >> nth={sum(own for _, own in TALK[:number]) - 1}")
            else:
                world.send(OWN, text)
                page.wait_for_selector(f".theirs >> nth={sum(not own for _, own in TALK[:number]) - 1}")
        page.evaluate("document.activeElement.blur()")
        page.wait_for_timeout(600)
        page.screenshot(path=path)


if __name__ == "__main__":
    with stage() as world:
        take(world, Path(sys.argv[1] if len(sys.argv) > 1 else "docs/phone.png"), (1280, 860))
