"""Builds the simulated world: the only module that does."""

from http import HTTPStatus
from typing import Final

from fastapi import FastAPI

from chassis.pages import install_pages, static_folder
from chassis.parts import Task
from chassis.service import build_service
from simulator import errors
from simulator.clients import Pbx, Webhooks
from simulator.handlers.account import Account
from simulator.handlers.carriage import Carriage
from simulator.handlers.control import Control
from simulator.handlers.dialling import Exchange
from simulator.handlers.methods import methods
from simulator.handlers.phone import PhoneDesk
from simulator.handlers.pushes import Pushes
from simulator.handlers.reading import Reading
from simulator.handlers.sending import Sending
from simulator.handlers.voicemail import Voicemail
from simulator.operators import OVER_HTTP, Huawei, Line, Operator, Smsc
from simulator.repository import World
from simulator.routes import control, huawei, kavenegar, outside, phone, voicemail
from simulator.settings import SimulatorSettings

_PROBLEMS: Final = {
    errors.BadNumberError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BadRecordingError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.CallRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnknownPhoneError: HTTPStatus.NOT_FOUND,
    errors.UnknownOperatorError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NoDialogueError: HTTPStatus.CONFLICT,
    errors.NetworkError: HTTPStatus.BAD_GATEWAY,
}


def create_app(settings: SimulatorSettings | None = None, *, world: World | None = None) -> FastAPI:
    """The simulator; a test passes its own settings, and a world with its own clock."""
    settings = settings or SimulatorSettings()
    world = world or World(settings)
    webhooks, line, smsc, pbx = Webhooks(settings), Line(settings), Smsc(settings), Pbx(settings)
    carriage = Carriage(world, Pushes(world, webhooks.push))
    sdp = Huawei(settings, line)
    operators: dict[str, Operator] = {name: build(settings, line) for name, build in OVER_HTTP.items()}
    operators |= {"huawei": sdp} | ({"smpp": smsc} if settings.smpp_port else {})
    exchange = Exchange(world, operators)
    table = methods(Sending(world, carriage), Reading(world), Account(world))
    app = build_service(
        name="simulator",
        description="The outside world: Kavenegar, the operators and a phone in the browser.",
        parts=[webhooks, line, smsc, pbx, Task("time", carriage.run), Task("exchange", exchange.run)],
        routers=[
            kavenegar.build_router(table, world, settings.api_key),
            control.build_router(Control(world, carriage, lambda: webhooks.waiting), settings),
            phone.build_router(PhoneDesk(world, carriage), exchange, settings),
            voicemail.build_router(Voicemail(world, pbx)),
            huawei.build_router(sdp),
            outside.build_router(world, settings),
        ],
        problems=_PROBLEMS,
    )
    install_pages(app, static=static_folder("simulator"), policy=phone.POLICY)
    return app
