"""Messages whose webhook never came are found in the provider's inbox and taken in by the same way."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from gateway_sms.errors import CircuitOpenError
from gateway_sms.handlers.gate import ProviderGate
from gateway_sms.handlers.receive_mo import Inbound
from gateway_sms.metrics import RECOVERED
from gateway_sms.providers.port import Mo
from gateway_sms.repository.seen import SeenMessages
from gateway_sms.settings import GatewaySmsSettings

_log = structlog.get_logger()


class InboxReconciler:
    """Compares by id over an overlapping window: the read flag is lost by whoever crashes after reading."""

    def __init__(
        self,
        gate: ProviderGate,
        inbound: Inbound,
        seen: SeenMessages,
        settings: GatewaySmsSettings,
    ) -> None:
        self._gate = gate
        self._inbound = inbound
        self._seen = seen
        self._lines = settings.lines
        self._turn = settings.inbox_every_seconds * 0.9
        self._window = settings.inbox_window
        self._grace = timedelta(seconds=settings.inbox_grace_seconds)

    async def reconcile_inbox(self) -> None:
        """One comparison of every line, by one replica."""
        await self._seen.flush()
        if not await self._seen.lead(self._turn):
            return
        until = datetime.now(UTC)
        try:
            for line in self._lines:
                async for page in self._gate.pull(line, until - self._window, until):
                    await self._recover([mo for mo in page if _is_due(mo, until - self._grace)])
        except CircuitOpenError:
            _log.info("reconciliation_put_off")

    async def _recover(self, page: Sequence[Mo]) -> None:
        by_line = {line: [mo for mo in page if mo.line == line] for line in {mo.line for mo in page}}
        for line, found in by_line.items():
            missing = await self._seen.missing(line, [mo.provider_message_id for mo in found])
            for mo in found:
                if mo.provider_message_id in missing:
                    message_id = await self._inbound.receive_mo(mo)
                    RECOVERED.inc()
                    _log.info("mo_recovered", message_id=str(message_id))


def _is_due(mo: Mo, latest: datetime) -> bool:
    """Whether its webhook has had its time."""
    return mo.occurred_at is None or mo.occurred_at <= latest
