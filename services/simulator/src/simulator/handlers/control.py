"""Turning the world's knobs and reading its meters: for tests, demos and load, never for a citizen."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import structlog

from simulator.errors import BadNumberError
from simulator.handlers.carriage import Carriage
from simulator.model import Bubble, Faults, Mo, Mt
from simulator.payloads import national
from simulator.repository import World
from simulator.schemas import FaultModes

_log = structlog.get_logger()


class Control:
    """Fault modes, counters, and what the telecom saw."""

    def __init__(self, world: World, carriage: Carriage, pushes_waiting: Callable[[], int]) -> None:
        """Control this world."""
        self._world = world
        self._carriage = carriage
        self._pushes_waiting = pushes_waiting

    def set_faults(self, modes: FaultModes) -> None:
        """Replace the fault modes."""
        self._world.faults = Faults(
            down_until=self._world.clock() + modes.down_seconds,
            latency=modes.latency_ms / 1_000,
            lose_pushes=modes.lose_pushes,
            silent_after_taking=modes.silent_after_taking,
            refuse_with=modes.refuse_with,
            outside_down=modes.outside_down,
            outside_latency=modes.outside_latency_ms / 1_000,
            ussd_no_end=modes.ussd_no_end,
            ussd_repeats=modes.ussd_repeats,
            ussd_out_of_order=modes.ussd_out_of_order,
        )
        _log.info("faults_set", **modes.model_dump(exclude_defaults=True))

    def faults(self) -> FaultModes:
        """The fault modes as they stand."""
        faults = self._world.faults
        return FaultModes(
            down_seconds=max(0.0, faults.down_until - self._world.clock()),
            latency_ms=int(faults.latency * 1_000),
            lose_pushes=faults.lose_pushes,
            silent_after_taking=faults.silent_after_taking,
            refuse_with=faults.refuse_with,
            outside_down=faults.outside_down,
            outside_latency_ms=int(faults.outside_latency * 1_000),
            ussd_no_end=faults.ussd_no_end,
            ussd_repeats=faults.ussd_repeats,
            ussd_out_of_order=faults.ussd_out_of_order,
        )

    def reset(self) -> None:
        """Forget all that happened."""
        self._world.reset()
        _log.info("world_reset")

    def totals(self) -> dict[str, Any]:
        """What was counted, and what stands unread or waiting."""
        unread = self._world.inbox.find(line=None, is_read=False, start=0, end=self._world.clock())
        return {
            **asdict(self._world.counters),
            "mo_unread": len(unread),
            "pushes_waiting": self._pushes_waiting(),
            "messages_per_receptor": self._world.outbox.messages_per_receptor(),
        }

    def inject_mo(self, sender: str, line: str, text: str) -> Mo:
        """A message from a phone, without a page."""
        return self._carriage.receive_mo(_number(sender), self._world.our_line(line), text)

    def seen(self, receptor: str | None, localid: int | None, limit: int) -> list[Mt]:
        """What the telecom saw, the newest first."""
        outbox = self._world.outbox
        if localid is not None:
            found = outbox.by_localid(localid)
            return [] if found is None else [found]
        if receptor is None:
            return outbox.latest(limit)
        return list(outbox.to(_number(receptor)))[::-1][:limit]

    def received(self, number: str) -> list[Bubble]:
        """What arrived at a phone, the oldest first."""
        return [b for b in self._world.phones.of(_number(number)).shown() if not b.mine]


def _number(raw: str) -> str:
    number = national(raw)
    if number is None:
        message = "not a phone number"
        raise BadNumberError(message)
    return number
