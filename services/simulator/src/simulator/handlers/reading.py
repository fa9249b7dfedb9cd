"""Kavenegar's methods that ask: states, the outbox, and the inbox that marks as read what it shows."""

from collections.abc import Sequence
from typing import Any, Final

from simulator.errors import CallRefusedError
from simulator.model import BubbleState, Mo, status_entry
from simulator.payloads import MAX_ASKED, Answer, Parameters
from simulator.repository import World
from simulator.results import ResultCode
from simulator.states import Status

RECEIVED_AT_ONCE: Final = 100
PAGE: Final = 200
_DAY: Final = 86_400
_STATUS_KEPT: Final = 2 * _DAY
_LOCALID_KEPT: Final = _DAY // 2


class Reading:
    """`sms/status`, `sms/select`, `sms/receive` and their kin."""

    def __init__(self, world: World) -> None:
        """Answer for this world."""
        self._world = world

    def status(self, given: Parameters) -> Answer:
        """States by Kavenegar's ids; what is older than 48 hours is not known any more."""
        since = self._world.clock() - _STATUS_KEPT
        entries = []
        for messageid in given.ids("messageid"):
            mt = self._world.outbox.get(messageid)
            known = mt is not None and mt.accepted_at >= since
            entries.append(status_entry(messageid, mt.status if mt and known else Status.UNKNOWN))
        return Answer(entries)

    def statuslocalmessageid(self, given: Parameters) -> Answer:
        """States by the sender's own ids, of the last 12 hours."""
        since = self._world.clock() - _LOCALID_KEPT
        entries = []
        for localid in given.ids("localid"):
            mt = self._world.outbox.by_localid(localid)
            if mt is None or mt.accepted_at < since:
                entry = status_entry(0, Status.UNKNOWN)
            else:
                entry = status_entry(mt.messageid, mt.status)
            entries.append({**entry, "localid": str(localid)})
        return Answer(entries)

    def select(self, given: Parameters) -> Answer:
        """Full records by id; unknown ids are left out."""
        self._registered_ip()
        found = (self._world.outbox.get(messageid) for messageid in given.ids("messageid"))
        return Answer([mt.entry() for mt in found if mt is not None])

    def latestoutbox(self, given: Parameters) -> Answer:
        """The newest records, up to 500."""
        self._registered_ip()
        size = given.integer("pagesize") or MAX_ASKED
        if not 0 < size <= MAX_ASKED:
            raise CallRefusedError(ResultCode.INCOMPLETE)
        sender = given.text("sender")
        of_line = None if sender is None else self._world.our_line(sender)
        return Answer([mt.entry() for mt in self._world.outbox.latest(size, of_line)])

    def receive(self, given: Parameters) -> Answer:
        """Up to 100 messages from people; what is shown counts as read from then on."""
        found = self._inbox(given, start=0, end=self._world.clock())[:RECEIVED_AT_ONCE]
        return Answer(self._shown(found))

    def inboxpaged(self, given: Parameters) -> Answer:
        """A page of 200 out of at most two days; the metadata's numbers are strings."""
        start, end = self._span(given, limit=2 * _DAY, default_start=self._world.clock() - 2 * _DAY)
        found = self._inbox(given, start=start, end=end)
        number = max(1, given.integer("pagenumber") or 1)
        page = found[(number - 1) * PAGE : number * PAGE]
        # Of unread ones, the total leaves out those that this very answer shows and so marks read.
        total = len(found) if given.flag("isread") else len(found) - len(page)
        metadata = {
            "totalcount": str(total),
            "currentpage": str(number),
            "totalpages": str(max(1, -(-len(found) // PAGE))),
            "pagesize": str(PAGE),
        }
        return Answer(self._shown(page), metadata)

    def countinbox(self, given: Parameters) -> Answer:
        """How many came in, within a day that began at most 60 days ago."""
        given.required("startdate")
        start, end = self._span(given, limit=_DAY, default_start=0)
        if start < self._world.clock() - 60 * _DAY:
            raise CallRefusedError(ResultCode.BAD_DATE)
        sender = given.text("linenumber")
        is_read = given.flag("isread") if given.text("isread") else None
        of_line = None if sender is None else self._world.our_line(sender)
        found = self._world.inbox.find(line=of_line, is_read=is_read, start=start, end=end)
        return Answer([{"startdate": int(start), "enddate": int(end), "sumcount": len(found)}])

    def _span(self, given: Parameters, *, limit: int, default_start: float) -> tuple[float, float]:
        start = given.integer("startdate", ResultCode.BAD_DATE)
        end = given.integer("enddate", ResultCode.BAD_DATE)
        begin = default_start if start is None else float(start)
        finish = min(self._world.clock(), begin + limit) if end is None else float(end)
        if not 0 <= finish - begin <= limit:
            raise CallRefusedError(ResultCode.BAD_DATE)
        return begin, finish

    def _inbox(self, given: Parameters, *, start: float, end: float) -> list[Mo]:
        of_line = self._world.our_line(given.required("linenumber"))
        return self._world.inbox.find(line=of_line, is_read=given.flag("isread"), start=start, end=end)

    def _shown(self, messages: Sequence[Mo]) -> list[dict[str, Any]]:
        for mo in messages:
            if not mo.is_read:
                mo.is_read = True
                self._world.phones.of(mo.sender).move(mo.bubble_id, BubbleState.READ)
        return [mo.entry() for mo in messages]

    def _registered_ip(self) -> None:
        if not self._world.settings.ip_registered:
            raise CallRefusedError(ResultCode.NO_ACCESS)
