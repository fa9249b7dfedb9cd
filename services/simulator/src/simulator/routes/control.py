"""The knobs and meters of the simulated world."""

from http import HTTPStatus

from fastapi import APIRouter, Depends

from chassis.auth import bearer_token, open_to_all
from simulator.handlers.control import Control
from simulator.model import Mt
from simulator.schemas import (
    FaultModes,
    InjectedId,
    InjectedMo,
    PhoneSearch,
    SeenMt,
    SeenMts,
    SendingSearch,
    ShownMessage,
    ShownMessages,
    Totals,
)
from simulator.settings import SimulatorSettings


def build_router(control: Control, settings: SimulatorSettings) -> APIRouter:
    """Routes under `/control`, behind the token if there is one."""
    token = settings.control_token
    guard = open_to_all("listens on loopback only") if token is None else bearer_token(token)
    router = APIRouter(prefix="/control", tags=["control"], dependencies=[Depends(guard)])

    @router.get("/faults")
    async def read_faults() -> FaultModes:
        """The fault modes as they stand."""
        return control.faults()

    @router.put("/faults")
    async def set_faults(modes: FaultModes) -> FaultModes:
        """Replace the fault modes; an empty object ends them all."""
        control.set_faults(modes)
        return control.faults()

    @router.post("/reset", status_code=HTTPStatus.NO_CONTENT)
    async def reset() -> None:
        """Forget all messages, phones, faults and counters."""
        control.reset()

    @router.get("/counters")
    async def read_counters() -> Totals:
        """What was counted since the start or the last reset."""
        return Totals.model_validate(control.totals())

    @router.post("/mo", status_code=HTTPStatus.CREATED)
    async def inject_mo(mo: InjectedMo) -> InjectedId:
        """A message from a phone, without a page."""
        return InjectedId(messageid=control.inject_mo(mo.sender, mo.line, mo.text).messageid)

    @router.post("/sendings/search")
    async def search_sendings(search: SendingSearch) -> SeenMts:
        """What the telecom saw: all, of one receptor, or of one localid."""
        found = control.seen(search.receptor, search.localid, search.limit)
        return SeenMts(messages=[_seen(mt) for mt in found])

    @router.post("/phones/search")
    async def search_phones(search: PhoneSearch) -> ShownMessages:
        """What arrived (or did not, with a note) at a phone, the oldest first."""
        found = control.received(search.number)
        return ShownMessages(messages=[ShownMessage.model_validate(bubble) for bubble in found])

    return router


def _seen(mt: Mt) -> SeenMt:
    return SeenMt(
        messageid=mt.messageid,
        localid=mt.localid,
        receptor=mt.receptor,
        line=mt.line,
        text=mt.text,
        parts=mt.parts,
        spoken=mt.spoken,
        status=mt.status.value,
        asked=mt.asked,
    )
