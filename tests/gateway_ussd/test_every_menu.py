"""Each menu that ships, through each form that an operator speaks: the same screens, the same envelope."""

from collections.abc import Callable
from typing import Any

import pytest

from envelope.models import Envelope
from envelope.tracking import parse, spaced
from gateway_ussd.settings import LookupSettings, ProviderSettings
from persian.digits import persian_digits
from tests.gateway_ussd.conftest import CODE, Gateway
from tests.gateway_ussd.providers.lines import FORMS, NAME, line_of
from tests.gateway_ussd.services import HttpService
from tests.redis_server import RedisServer

TEXT = "سابقه بیمه‌ام ناقص است"
CONVERSATIONS = {
    "a complaint in one's own words": ("2", "2", "3", "2", "1", TEXT),
    "a question, and a call wanted": ("2", "1", "1", "1", "2"),
    "a suggestion, after a slip of the finger": ("2", "9999", "3", "4", "3", "1", TEXT),
    "a case by its code": ("1", "1", "1420142017"),
    "one's own cases": ("1", "2"),
    "the support basket": ("3", "0013542419"),
    "common questions": ("4", "1"),
    "branches": ("5", "1", "1"),
    "another language": ("6", "2"),
}
HANDS_IN = {name for name, typed in CONVERSATIONS.items() if typed[-1] == TEXT or name.endswith("wanted")}


@pytest.mark.parametrize("name", CONVERSATIONS)
async def test_every_form_shows_and_hands_in_the_same(
    make_gateway: Callable[..., Any], service: HttpService, redis: RedisServer, name: str
):
    service.replies["GET /basket/0013542419"] = (200, {"entitled": False, "words": "مشمول نیست."})
    seen = {}
    for form in FORMS:
        with redis.client() as client:
            client.flushall()
        gateway = await make_gateway(
            menus=None,
            budget_seconds=5.0,
            providers={NAME: ProviderSettings(form=form)},
            lookups={"basket": LookupSettings(url=service.url + "/basket/{national_id}")},
        )
        seen[form] = await conversation(gateway, form, CONVERSATIONS[name])
    assert seen == dict.fromkeys(FORMS, seen["africastalking"])
    _, handed_in = seen["africastalking"]
    assert len(handed_in) == (1 if name in HANDS_IN else 0)


async def conversation(gateway: Gateway, form: str, typed: tuple[str, ...]) -> tuple[list[Any], list[Any]]:
    """What the phone showed, and what was handed in, without what differs by chance."""
    async with line_of(form, gateway.screens) as line:
        screens = [await line.phone.dial(CODE)]
        screens += [await line.phone.type(answer) for answer in typed]
    codes = [envelope.tracking_code for envelope in gateway.envelopes]
    shown = [(without(screen.text, codes), screen.ends) for screen in screens]
    return shown, [told(envelope) for envelope in gateway.envelopes]


def without(text: str, codes: list[str | None]) -> str:
    for code in filter(None, codes):
        assert parse(code)
        for written in (code, spaced(code), persian_digits(code), persian_digits(spaced(code))):
            text = text.replace(written, "CODE")
    return text


def told(envelope: Envelope) -> dict[str, Any]:
    """What a router and a desk read of it."""
    kept = {"channel", "provider", "line", "sender", "text", "declared", "refers_to"}
    session = envelope.session
    assert session is not None
    return {**envelope.model_dump(include=kept), "phase": session.phase, "steps": session.steps}
