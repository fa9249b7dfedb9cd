"""Builds the simulated world: the only module that does."""

from http import HTTPStatus

from fastapi import FastAPI

from chassis.pages import install_pages, static_folder
from chassis.parts import Task
from chassis.service import build_service
from simulator import errors
from simulator.clients import Webhooks
from simulator.handlers.account import Account
from simulator.handlers.carriage import Carriage
from simulator.handlers.control import Control
from simulator.handlers.methods import methods
from simulator.handlers.phone import PhoneDesk
from simulator.handlers.pushes import Pushes
from simulator.handlers.reading import Reading
from simulator.handlers.sending import Sending
from simulator.repository import World
from simulator.routes import control, kavenegar, phone
from simulator.settings import SimulatorSettings


def create_app(settings: SimulatorSettings | None = None, *, world: World | None = None) -> FastAPI:
    """The simulator; a test passes its own settings, and a world with its own clock."""
    settings = settings or SimulatorSettings()
    world = world or World(settings)
    webhooks = Webhooks(settings)
    carriage = Carriage(world, Pushes(world, webhooks.push))
    table = methods(Sending(world, carriage), Reading(world), Account(world))
    app = build_service(
        name="simulator",
        description="The outside world: Kavenegar, the operators and a phone in the browser.",
        parts=[webhooks, Task("time", carriage.run)],
        routers=[
            kavenegar.build_router(table, world, settings.api_key),
            control.build_router(Control(world, carriage, lambda: webhooks.waiting), settings),
            phone.build_router(PhoneDesk(world, carriage), settings),
        ],
        problems={
            errors.BadNumberError: HTTPStatus.UNPROCESSABLE_ENTITY,
            errors.CallRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
            errors.UnknownPhoneError: HTTPStatus.NOT_FOUND,
        },
    )
    install_pages(app, static=static_folder("simulator"), policy=phone.POLICY)
    return app
