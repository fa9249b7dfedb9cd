"""Voice notes of the phone in the browser: raw sound in, a message on the phone out."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from chassis.auth import open_to_all
from chassis.problems import Problem
from simulator.handlers.voicemail import MOST_BYTES, Voicemail
from simulator.schemas import PAGE_ID, ShownMessage

Identity = Annotated[str, Path(pattern=PAGE_ID)]
"""The page's own id of what it sends."""


def build_router(voicemail: Voicemail) -> APIRouter:
    """Beside the other calls of the page."""
    guard = Depends(open_to_all("a toy phone of a simulated world"))
    router = APIRouter(tags=["phone"], dependencies=[guard], include_in_schema=False)

    @router.post("/phones/{handle}/recordings/{identity}", status_code=HTTPStatus.ACCEPTED)
    async def leave(handle: str, identity: Identity, request: Request) -> ShownMessage:
        return ShownMessage.model_validate(await voicemail.leave(handle, identity, await _bounded(request)))

    return router


async def _bounded(request: Request) -> bytes:
    sound = bytearray()
    async for piece in request.stream():
        sound += piece
        if len(sound) > MOST_BYTES:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "A voice note is four minutes at most")
    return bytes(sound)
