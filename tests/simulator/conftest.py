"""A simulated world whose clock the test holds, and its API without a wire."""

import json
from collections.abc import Mapping

import httpx
import pytest

from simulator.app import create_app
from simulator.repository import World
from simulator.settings import SimulatorSettings
from tests.simulator.live import serving
from tests.simulator.menus import Menus

START = 1_795_000_000.0


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


class Api:
    """Kavenegar's API as a client of it sees it."""

    def __init__(self, app) -> None:
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://kavenegar")

    async def call(self, method: str, *, key: str = "the-key", verb: str = "POST", **given) -> httpx.Response:
        place = {"data": given} if verb == "POST" else {"params": given}
        return await self.client.request(verb, f"/v1/{key}/{method}.json", **place)

    async def entries(self, method: str, **given):
        answer = await self.call(method, **given)
        assert answer.status_code == 200, answer.text
        return answer.json()["entries"]

    async def send_many(self, orders: list[Mapping], **more) -> httpx.Response:
        fields = {
            "receptor": json.dumps([order["to"] for order in orders]),
            "sender": json.dumps(["10001420"] * len(orders)),
            "message": json.dumps([order["text"] for order in orders]),
        }
        if "localid" in orders[0]:
            fields["localmessageids"] = json.dumps([order["localid"] for order in orders])
        return await self.call("sms/sendarray", **fields, **more)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings() -> SimulatorSettings:
    return SimulatorSettings(api_key="the-key", webhook_secret="hook-secret", to_final_seconds=300)


@pytest.fixture
def world(settings, clock) -> World:
    return World(settings, clock)


@pytest.fixture
async def api(settings, world):
    api = Api(create_app(settings, world=world))
    async with api.client:
        yield api


class Phone:
    """A handset that dials, over the simulator's own API."""

    def __init__(self, url: str, clock: Clock, number: str = "09121234567") -> None:
        self.url = url
        self.clock = clock
        self.http = httpx.Client(base_url=url, timeout=20)
        self.handle = self.http.post("/phones", json={"number": number}).json()["phone"]

    def do(self, action: str, text: str = "", provider: str | None = None) -> httpx.Response:
        body = {"action": action, "text": text, "provider": provider}
        return self.http.post(f"/phones/{self.handle}/ussd", json=body)

    def screen(self, action: str, text: str = "", provider: str | None = None) -> tuple[str, bool]:
        answer = self.do(action, text, provider)
        assert answer.status_code == 200, answer.text
        return answer.json()["text"], answer.json()["ends"]


@pytest.fixture(scope="session")
def network():
    """A simulator and the gateway's stand-in, on wires."""
    menus = Menus()
    with serving(menus.app) as gateway:
        settings = SimulatorSettings(
            api_key="k",
            webhook_secret="s",
            gateway_url=gateway,
            ussd_url=gateway,
            ussd_user=menus.user,
            ussd_password=menus.password,
            ussd_api_key="mad-key",
            ussd_answer_seconds=2.5,
        )
        clock = Clock()
        with serving(create_app(settings, world=World(settings, clock))) as url:
            menus.simulator = url
            yield menus, clock


@pytest.fixture
def menus(network):
    menus, _ = network
    menus.begin_anew()
    httpx.post(f"{menus.simulator}/control/reset").raise_for_status()
    return menus


@pytest.fixture
def phone(network, menus):
    phone = Phone(menus.simulator, network[1])
    yield phone
    phone.http.close()
