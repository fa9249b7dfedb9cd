"""The phone in the browser: open one, type on it, watch what changes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from simulator.errors import BadNumberError, UnknownPhoneError
from simulator.handlers.carriage import Carriage
from simulator.model import Bubble
from simulator.numbers import ENDING_DIGITS, MAGIC_NUMBERS
from simulator.payloads import national
from simulator.repository import Phone, World
from simulator.schemas import PhoneCard, ShownMessage

_HEARTBEAT_SECONDS: Final = 15.0
_RETRY_MS: Final = 1_000
_GATHER_SECONDS: Final = 0.03


class PhoneDesk:
    """Hands out phones and what they show."""

    def __init__(self, world: World, carriage: Carriage) -> None:
        """Phones of this world."""
        self._world = world
        self._carriage = carriage

    def open(self, typed: str) -> PhoneCard:
        """The phone with a number, in any spelling."""
        number = national(typed)
        if number is None or not number.startswith("09"):
            message = "not an Iranian mobile number"
            raise BadNumberError(message)
        title = next((row.title for row in MAGIC_NUMBERS if number[-ENDING_DIGITS:] == row.ending), "")
        return PhoneCard(
            phone=self._world.phones.of(number).handle,
            number=number,
            behaviour=self._world.behaviour(number).value,
            title=title if self._world.settings.magic_numbers else "",
        )

    def type(self, handle: str, bubble_id: str, text: str) -> Bubble:
        """A message from this phone; the same one typed again is still one message."""
        phone = self._phone(handle)
        known = phone.get(bubble_id)
        if known is not None:
            return known
        self._carriage.receive_mo(phone.number, self._world.settings.lines[0], text, bubble_id)
        return phone.shown()[-1]

    def watch(self, handle: str, last_event_id: str) -> AsyncIterator[str]:
        """Server-sent events: what changed since the last one seen, then every change as it comes."""
        return self._events(self._phone(handle), last_event_id)

    def _phone(self, handle: str) -> Phone:
        phone = self._world.phones.by_handle(handle)
        if phone is None:
            message = "open the phone first"
            raise UnknownPhoneError(message)
        return phone

    async def _events(self, phone: Phone, last_event_id: str) -> AsyncIterator[str]:
        seen = _revision(last_event_id, phone.epoch)
        yield f"retry: {_RETRY_MS}\n\n"
        if seen is None:
            seen = 0
            yield "event: begin\ndata: {}\n\n"
        first = True
        # A phone that the world forgot lets its page go, which comes back and begins anew.
        while self._world.phones.by_handle(phone.handle) is phone:
            news = phone.since(seen)
            for bubble in news:
                seen = bubble.revision
                shown = ShownMessage.model_validate(bubble).model_dump_json()
                yield f"id: {phone.epoch}.{seen}\nevent: message\ndata: {shown}\n\n"
            if first:
                first = False
                yield "event: current\ndata: {}\n\n"
            if not news:
                await phone.change(_HEARTBEAT_SECONDS)
                # Several changes at once become one write.
                await asyncio.sleep(_GATHER_SECONDS)
                if not phone.since(seen):
                    yield ": still here\n\n"


def _revision(last_event_id: str, epoch: str) -> int | None:
    """The revision in `epoch.revision`; None when it is of another world or of no form at all."""
    world, _, revision = last_event_id.partition(".")
    return int(revision) if world == epoch and revision.isdecimal() else None
