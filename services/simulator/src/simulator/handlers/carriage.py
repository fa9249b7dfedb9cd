"""Carrying messages: an MT through its states to a phone, an MO into the inbox and to our webhook."""

import asyncio
from functools import partial
from typing import Final, NamedTuple

from envelope.addresses import latin_digits
from simulator.handlers.pushes import Pushes
from simulator.model import BlockReason, Bubble, BubbleState, Mo, Mt
from simulator.numbers import Behaviour, is_landline
from simulator.parts import Tariff, split
from simulator.repository import World
from simulator.states import AT_THE_TELECOM, FINAL, REFUNDED, STATUS_TEXT, Status, itinerary

_TICK_SECONDS: Final = 0.02
_OUT_OF_ORDER_GAP_SECONDS: Final = 0.3


class Order(NamedTuple):
    """One message that a call asks for."""

    line: str
    receptor: str
    text: str
    localid: int | None
    send_at: float
    spoken: bool = False


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

    def cost(self, order: Order) -> int:
        """What a message costs, in Rials."""
        return self._world.settings.call_rials if order.spoken else split(order.text).cost(self._tariff)

    def take_mt(self, order: Order) -> Mt:
        """Take a message for a phone; one whose localid is known is not sent again."""
        world = self._world
        world.counters.mt_asked += 1
        known = None if order.localid is None else world.outbox.by_localid(order.localid)
        if known is not None:
            known.asked += 1
            return known
        world.counters.mt_taken += 1
        mt = Mt(
            messageid=world.next_id(),
            localid=order.localid,
            line=order.line,
            receptor=order.receptor,
            text=order.text,
            accepted_at=world.clock(),
            send_at=order.send_at,
            cost=self.cost(order),
            parts=0 if order.spoken else split(order.text).number,
            behaviour=world.behaviour(order.receptor),
            spoken=order.spoken,
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
        elif not mt.spoken and is_landline(mt.receptor):
            mt.behaviour = Behaviour.UNDELIVERED
        if mt.send_at > mt.accepted_at:
            mt.status = Status.SCHEDULED
        for step in itinerary(mt.behaviour, send_at=mt.send_at, pace=world.pace, odd=mt.messageid % 2 == 1):
            if step.status is not mt.status:
                end = mt.spoken and step.status in FINAL
                world.timeline.at(step.at, partial(self._ring_out if end else self._move, mt, step.status))

    def cancel(self, mt: Mt) -> Status:
        """Cancel a scheduled message and give its cost back; any other stays as it is."""
        if mt.status is Status.SCHEDULED:
            self._world.credit += mt.cost
            mt.status = Status.CANCELLED
        return mt.status

    def pick_up(self, mt: Mt, *, answered: bool) -> None:
        """Somebody at the telephone hears what is read out, or lets it be."""
        self._move(mt, Status.DELIVERED if answered else Status.UNDELIVERED)

    def _ring_out(self, mt: Mt, status: Status) -> None:
        """The end that the number asks for; where somebody could pick up, they are given the time to."""
        if status is Status.DELIVERED and self._world.phones.of(mt.receptor).watchers:
            late = self._world.clock() + self._world.settings.ring_seconds
            self._world.timeline.at(late, partial(self._move, mt, Status.UNDELIVERED))
        else:
            self._move(mt, status)

    def _move(self, mt: Mt, status: Status) -> None:
        if mt.status in FINAL:
            return
        mt.status = status
        if status in REFUNDED:
            self._world.credit += mt.cost
        if status in FINAL or (mt.spoken and status in AT_THE_TELECOM):
            self._show(mt)
        if status is not Status.QUEUED and self._world.settings.push_dlrs:
            self._report(mt, status)

    def _show(self, mt: Mt) -> None:
        arrived, ended = mt.status is Status.DELIVERED, mt.status in FINAL
        state = BubbleState.ARRIVED if arrived else BubbleState.NOT_ARRIVED
        if mt.spoken:
            state = BubbleState.HEARD if arrived else BubbleState.MISSED if ended else BubbleState.RINGING
        self._world.phones.of(mt.receptor).put(
            Bubble(
                id=f"mt-{mt.messageid}",
                mine=False,
                text=mt.text if arrived or not mt.spoken else "",
                at=self._world.clock(),
                state=state,
                note="" if arrived else STATUS_TEXT[mt.status],
                spoken=mt.spoken,
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
