"""All that the simulated world knows at a moment, in one place, so that a reset is one call."""

import time
from collections.abc import Callable
from itertools import count

from simulator.errors import CallRefusedError
from simulator.model import Block, BlockReason, Counters, Faults
from simulator.numbers import Behaviour, behaviour_of
from simulator.payloads import line
from simulator.repository.inbox import Inbox
from simulator.repository.outbox import Outbox
from simulator.repository.phones import Phones
from simulator.results import ResultCode
from simulator.settings import SimulatorSettings
from simulator.states import Pace
from simulator.timeline import Timeline
from simulator.ussd import Dialogue

Clock = Callable[[], float]
_IDS_PER_SECOND = 10_000


class World:
    """The state; every rule about it is in the handlers."""

    def __init__(self, settings: SimulatorSettings, clock: Clock = time.time) -> None:
        """A fresh world, at the clock's time."""
        self.settings = settings
        self.clock = clock
        self.pace = Pace(settings.to_telecom_seconds, settings.to_final_seconds)
        self.timeline = Timeline()
        self.outbox = Outbox(settings.outbox_kept)
        self.inbox = Inbox(settings.inbox_kept)
        self.phones = Phones(phones_kept=settings.phones_kept, messages_kept=settings.phone_messages_kept)
        # From the clock, so that no id comes twice over restarts: the gateway drops what it has seen.
        self._ids = count(int(clock() * _IDS_PER_SECOND))
        self._begin()

    def _begin(self) -> None:
        self.faults = Faults()
        self.counters = Counters()
        self.credit = self.settings.credit
        self.blocked: dict[str, dict[str, Block]] = {line: {} for line in self.settings.lines}
        self.dialogues: dict[str, Dialogue] = {}
        self.turned_away: set[int | str] = set()
        self.config = {
            "apilogs": "justfaults",
            "dailyreport": "disabled",
            "debugmode": "disabled",
            "defaultsender": self.settings.lines[0],
            "mincreditalarm": "50000",
            "resendfailed": "disabled",
        }

    def reset(self) -> None:
        """Forget all that happened; the ids go on."""
        for store in (self.timeline, self.outbox, self.inbox, self.phones):
            store.clear()
        self._begin()

    def next_id(self) -> int:
        """The next message id, of either direction."""
        return next(self._ids)

    def our_line(self, raw: str) -> str:
        """One of our lines, in any spelling, or 412."""
        number = line(raw)
        if number not in self.blocked:
            raise CallRefusedError(ResultCode.BAD_SENDER)
        return number

    def behaviour(self, number: str) -> Behaviour:
        """What a number asks for, unless magic numbers are switched off."""
        return behaviour_of(number) if self.settings.magic_numbers else Behaviour.DELIVERED

    def is_blocked(self, line: str, number: str) -> bool:
        """Whether a number is on the block list of a line."""
        return number in self.blocked.get(line, {})

    def block(self, line: str, number: str, reason: BlockReason) -> bool:
        """Put a number on a line's block list; False when it was there."""
        blocked = self.blocked[line]
        if number in blocked:
            return False
        blocked[number] = Block(number, reason, self.clock())
        return True
