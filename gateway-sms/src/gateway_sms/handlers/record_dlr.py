"""What a provider pushes about a message out goes on the bus, and the provider is asked no more."""

import structlog

from envelope.delivery import FINAL
from gateway_sms.handlers.reports import Reports
from gateway_sms.providers.port import Dlr
from gateway_sms.repository.outstanding import OutstandingMessages

_log = structlog.get_logger()


class Deliveries:
    """Reports that come by webhook."""

    def __init__(self, reports: Reports, outstanding: OutstandingMessages) -> None:
        self._reports = reports
        self._outstanding = outstanding

    async def record_dlr(self, dlr: Dlr) -> None:
        """On return Kafka has it.

        Raises:
            BusUnavailableError: it has not, the answer is 503. No spool for these: the provider pushes again,
                and what it does not push the poller asks for.
        """
        await self._reports.publish([self._reports.of_dlr(dlr)], "webhook")
        if dlr.state in FINAL:
            self._outstanding.done(dlr.provider_message_id)
        _log.info("dlr_received", state=dlr.state.value)
