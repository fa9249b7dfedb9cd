"""A simulated world whose clock the test holds, and its API without a wire."""

import json
from collections.abc import Mapping

import httpx
import pytest

from simulator.app import create_app
from simulator.repository import World
from simulator.settings import SimulatorSettings

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
