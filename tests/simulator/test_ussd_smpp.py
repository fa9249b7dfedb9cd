"""The SMSC, with an ESME bound to it over TCP: sessions by each dialect's parameters, screens both ways."""

import asyncio
import socket
from contextlib import asynccontextmanager

import httpx
import pytest
import smpp34

from simulator.app import create_app
from simulator.settings import SimulatorSettings
from tests.simulator.live import serving
from tests.simulator.menus import MAIN, THANKS, screen

SERVICE_OP, SESSION_INFO, REFERENCE = 0x0501, 0x1383, 0x0204
DIALECTS = {"plain": (SESSION_INFO, 0x11), "mica": (REFERENCE, 0x17), "sixdee": (SESSION_INFO, 0x17)}
"""Where the session is, and the operation of a last screen."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Esme:
    """An application over the toy menu; remembers each deliver_sm."""

    def __init__(self, smsc: smpp34.Smsc, dialect: str) -> None:
        self.smsc = smsc
        self.where, self.last = DIALECTS[dialect]
        self.seen: list[tuple[int, bytes, str]] = []
        self.silent = False
        self.inputs: list[str] = []
        self.answers: list[smpp34.SubmitSmResp] = []

    async def live(self) -> None:
        while isinstance(event := await self.smsc.next(), smpp34.DeliverSmEvent):
            assert (event.service_type, event.source_addr) == ("USSD", "989121234567")
            tlvs = {tlv.tag: tlv.value for tlv in event.tlvs}
            text = event.short_message.decode("utf-16-be" if event.data_coding == 8 else "ascii")
            operation = tlvs[SERVICE_OP][0]
            self.seen.append((operation, tlvs[self.where], text))
            if not self.silent and operation in {1, 0x12}:
                await self.show(operation, tlvs[self.where], text, event)

    async def show(self, operation: int, session: bytes, text: str, event: smpp34.DeliverSmEvent) -> None:
        self.inputs = [] if operation == 1 else [*self.inputs, text]
        shown, ends = screen(self.inputs)
        tlvs = [smpp34.Tlv(SERVICE_OP, bytes([self.last if ends else 2])), smpp34.Tlv(self.where, session)]
        self.answers.append(
            await self.smsc.submit_sm(
                event.source_addr,
                shown.encode("utf-16-be"),
                source_addr=event.destination_addr,
                service_type="USSD",
                data_coding=8,
                tlvs=tlvs,
            )
        )


@asynccontextmanager
async def bound(dialect: str = "plain", *, bind_as: str = "payam", asked: str = "", bind: bool = True):
    """A simulator with its SMSC, a phone opened on it, and an ESME that has bound."""
    port = free_port()
    settings = SimulatorSettings(
        api_key="k",
        webhook_secret="s",
        smpp_port=port,
        smpp_dialect=dialect,
        ussd_user=asked,
        ussd_answer_seconds=0.6,
        ussd_operator="smpp",
    )
    with serving(create_app(settings)) as url:
        async with httpx.AsyncClient(base_url=url) as http:
            handle = (await http.post("/phones", json={"number": "09121234567"})).json()["phone"]

            async def do(action: str, text: str = "") -> httpx.Response:
                return await http.post(f"/phones/{handle}/ussd", json={"action": action, "text": text})

            if not bind:
                yield do, None
                return
            client = smpp34.Client("127.0.0.1", port, bind_as, "secret", bind_type="TRX", system_type="USSD")
            esme = Esme(await client.connect(), dialect)
            living = asyncio.create_task(esme.live())
            await asyncio.sleep(0.1)
            yield do, esme
            if living.done():
                living.result()
            living.cancel()
            await asyncio.wait({living})
            await client.stop()


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_menu_goes_from_its_code_to_its_last_screen(dialect):
    async with bound(dialect) as (do, esme):
        assert (await do("dial", "*4*1420*1#")).json() == {"text": MAIN, "ends": False}
        assert (await do("answer", "سلام")).json() == {"text": "«سلام»؟", "ends": False}
        assert (await do("answer", "2")).json() == {"text": THANKS, "ends": True}

        assert [(op, text) for op, _, text in esme.seen] == [(1, "*4*1420*1#"), (0x12, "سلام"), (0x12, "2")]
        assert all(answer.is_success for answer in esme.answers)


async def test_the_plain_dialect_counts_its_steps_beside_the_session():
    async with bound() as (do, esme):
        await do("dial", "*4*1420#")
        await do("answer", "1")

        [(_, first, _), (_, second, _)] = esme.seen
        assert first[0] == second[0]
        assert (first[1], second[1]) == (0, 2)


@pytest.mark.parametrize(
    ("dialect", "operation", "end_bit"), [("plain", 0x12, 1), ("mica", 0x81, None), ("sixdee", 0x81, 1)]
)
async def test_an_end_is_told_as_the_dialect_tells_it(dialect, operation, end_bit):
    async with bound(dialect) as (do, esme):
        await do("dial", "*4*1420#")
        await do("cancel")
        await asyncio.sleep(0.2)

        _, (told, session, text) = esme.seen
        assert (told, text) == (operation, "")
        if end_bit is not None:
            assert session[1] & 1 == end_bit


async def test_an_application_that_stays_silent_is_a_network_that_failed():
    async with bound("mica") as (do, esme):
        esme.silent = True
        assert (await do("dial", "*4*1420#")).status_code == 502


async def test_a_screen_that_nobody_waits_for_is_refused():
    async with bound() as (do, esme):
        await do("dial", "*4*1420#")
        session = esme.seen[0][1]
        tlvs = [smpp34.Tlv(SERVICE_OP, b"\x02"), smpp34.Tlv(SESSION_INFO, session)]

        late = await esme.smsc.submit_sm("989121234567", b"late", tlvs=tlvs)
        nameless = await esme.smsc.submit_sm("989121234567", b"late")

        assert not late.is_success
        assert not nameless.is_success


async def test_without_an_esme_the_network_fails():
    async with bound(bind=False) as (do, _):
        assert (await do("dial", "*4*1420#")).status_code == 502


async def test_an_esme_of_another_name_is_sent_away():
    async with bound(bind_as="stranger", asked="payam") as (do, esme):
        assert (await do("dial", "*4*1420#")).status_code == 502
        assert esme.seen == []
