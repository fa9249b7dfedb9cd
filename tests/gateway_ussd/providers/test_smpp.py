"""The bind to an SMSC, against a real one: kept up, lost and made anew, refused, slowed down, given up."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from prometheus_client import REGISTRY
from pydantic import ValidationError

from gateway_ussd.model import EndReason, StepKind
from gateway_ussd.providers import smpp
from gateway_ussd.settings import ProviderSettings
from tests.gateway_ussd.providers.engine import MENU, Engine
from tests.gateway_ussd.providers.phones import SmppPhone, Smsc, free_port

THROTTLED, QUEUE_FULL, SUBMIT_FAILED = 0x58, 0x14, 0x45


class Wire:
    """What lies between the gateway and the SMSC, and can be cut."""

    def __init__(self, to: int) -> None:
        self.port = free_port()
        self._to = to
        self._server: asyncio.Server | None = None
        self._ends: list[asyncio.StreamWriter] = []

    async def join(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
        for end in self._ends:
            end.close()
        self._ends.clear()

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, forth = await asyncio.open_connection("127.0.0.1", self._to)
        self._ends += [back, forth]
        await asyncio.gather(pump(near, forth), pump(far, back))


async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while octets := await source.read(4096):
            target.write(octets)
            await target.drain()
    target.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  (a test polls what it does not own)
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(port: int, engine: Engine, **settings: object) -> AsyncIterator[smpp.Smpp]:
    wanted = ProviderSettings.model_validate(
        {"form": "smpp", "port": port, "system_id": "tamin", "timeout_seconds": 1} | settings
    )
    provider = smpp.from_settings("mci", wanted, engine)
    for part in provider.parts:
        await part.start()
    try:
        yield provider
    finally:
        for part in reversed(provider.parts):
            await part.stop()


def bound() -> float:
    return REGISTRY.get_sample_value("gateway_ussd_smsc_bound", {"provider": "mci"}) or 0


async def test_it_binds_as_a_transceiver_and_unbinds_when_it_stops():
    async with Smsc(free_port()).running() as smsc:
        async with running(smsc.port, Engine()) as provider:
            await until(lambda: provider.parts[0].health() is None)
            [esme] = smsc.esmes
            assert (esme.system_id, esme.can_receive, bound()) == ("tamin", True, 1)
        await until(lambda: smsc.gone == 1)
        assert bound() == 0


async def test_a_bind_that_is_lost_is_made_anew_and_the_session_goes_on():
    engine = Engine()
    async with Smsc(free_port()).running() as smsc:
        wire = Wire(smsc.port)
        await wire.join()
        async with running(wire.port, engine) as provider:
            phone = SmppPhone(smsc)
            await phone.dial("*4*1420#")
            smsc.bound.clear()
            await wire.cut()
            await until(lambda: provider.parts[0].health() == "not bound to the SMSC")
            await wire.join()
            assert (await phone.type("2")).text
            assert provider.parts[0].health() is None
        await wire.cut()
    assert [step.kind for step in engine.steps] == [StepKind.BEGIN, StepKind.CONTINUE]


async def test_a_screen_that_is_due_while_the_bind_is_away_goes_with_the_next_one():
    engine = Engine()
    engine.slow = 0.3
    async with Smsc(free_port()).running() as smsc:
        wire = Wire(smsc.port)
        await wire.join()
        async with running(wire.port, engine, timeout_seconds=3):
            await smsc.deliver(0x01, b"*4*1420#", 0)
            await until(lambda: bool(engine.steps))
            await wire.cut()
            await asyncio.sleep(0.8)
            await wire.join()
            assert (await smsc.screen()).text == MENU.text
        await wire.cut()


async def test_an_smsc_that_unbinds_is_bound_again():
    async with Smsc(free_port()).running() as smsc, running(smsc.port, Engine()) as provider:
        await until(lambda: len(smsc.esmes) == 1)
        await smsc.esmes[0].unbind()
        await until(lambda: len(smsc.esmes) == 2)
        await until(lambda: provider.parts[0].health() is None)


async def test_an_smsc_that_is_away_holds_up_neither_start_nor_stop():
    async with asyncio.timeout(5), running(free_port(), Engine()) as provider:
        await asyncio.sleep(0.5)
        assert provider.parts[0].health() == "not bound to the SMSC"


async def test_an_smsc_that_refuses_the_bind_is_tried_again():
    binds = 0

    async def refuse(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        nonlocal binds
        with suppress(asyncio.IncompleteReadError):
            head = await near.readexactly(16)
            binds += 1
            # bind_transceiver_resp with ESME_RINVPASWD.
            back.write(bytes.fromhex("00000011 80000009 0000000e") + head[12:16] + b"\0")
            await near.read()
        back.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with running(server.sockets[0].getsockname()[1], Engine(), timeout_seconds=0.3) as provider:
        await until(lambda: binds >= 2)
        assert provider.parts[0].health() == "not bound to the SMSC"
    server.close()


@pytest.mark.parametrize("status", [THROTTLED, QUEUE_FULL])
async def test_a_screen_that_the_smsc_wants_later_is_sent_once_more(status):
    engine = Engine()
    async with Smsc(free_port()).running() as smsc, running(smsc.port, engine):
        smsc.statuses = [status]
        assert (await SmppPhone(smsc).dial("*4*1420#")).text == MENU.text
    assert [step.kind for step in engine.steps] == [StepKind.BEGIN]


@pytest.mark.parametrize("statuses", [[SUBMIT_FAILED], [THROTTLED, THROTTLED]])
async def test_a_screen_that_the_smsc_refuses_ends_its_session_as_failed(statuses):
    engine = Engine()
    async with Smsc(free_port()).running() as smsc, running(smsc.port, engine):
        smsc.statuses = list(statuses)
        await smsc.deliver(0x01, b"*4*1420#", 0)
        await until(lambda: len(engine.steps) == 2)
        assert smsc.shown.empty()
        assert smsc.statuses == []
    assert (engine.steps[1].kind, engine.steps[1].reason) == (StepKind.END, EndReason.FAILED)


async def test_a_screen_whose_answer_never_comes_is_not_sent_again():
    engine = Engine()
    async with Smsc(free_port()).running() as smsc, running(smsc.port, engine, timeout_seconds=0.3):
        await until(lambda: bool(smsc.esmes))
        held: list[object] = []
        smsc.hold = held.append
        await smsc.deliver(0x01, b"*4*1420#", 0)
        await asyncio.sleep(1)
        assert len(held) == 1
    assert [step.kind for step in engine.steps] == [StepKind.BEGIN]


async def test_what_is_no_ussd_is_counted_and_breaks_nothing():
    def unreadable() -> float:
        return REGISTRY.get_sample_value("gateway_ussd_unreadable_pdus_total", {"provider": "mci"}) or 0

    before, engine = unreadable(), Engine()
    async with Smsc(free_port()).running() as smsc, running(smsc.port, engine):
        await smsc.deliver(0x40, b"*4*1420#", 0)
        await smsc.deliver(0x12, b"\xff", 0)
        await smsc.deliver(0x12, b"\xd8", 8)
        assert (await SmppPhone(smsc).dial("*4*1420#")).text == MENU.text
    assert unreadable() == before + 3
    assert len(engine.steps) == 1


async def test_many_phones_are_answered_side_by_side():
    engine = Engine()
    async with Smsc(free_port()).running() as smsc, running(smsc.port, engine):
        await until(lambda: bool(smsc.esmes))
        await asyncio.gather(*(smsc.deliver(0x01, b"*4*1420#", 0, session=bytes((n, 0))) for n in range(200)))
        await until(lambda: smsc.shown.qsize() == 200)
        sessions = {
            tlv.value[0] for tlv in (smsc.shown.get_nowait().tlvs[1] for _ in range(200)) if tlv.tag == 0x1383
        }
    assert sessions == set(range(200))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"dialect": "klingon"}, "mci: dialect is none of plain, mica, sixdee"),
        ({"system_id": "x" * 16}, "mci: system_id is longer than the 15 octets that SMPP takes"),
        ({"password": "123456789"}, "mci: password is longer than the 8 octets that SMPP takes"),
        ({"system_type": "x" * 13}, "mci: system_type is longer than the 12 octets that SMPP takes"),
    ],
)
def test_settings_that_no_smsc_could_take_are_refused_at_start(settings, words):
    wanted = ProviderSettings.model_validate({"form": "smpp"} | settings)
    with pytest.raises(ValueError, match=words) as refused:
        smpp.from_settings("mci", wanted, Engine())
    assert not isinstance(refused.value, ValidationError)
