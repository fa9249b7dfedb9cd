"""Kavenegar's methods that send: limits, refusals and what comes back, as its document says."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from simulator.errors import CallRefusedError, OutageError
from simulator.handlers.carriage import Carriage, Order
from simulator.model import status_entry
from simulator.numbers import Behaviour
from simulator.payloads import Answer, Parameters, localids, message_text, receptor
from simulator.repository import World
from simulator.results import ResultCode
from simulator.states import Status

MAX_SENT: Final = 200
_CLOCK_SKEW: Final = 60
_TOKEN_LIMIT: Final = 100
_TURNED_AWAY_KEPT: Final = 10_000
_REFUSALS: Final[Mapping[Behaviour, ResultCode]] = {
    Behaviour.BAD_RECEPTOR: ResultCode.BAD_RECEPTOR,
    Behaviour.NO_CREDIT: ResultCode.NO_CREDIT,
}


class Sending:
    """`sms/send`, `sms/sendarray`, `sms/cancel`, `call/maketts`, `verify/lookup`."""

    def __init__(self, world: World, carriage: Carriage) -> None:
        """Send in this world, through this telecom."""
        self._world = world
        self._carriage = carriage

    def send(self, given: Parameters) -> Answer:
        """One text to up to 200 receptors."""
        receptors = given.listed("receptor")
        text = message_text(given.present("message"))
        ids = localids(given.listed("localid") if given.text("localid") else None, len(receptors))
        sender = self._world.our_line(given.text("sender") or self._world.config["defaultsender"])
        send_at = self._send_at(given)
        given.tag()
        return self._take(
            [Order(sender, receptor(to), text, localid, send_at) for to, localid in _few(receptors, ids)],
        )

    def sendarray(self, given: Parameters) -> Answer:
        """Up to 200 texts, each from its line to its receptor."""
        receptors, senders, texts = (given.array(name) for name in ("receptor", "sender", "message"))
        if not len(receptors) == len(senders) == len(texts):
            raise CallRefusedError(ResultCode.UNEQUAL_ARRAYS)
        own_ids = given.array("localmessageids") if given.text("localmessageids") else None
        ids = localids(own_ids, len(receptors))
        send_at = self._send_at(given)
        given.tag()
        orders = [
            Order(self._world.our_line(sender), receptor(to), message_text(text), localid, send_at)
            for (to, localid), sender, text in zip(_few(receptors, ids), senders, texts, strict=True)
        ]
        return self._take(orders)

    def maketts(self, given: Parameters) -> Answer:
        """One text read out to up to 200 receptors; the record of one alone is an object, not an array."""
        receptors = given.listed("receptor")
        text = message_text(given.present("message"))
        ids = localids(given.listed("localid") if given.text("localid") else None, len(receptors))
        line, send_at = self._world.our_line(self._world.config["defaultsender"]), self._send_at(given)
        given.tag()
        taken = self._take(
            [
                Order(line, receptor(to), text, localid, send_at, spoken=True)
                for to, localid in _few(receptors, ids)
            ],
        )
        return taken if len(receptors) > 1 else taken._replace(entries=taken.entries[0])

    def lookup(self, given: Parameters) -> Answer:
        """A one-time code by an approved template."""
        template = self._world.settings.templates.get(given.required("template"))
        if template is None:
            raise CallRefusedError(ResultCode.TEMPLATE_NOT_FOUND)
        token = given.required("token")
        if len(token) > _TOKEN_LIMIT or any(letter.isspace() or letter == "_" for letter in token):
            raise CallRefusedError(ResultCode.BAD_TOKEN)
        text = template.replace("%token", token)
        sender = self._world.our_line(self._world.config["defaultsender"])
        to = receptor(given.required("receptor"))
        return self._take([Order(sender, to, text, None, self._world.clock())])

    def cancel(self, given: Parameters) -> Answer:
        """Call scheduled messages off; the cost comes back."""
        entries = []
        for messageid in given.ids("messageid"):
            mt = self._world.outbox.get(messageid)
            status = Status.UNKNOWN if mt is None else self._carriage.cancel(mt)
            entries.append(status_entry(messageid, status))
        return Answer(entries)

    def _take(self, orders: Sequence[Order]) -> Answer:
        new = [order for order in orders if not self._known(order)]
        self._turn_away(orders)
        if sum(self._carriage.cost(order) for order in new) > self._world.credit:
            raise CallRefusedError(ResultCode.NO_CREDIT)
        delay = self._delay(orders, new)
        return Answer([self._carriage.take_mt(order).entry() for order in orders], delay=delay)

    def _known(self, order: Order) -> bool:
        return order.localid is not None and self._world.outbox.by_localid(order.localid) is not None

    def _turn_away(self, orders: Sequence[Order]) -> None:
        """One such number refuses the whole call, before any message of it is taken."""
        asked = {self._world.behaviour(order.receptor) for order in orders}
        if Behaviour.OUTAGE in asked:
            raise OutageError
        for behaviour, code in _REFUSALS.items():
            if behaviour in asked:
                raise CallRefusedError(code)
        if Behaviour.BUSY_ONCE in asked:
            self._turn_away_once(orders)

    def _turn_away_once(self, orders: Sequence[Order]) -> None:
        keys = {
            order.localid or order.receptor
            for order in orders
            if self._world.behaviour(order.receptor) is Behaviour.BUSY_ONCE
        }
        turned_away = self._world.turned_away
        if keys <= turned_away or len(turned_away) >= _TURNED_AWAY_KEPT:
            return
        turned_away |= keys
        raise CallRefusedError(ResultCode.BUSY)

    def _delay(self, orders: Sequence[Order], new: Sequence[Order]) -> float:
        settings = self._world.settings
        slow = any(self._world.behaviour(order.receptor) is Behaviour.SLOW for order in orders)
        silent = (new and self._world.faults.silent_after_taking) or any(
            self._world.behaviour(order.receptor) is Behaviour.TAKEN_THEN_SILENT for order in new
        )
        return max(slow * settings.slow_seconds, bool(silent) * settings.silent_seconds)

    def _send_at(self, given: Parameters) -> float:
        date = given.integer("date", ResultCode.BAD_DATE)
        now = self._world.clock()
        if date is None:
            return now
        if date < now - _CLOCK_SKEW:
            raise CallRefusedError(ResultCode.BAD_DATE)
        return max(now, date)


def _few(receptors: Sequence[str], ids: Sequence[int | None]) -> Iterator[tuple[str, int | None]]:
    if len(receptors) > MAX_SENT:
        raise CallRefusedError(ResultCode.TOO_MANY_RECORDS)
    return zip(receptors, ids, strict=True)
