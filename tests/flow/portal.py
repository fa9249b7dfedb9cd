"""A person at the portal, on a phone: from the form to the tracking code."""

import re

from playwright.sync_api import Page

from tests.flow.running import Flow, until

FORM = "/ask?kind=complaint&section=retirement&topic=pension_payment&answer=read"
TEXT = "حقوق بازنشستگی من سه ماه است که واریز نشده و شعبه هم پاسخ نمی‌دهد."
_LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")


def hand_over(page: Page, number: str) -> None:
    """Fill in the form and send it."""
    page.fill("#text", TEXT)
    page.fill("#msisdn", number)
    page.click("#send")


def prove(page: Page, flow: Flow, number: str) -> None:
    """Type the code that came by SMS."""
    [sms] = until(lambda: flow.phone(number))
    page.fill("#code", six_digits(sms["text"]))
    page.click("button[value=prove]")


def code_shown(page: Page) -> str:
    """The tracking code on the page."""
    return str(page.inner_text(".tracking")).translate(_LATIN).replace(" ", "")


def six_digits(text: str) -> str:
    """The one-time code of an SMS."""
    [code] = re.findall(r"(?<!\d)\d{6}(?!\d)", text.translate(_LATIN))
    return str(code)
