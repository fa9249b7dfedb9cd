"""A phone on each form, with the provider that it is on and whatever answers behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx

from gateway_ussd.providers import PROVIDERS, huawei
from gateway_ussd.providers.port import Provider
from gateway_ussd.settings import ProviderSettings
from tests.gateway_ussd.providers.phones import (
    AfricasTalkingPhone,
    ComvivaPhone,
    HuaweiPhone,
    InotiPhone,
    MadapiPhone,
    Phone,
    SmppPhone,
    Smsc,
    free_port,
)

SYNCHRONOUS = {
    "africastalking": AfricasTalkingPhone,
    "comviva": ComvivaPhone,
    "madapi": MadapiPhone,
    "inoti": InotiPhone,
}
FORMS = (*SYNCHRONOUS, "huawei", "smpp")
NAME = "operator"


class Line(NamedTuple):
    form: str
    phone: Phone
    provider: Provider
    engine: Any


@asynccontextmanager
async def line_of(form: str, engine: Any) -> AsyncIterator[Line]:  # noqa: ANN401  (whatever gives screens)
    """The line of a form, its connections up until the block ends."""
    if form in SYNCHRONOUS:
        provider = PROVIDERS[form](NAME, ProviderSettings(form=form), engine)
        yield Line(form, SYNCHRONOUS[form](provider.receive), provider, engine)
    elif form == "huawei":
        async with _huawei(engine) as line:
            yield line
    else:
        async with _smpp(engine) as line:
            yield line


@asynccontextmanager
async def _huawei(engine: Any) -> AsyncIterator[Line]:  # noqa: ANN401  (as above)
    async def call(received):
        return await provider.receive(received)

    phone = HuaweiPhone(call)
    settings = ProviderSettings.model_validate({"form": "huawei", "base_url": "http://sdp.test/SendUssd"})
    provider = huawei.from_settings(NAME, settings, engine, httpx.MockTransport(phone.sdp))
    async with _running(provider):
        yield Line("huawei", phone, provider, engine)


@asynccontextmanager
async def _smpp(engine: Any) -> AsyncIterator[Line]:  # noqa: ANN401  (as above)
    async with Smsc(free_port()).running() as smsc:
        settings = ProviderSettings(form="smpp", port=smsc.port, system_id="tamin")
        provider = PROVIDERS["smpp"](NAME, settings, engine)
        async with _running(provider):
            yield Line("smpp", SmppPhone(smsc), provider, engine)


@asynccontextmanager
async def _running(provider: Provider) -> AsyncIterator[None]:
    for part in provider.parts:
        await part.start()
    yield
    for part in reversed(provider.parts):
        await part.stop()
