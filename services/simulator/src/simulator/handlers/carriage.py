"""Carrying messages: an MT through its states to a phone, an MO into the inbox and to our webhook."""

import asyncio
from functools import partial
from typing import Final, NamedTuple

from envelope.addresses import latin_digits
from simulator.handlers.pushes import Pushes
from simulator.model import BlockReason, Bubble, BubbleState, Mo, Mt
from simulator.numbers import Behaviour
from simulator.parts import Tariff, split
from simulator.repository import World
from simulator.states import FINAL, REFUNDED, STATUS_TEXT, Status, itinerary

_TICK_SECONDS: Final = 0.02
_OUT_OF_ORDER_GAP_SECONDS: Final = 0.3


class Order(NamedTuple):
    """One message that a call asks for."""

    line: str
    receptor: str
    text: str
    localid: int | None
    send_at: float


class Carriage:
    """The telecom between Kavenegar and the phones, in both directions."""

    def __init__(self, world: World, pushes: Pushes) -> None:
        """Carry in this world; webhooks are told through `pushes`."""
        self._world = world
        self._pushes = pushes
        self._tariff = Tariff(world.settings.persian_part_rials, world.settings.latin_part_rials)

    async def run(self) -> None:
        """Let time pass."""
        while True:
            self.advance()
            await asyncio.sleep(_TICK_SECONDS)

    def advance(self) -> None:
        """Do all that is due by now."""
        self._world.timeline.advance(self._world.clock())

    def cost(self, text: str) -> int:
        """What a text costs, in Rials."""
        return split(text).cost(self._tariff)

    def take_mt(self, order: Order) -> Mt:
        """Take a message for a phone; one whose localid is known is not sent again."""
        world = self._world
        world.counters.mt_asked += 1
        known = None if order.localid is None else world.outbox.by_localid(order.localid)
        if known is not None:
            known.asked += 1
            return known
        world.counters.mt_taken += 1
        parts = split(order.text)
        mt = Mt(
            messageid=world.next_id(),
            localid=order.localid,
            line=order.line,
            receptor=order.receptor,
            text=order.text,
            accepted_at=world.clock(),
            send_at=order.send_at,
            cost=parts.cost(self._tariff),
            parts=parts.number,
            behaviour=world.behaviour(order.receptor),
        )
        world.outbox.add(mt)
        self._send_off(mt)
        return mt

    def _send_off(self, mt: Mt) -> None:
        world = self._world
        if world.config["debugmode"] == "enabled":
            mt.status = Status.CANCELLED
            return
        world.credit -= mt.cost
        if world.is_blocked(mt.line, mt.receptor):
            mt.behaviour = Behaviour.BLOCKED
        if mt.send_at > mt.accepted_at:
            mt.status = Status.SCHEDULED
        for step in itinerary(mt.behaviour, send_at=mt.send_at, pace=world.pace, odd=mt.messageid % 2 == 1):
            if step.status is not mt.status:
                world.timeline.at(step.at, partial(self._move, mt, step.status))

    def cancel(self, mt: Mt) -> Status:
        """Cancel a scheduled message and give its cost back; any other stays as it is."""
        if mt.status is Status.SCHEDULED:
            self._world.credit += mt.cost
            mt.status = Status.CANCELLED
        return mt.status

    def _move(self, mt: Mt, status: Status) -> None:
        if mt.status in FINAL:
            return
        mt.status = status
        if status in REFUNDED:
            self._world.credit += mt.cost
        if status in FINAL:
            self._show(mt)
        if status is not Status.QUEUED and self._world.settings.push_dlrs:
            self._report(mt, status)

    def _show(self, mt: Mt) -> None:
        arrived = mt.status is Status.DELIVERED
        self._world.phones.of(mt.receptor).put(
            Bubble(
                id=f"mt-{mt.messageid}",
                mine=False,
                text=mt.text,
                at=self._world.clock(),
                state=BubbleState.ARRIVED if arrived else BubbleState.NOT_ARRIVED,
                note="" if arrived else STATUS_TEXT[mt.status],
            ),
        )

    def _report(self, mt: Mt, status: Status) -> None:
        if mt.behaviour is not Behaviour.OUT_OF_ORDER:
            self._push_dlr(mt, status)
        elif status in FINAL:
            self._push_dlr(mt, status)
            late = self._world.clock() + _OUT_OF_ORDER_GAP_SECONDS
            self._world.timeline.at(late, partial(self._push_dlr, mt, Status.AT_TELECOM))

    def _push_dlr(self, mt: Mt, status: Status) -> None:
        form = {"messageid": str(mt.messageid), "status": str(status.value)}
        self._pushes.tell(mt.behaviour, "dlr", form, mt.receptor, lambda _state: None)

    def receive_mo(self, sender: str, line: str, text: str, bubble_id: str | None = None) -> Mo:
        """Take a message from a phone: into the inbox of the line, then to our webhook."""
        world = self._world
        messageid = world.next_id()
        shown_as = bubble_id or f"mo-{messageid}"
        mo = Mo(messageid, sender, line, text, world.clock(), world.behaviour(sender), shown_as)
        world.inbox.add(mo)
        world.counters.mo_received += 1
        if latin_digits(text).replace(" ", "") == "لغو11":
            world.block(line, sender, BlockReason.CANCEL_11)
        bubble = Bubble(id=shown_as, mine=True, text=text, at=mo.received_at, state=BubbleState.QUEUED)
        world.phones.of(sender).put(bubble)
        form = {"from": sender, "to": line, "message": text, "messageid": str(mo.messageid)}
        self._pushes.tell(mo.behaviour, "mo", form, sender, partial(self._mo_moved, mo))
        return mo

    def _mo_moved(self, mo: Mo, state: BubbleState) -> None:
        if state is BubbleState.TAKEN:
            mo.is_read = True
        elif mo.is_read:
            return
        self._world.phones.of(mo.sender).move(mo.bubble_id, state)
