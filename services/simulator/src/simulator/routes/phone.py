"""The phone in the browser: one page, and the calls that the page makes."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Path
from fastapi.responses import HTMLResponse, StreamingResponse

from chassis.auth import open_to_all
from chassis.pages import templates
from simulator.handlers.dialling import Exchange
from simulator.handlers.phone import PhoneDesk
from simulator.numbers import MAGIC_NUMBERS
from simulator.operators import TITLES
from simulator.samples import SAMPLES
from simulator.schemas import (
    LONGEST_USSD,
    PhoneCard,
    PhoneNumber,
    PickedUp,
    ShownMessage,
    TypedMessage,
    UssdAction,
    UssdScreen,
)
from simulator.settings import SimulatorSettings

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Of the whole service: its one page submits nothing and sets no markup."""


def build_router(desk: PhoneDesk, exchange: Exchange, settings: SimulatorSettings) -> APIRouter:
    """The page at `/`, its calls under `/phones`."""
    guard = Depends(open_to_all("a toy phone of a simulated world"))
    router = APIRouter(tags=["phone"], dependencies=[guard], include_in_schema=False)
    page = _page(settings)

    @router.get("/")
    async def show_page() -> HTMLResponse:
        return HTMLResponse(page, headers={"Cache-Control": "no-cache"})

    @router.post("/phones")
    async def open_phone(typed: PhoneNumber) -> PhoneCard:
        return desk.open(typed.number)

    @router.post("/phones/{handle}/messages", status_code=HTTPStatus.ACCEPTED)
    async def type_message(handle: str, typed: TypedMessage) -> ShownMessage:
        return ShownMessage.model_validate(desk.type(handle, typed.id, typed.text))

    @router.post("/phones/{handle}/calls/{call_id}")
    async def pick_up(
        handle: str, call_id: Annotated[str, Path(pattern=r"^mt-[0-9]{1,18}$")], done: PickedUp
    ) -> ShownMessage:
        return ShownMessage.model_validate(desk.pick_up(handle, call_id, answered=done.answered))

    @router.post("/phones/{handle}/ussd")
    async def use_ussd(handle: str, done: UssdAction) -> UssdScreen:
        match done.action:
            case "dial":
                screen = await exchange.dial(handle, done.text, done.provider)
            case "answer":
                screen = await exchange.answer(handle, done.text)
            case "cancel":
                screen = await exchange.cancel(handle)
        return UssdScreen(text=screen.text, ends=screen.ends)

    @router.get("/phones/{handle}/events")
    async def watch(handle: str, last_event_id: Annotated[str, Header()] = "") -> StreamingResponse:
        return StreamingResponse(
            desk.watch(handle, last_event_id),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return router


def _page(settings: SimulatorSettings) -> str:
    page = templates("simulator").get_template("phone.html")
    return page.render(
        line=settings.lines[0],
        magic_numbers=MAGIC_NUMBERS if settings.magic_numbers else (),
        samples=SAMPLES,
        ussd_code=settings.ussd_code,
        ussd_longest=LONGEST_USSD,
        operators={name: title for name, title in TITLES.items() if name != "smpp" or settings.smpp_port},
        operator=settings.ussd_operator,
        voice=bool(settings.voice_secret.get_secret_value()),
    )
