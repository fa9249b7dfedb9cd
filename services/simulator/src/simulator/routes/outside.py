"""Services of other organisations, which our menus ask: the support basket, the branches of a province."""

import asyncio
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from chassis.auth import bearer_token, open_to_all
from chassis.problems import Problem
from simulator import basket
from simulator.branches import branches_of
from simulator.repository import World
from simulator.schemas import Basket, Branch, Branches
from simulator.settings import SimulatorSettings

NationalId = Annotated[str, Path(pattern=r"^[0-9]{10}$")]
Province = Annotated[str, Query(min_length=1, max_length=40)]


def build_router(world: World, settings: SimulatorSettings) -> APIRouter:
    """Routes under `/outside`, behind a token if there is one."""
    token = settings.outside_token or settings.control_token
    guard = open_to_all("listens on loopback only") if token is None else bearer_token(token)
    router = APIRouter(prefix="/outside", tags=["outside"], dependencies=[Depends(guard)])

    @router.get("/basket/{national_id}")
    async def ask_basket(national_id: NationalId) -> Basket:
        """Whether somebody is entitled to the support basket."""
        await _weather(world, "basket")
        return Basket(entitled=basket.is_entitled(national_id), words=basket.words(national_id))

    @router.get("/branches")
    async def ask_branches(province: Province) -> Branches:
        """The branches of a province, by its Persian name in any spelling; none of an unknown one."""
        await _weather(world, "branches")
        return Branches(branches=[Branch(**one._asdict()) for one in branches_of(province)])

    return router


async def _weather(world: World, service: str) -> None:
    """The fault modes that hold for these services."""
    world.counters.count_outside(service)
    await asyncio.sleep(world.faults.outside_latency)
    if world.faults.outside_down:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "The service is out of order")
