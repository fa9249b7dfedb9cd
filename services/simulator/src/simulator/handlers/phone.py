"""The phone in the browser: open one, type on it, watch what changes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from simulator.errors import BadNumberError, UnknownPhoneError
from simulator.handlers.carriage import Carriage
from simulator.model import Bubble
from simulator.numbers import ENDING_DIGITS, MAGIC_NUMBERS, is_landline
from simulator.payloads import national
from simulator.repository import Phone, World
from simulator.schemas import PhoneCard, ShownMessage

_HEARTBEAT_SECONDS: Final = 15.0
_RETRY_MS: Final = 1_000
_GATHER_SECONDS: Final = 0.03
_CALL: Final = "mt-"


class PhoneDesk:
    """Hands out phones and what they show."""

    def __init__(self, world: World, carriage: Carriage) -> None:
        """Phones of this world."""
        self._world = world
        self._carriage = carriage

    def open(self, typed: str) -> PhoneCard:
        """The phone with a number, in any spelling."""
        number = national(typed)
        if number is None or number.startswith("00"):
            message = "not an Iranian telephone number"
            raise BadNumberError(message)
        title = next((row.title for row in MAGIC_NUMBERS if number[-ENDING_DIGITS:] == row.ending), "")
        return PhoneCard(
            phone=self._world.phones.of(number).handle,
            number=number,
            behaviour=self._world.behaviour(number).value,
            title=title if self._world.settings.magic_numbers else "",
            mobile=not is_landline(number),
        )

    def type(self, handle: str, bubble_id: str, text: str) -> Bubble:
        """A message from this phone; the same one typed again is still one message."""
        phone = self._phone(handle)
        if is_landline(phone.number):
            message = "nobody writes SMS on a landline"
            raise BadNumberError(message)
        known = phone.get(bubble_id)
        if known is not None:
            return known
        self._carriage.receive_mo(phone.number, self._world.settings.lines[0], text, bubble_id)
        return phone.shown()[-1]

    def pick_up(self, handle: str, call_id: str, *, answered: bool) -> Bubble:
        """Answer a call that rings, or decline it; one that has ended stays as it ended."""
        phone = self._phone(handle)
        ringing = self._world.outbox.get(int(call_id.removeprefix(_CALL)))
        if ringing is None or not ringing.spoken or ringing.receptor != phone.number:
            message = "no such call"
            raise UnknownPhoneError(message)
        self._carriage.pick_up(ringing, answered=answered)
        shown = phone.get(call_id)
        if shown is None:
            message = "it does not ring yet"
            raise UnknownPhoneError(message)
        return shown

    def watch(self, handle: str, last_event_id: str) -> AsyncIterator[str]:
        """Server-sent events: what changed since the last one seen, then every change as it comes."""
        return self._watched(self._phone(handle), last_event_id)

    def _phone(self, handle: str) -> Phone:
        phone = self._world.phones.by_handle(handle)
        if phone is None:
            message = "open the phone first"
            raise UnknownPhoneError(message)
        return phone

    async def _watched(self, phone: Phone, last_event_id: str) -> AsyncIterator[str]:
        phone.watchers += 1
        try:
            async for event in self._events(phone, last_event_id):
                yield event
        finally:
            phone.watchers -= 1

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
