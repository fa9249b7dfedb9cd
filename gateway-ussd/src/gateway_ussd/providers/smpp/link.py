"""The bind to an SMSC: kept up, heard, and written to.

`smpp34` does the PDUs, their windows, and an enquire_link after 30 quiet seconds; one that is not answered
ends the bind, and it is made anew.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from random import uniform
from typing import Final, NoReturn

import smpp34
import structlog
from prometheus_client import Gauge

from chassis.parts import Task
from gateway_ussd.errors import OperatorAwayError, OperatorRefusedError, OperatorSilentError
from gateway_ussd.providers.smpp.writer import SERVICE_TYPE, Submit
from gateway_ussd.settings import ProviderSettings

BOUND: Final = Gauge("gateway_ussd_smsc_bound", "1 while bound to the SMSC.", ["provider"])
WAITS: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before binding anew, the last again and again; shaken, so that replicas do not come at once."""
_LATER: Final = {0x14: "the queue is full", 0x58: "throttled"}
_WINDOW: Final = 200
_WAITING: Final = 2_000
_UNBIND_SECONDS: Final = 2.0
_log = structlog.get_logger()


Send = Callable[[Submit], Awaitable[None]]
Hear = Callable[[smpp34.DeliverSmEvent, Send], None]


class Link:
    """One transceiver."""

    def __init__(
        self,
        name: str,
        settings: ProviderSettings,
        hear: Hear,
        waits: Sequence[float] = WAITS,
    ) -> None:
        """`hear` is given every deliver_sm, which has been acknowledged by then, and what sends a screen."""
        self.name = f"{name}-smsc"
        self._provider = name
        self._settings = settings
        self._hear = hear
        self._waits = waits
        self._smsc: smpp34.Smsc | None = None
        self._bound = asyncio.Event()
        self._leaving = False
        self._task = Task(self.name, self._live)

    async def start(self) -> None:
        """Begin to bind; the service does not wait for it."""
        await self._task.start()

    async def stop(self) -> None:
        """Unbind."""
        self._leaving = True
        smsc = self._smsc
        if smsc is not None:
            with suppress(smpp34.SmppError, TimeoutError):
                await asyncio.wait_for(smsc.unbind(), _UNBIND_SECONDS)
        await self._task.stop()

    def health(self) -> str | None:
        """None while bound."""
        return self._task.health() or (None if self._smsc else "not bound to the SMSC")

    async def submit(self, submit: Submit) -> None:
        """Send a screen; a bind that is being made anew is waited for.

        Raises:
            OperatorError: the screen did not certainly arrive.
        """
        smsc = await self._when_bound()
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                answer = await _submitted(smsc, submit)
        except (smpp34.SmppError, TimeoutError):
            _silent("no submit_sm_resp")
        if answer.command_status in _LATER:
            _away(_LATER[answer.command_status])
        if not answer.is_success:
            _refused("the screen is refused", f"{answer.command_status:#04x}")

    async def _when_bound(self) -> smpp34.Smsc:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.timeout_seconds):
                await self._bound.wait()
        if self._smsc is None:
            _away("not bound to the SMSC")
        return self._smsc

    async def _live(self) -> None:
        failures = 0
        while True:
            try:
                failures = 0 if await self._bound_once() else failures
            except Exception as error:  # noqa: BLE001  (one SMSC must not end the other operators; it is logged)
                _log.error("smsc_link_crashed", provider=self._provider, error=type(error).__name__)
            wait = self._waits[min(failures, len(self._waits) - 1)]
            failures += 1
            await asyncio.sleep(wait * uniform(0.8, 1.2))  # noqa: S311  (chance here keeps no secret)

    async def _bound_once(self) -> bool:
        """Bind and hear until it breaks; whether it was bound."""
        client = self._client()
        try:
            smsc = await client.connect()
        except smpp34.SmppError:
            _log.warning("smsc_not_bound", provider=self._provider)
            return False
        try:
            self._up(smsc)
            while isinstance(event := await smsc.next(), smpp34.DeliverSmEvent):
                self._hear(event, self.submit)
        finally:
            self._down()
            await client.stop()
        return True

    def _client(self) -> smpp34.Client:
        wanted = self._settings
        return smpp34.Client(
            wanted.host,
            wanted.port,
            wanted.system_id,
            wanted.password.get_secret_value(),
            bind_type="TRX",
            system_type=wanted.system_type,
            window_size=_WINDOW,
            inbound_capacity=_WAITING,
            connect_timeout_ms=int(wanted.timeout_seconds * 1_000),
        )

    def _up(self, smsc: smpp34.Smsc) -> None:
        self._smsc = smsc
        self._bound.set()
        BOUND.labels(self._provider).set(1)
        _log.info("smsc_bound", provider=self._provider)

    def _down(self) -> None:
        self._smsc = None
        self._bound.clear()
        BOUND.labels(self._provider).set(0)
        if not self._leaving:
            _log.warning("smsc_lost", provider=self._provider)


async def _submitted(smsc: smpp34.Smsc, submit: Submit) -> smpp34.SubmitSmResp:
    way = submit.way
    return await smsc.submit_sm(
        way.phone,
        submit.octets,
        source_addr=way.line,
        service_type=SERVICE_TYPE,
        source_addr_ton=way.line_ton,
        source_addr_npi=way.line_npi,
        dest_addr_ton=way.phone_ton,
        dest_addr_npi=way.phone_npi,
        data_coding=submit.data_coding,
        tlvs=submit.tlvs,
    )


def _away(reason: str) -> NoReturn:
    raise OperatorAwayError(reason)


def _refused(reason: str, code: str) -> NoReturn:
    raise OperatorRefusedError(reason, code)


def _silent(reason: str) -> NoReturn:
    # `from None`: the library's error names the host.
    raise OperatorSilentError(reason) from None
