"""Kavenegar's account and the block lists of its lines."""

from datetime import UTC, datetime
from typing import Final

from simulator.errors import CallRefusedError
from simulator.model import BlockReason
from simulator.payloads import Answer, Parameters, receptor
from simulator.repository import World
from simulator.results import ResultCode

MAX_BLOCKED: Final = 200
MAX_UNBLOCKED: Final = 50
_PAGE: Final = 200
_YEAR: Final = 365 * 86_400
_REMOVABLE: Final = frozenset({BlockReason.WEB_SERVICE, BlockReason.PANEL})
_CHOICES: Final = {
    "apilogs": {"justfaults", "enabled", "disabled"},
    "debugmode": {"enabled", "disabled"},
    "resendfailed": {"enabled", "disabled"},
}


class Account:
    """`account/*`, `line/blocked/*` and the one method that needs no key."""

    def __init__(self, world: World) -> None:
        """Answer for this world."""
        self._world = world

    def getdate(self, _given: Parameters) -> Answer:
        """The server's clock, in UTC."""
        now = datetime.fromtimestamp(self._world.clock(), tz=UTC)
        fields = {name: getattr(now, name) for name in ("year", "month", "day", "hour", "minute", "second")}
        shown = now.strftime("%m/%d/%Y %H:%M:%S")
        return Answer({"datetime": shown, **fields, "unixtime": int(now.timestamp())})

    def info(self, _given: Parameters) -> Answer:
        """What credit is left."""
        expires = int(self._world.clock()) + _YEAR
        return Answer({"remaincredit": self._world.credit, "expiredate": expires, "type": "master"})

    def config(self, given: Parameters) -> Answer:
        """Set what is given, show all. With `debugmode` on, messages are taken and cancelled at once (13)."""
        changes: dict[str, str] = {}
        for name, choices in _CHOICES.items():
            value = given.text(name)
            if value is not None and value not in choices:
                raise CallRefusedError(ResultCode.INCOMPLETE)
            if value is not None:
                changes[name] = value
        if (sender := given.text("defaultsender")) is not None:
            changes["defaultsender"] = self._world.our_line(sender)
        if (alarm := given.integer("mincreditalarm")) is not None:
            changes["mincreditalarm"] = str(alarm)
        self._world.config.update(changes)
        return Answer(dict(self._world.config))

    def blocked_list(self, given: Parameters) -> Answer:
        """Who is on a line's block list, 200 a page."""
        blocks = self._world.blocked[self._world.our_line(given.required("linenumber"))].values()
        reason, start = given.integer("blockreason"), given.integer("startdate") or 0
        found = [b for b in blocks if b.at >= start and (reason is None or b.reason == reason)]
        number = max(1, given.integer("pagenumber") or 1)
        metadata = {
            "totalcount": str(len(found)),
            "currentpage": str(number),
            "totalpages": str(max(1, -(-len(found) // _PAGE))),
            "pagesize": str(_PAGE),
        }
        page = found[(number - 1) * _PAGE : number * _PAGE]
        return Answer(
            [{"number": b.number, "blockreason": b.reason.value, "date": int(b.at)} for b in page],
            metadata,
        )

    def blocked_add(self, given: Parameters) -> Answer:
        """Block up to 200 numbers on a line."""
        of_line, numbers = self._line_and_numbers(given, MAX_BLOCKED)
        added = {number: self._world.block(of_line, number, BlockReason.WEB_SERVICE) for number in numbers}
        return Answer(
            [
                {"linenumber": of_line, "receptor": number, "status": "Active" if new else "AlreadyExists"}
                for number, new in added.items()
            ],
        )

    def blocked_exists(self, given: Parameters) -> Answer:
        """Whether up to 200 numbers are blocked on a line."""
        of_line, numbers = self._line_and_numbers(given, MAX_BLOCKED)
        return Answer(
            [
                {
                    "linenumber": of_line,
                    "receptor": number,
                    "status": "Active" if self._world.is_blocked(of_line, number) else "NotExists",
                }
                for number in numbers
            ],
        )

    def blocked_remove(self, given: Parameters) -> Answer:
        """Unblock up to 50 numbers, only those that the panel or this API blocked."""
        of_line, numbers = self._line_and_numbers(given, MAX_UNBLOCKED)
        blocked = self._world.blocked[of_line]
        removable = [n for n in numbers if n in blocked and blocked[n].reason in _REMOVABLE]
        for number in removable:
            del blocked[number]
        return Answer({"message": f"Done-removed {len(removable)} item from blacklist"})

    def _line_and_numbers(self, given: Parameters, limit: int) -> tuple[str, list[str]]:
        of_line = self._world.our_line(given.required("linenumber"))
        raw = given.listed("receptor")
        if len(raw) > limit:
            raise CallRefusedError(ResultCode.TOO_MANY_NUMBERS)
        return of_line, [receptor(number) for number in raw]
