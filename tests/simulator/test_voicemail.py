"""A voice note of the phone comes to the gateway as a PBX's recording: signed, once, or not at all."""

import io
import wave
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest

from simulator.app import create_app
from simulator.handlers.voicemail import MOST_BYTES
from simulator.repository import World
from simulator.settings import SimulatorSettings
from tests.simulator.conftest import START, Clock
from tests.simulator.live import serving
from tests.simulator.pbx_gateway import SECRET, VoiceGateway

NUMBER = "09121234567"


def spoken(seconds: float) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(b"\1\0" * int(seconds * 8_000))
    return made.getvalue()


@pytest.fixture(scope="module")
def gateway():
    gateway = VoiceGateway()
    with serving(gateway.app) as url:
        gateway.url = url
        yield gateway


@pytest.fixture
async def phone(gateway: VoiceGateway):
    gateway.begin_anew()
    settings = SimulatorSettings(
        api_key="k", webhook_secret="s", voice_url=gateway.url, GATEWAY_VOICE_PUSH_SECRET=SECRET
    )
    world = World(settings, Clock())
    app = create_app(settings, world=world)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://phone") as phone,
    ):
        phone.world = world
        phone.handle = (await phone.post("/phones", json={"number": NUMBER})).json()["phone"]
        yield phone


async def leave(phone, sound: bytes, identity: str | None = None) -> httpx.Response:
    path = f"/phones/{phone.handle}/recordings/{identity or uuid4()}"
    return await phone.post(path, content=sound, headers={"Content-Type": "audio/wav"})


def shown(phone) -> list[str]:
    return [bubble.text for bubble in phone.world.phones.of(NUMBER).shown()]


async def test_a_note_is_pushed_as_it_is_with_who_called_whom_and_when(phone, gateway):
    sound, identity = spoken(65), str(uuid4())
    answer = await leave(phone, sound, identity)
    assert answer.status_code == 202
    assert answer.json() == {
        "id": identity,
        "mine": True,
        "text": "پیام صوتی، ۱:۰۵",
        "at": START,
        "state": "taken",
        "note": "",
        "spoken": False,
    }
    at = datetime.fromtimestamp(START, UTC).isoformat()
    facts = {"caller": NUMBER, "called": "1420", "at": at, "id": identity}
    assert gateway.pushed == [(facts, sound)]
    assert shown(phone) == ["پیام صوتی، ۱:۰۵"]


async def test_the_same_note_again_is_pushed_once(phone, gateway):
    sound, identity = spoken(1), str(uuid4())
    first = await leave(phone, sound, identity)
    assert (await leave(phone, sound, identity)).json() == first.json()
    assert len(gateway.pushed) == 1
    assert len(shown(phone)) == 1


async def test_while_the_gateway_is_away_nothing_is_claimed_and_it_goes_later(phone, gateway):
    gateway.away = True
    sound, identity = spoken(1), str(uuid4())
    assert (await leave(phone, sound, identity)).status_code == 502
    assert shown(phone) == []
    gateway.away = False
    assert (await leave(phone, sound, identity)).status_code == 202
    assert len(gateway.pushed) == 1


@pytest.mark.parametrize(
    ("sound", "status"),
    [(b"", 422), (b"word", 422), (spoken(0), 422), (spoken(1)[:30], 422), (bytes(MOST_BYTES + 1), 413)],
    ids=["nothing", "no-sound", "silence-of-no-length", "cut-off", "too-large"],
)
async def test_what_nobody_could_hear_is_not_pushed(phone, gateway, sound: bytes, status: int):
    assert (await leave(phone, sound)).status_code == status
    assert gateway.pushed == []


async def test_a_phone_that_was_never_opened_leaves_nothing(phone, gateway):
    phone.handle = "nobody"
    assert (await leave(phone, spoken(1))).status_code == 404
    assert gateway.pushed == []


@pytest.mark.parametrize(("secret", "offered"), [("", False), (SECRET, True)], ids=["none", "set"])
async def test_the_button_is_there_where_the_pbx_can_sign(secret: str, offered: bool):  # noqa: FBT001
    settings = SimulatorSettings(api_key="k", webhook_secret="s", GATEWAY_VOICE_PUSH_SECRET=secret)
    transport = httpx.ASGITransport(create_app(settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://phone") as phone:
        page = await phone.get("/")
    assert ('id="speak"' in page.text) is offered
