"""What PBXs push: `POST /recordings`, signed, answered with the tracking code once the recording is safe."""

import asyncio
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict

from gateway_voice.errors import BodyTooLargeError, BusyError, NotAuthenticError, UnreadableError
from gateway_voice.handlers.keeping import Keeping
from gateway_voice.metrics import PUSHES_REFUSED
from gateway_voice.routes.form import read_form
from gateway_voice.routes.signed import Signed, signed_body

STATUSES: Final[dict[type[Exception], int]] = {
    UnreadableError: HTTPStatus.UNPROCESSABLE_ENTITY,
    BodyTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    NotAuthenticError: HTTPStatus.UNAUTHORIZED,
    BusyError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Our errors as answers; what is retriable is 503 everywhere."""
_TEXT: Final = {"type": "string", "maxLength": 200}
_FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["audio", "caller", "called", "at", "id"],
                    "properties": {
                        "audio": {"type": "string", "format": "binary", "description": "As it was recorded."},
                        "caller": _TEXT | {"description": "Who spoke; empty where the number was withheld."},
                        "called": _TEXT | {"description": "Our number."},
                        "at": _TEXT | {"description": "When: ISO 8601 with its zone, or seconds since 1970."},
                        "id": _TEXT | {"description": "The PBX's own: the same id is the same message."},
                    },
                }
            }
        },
    },
    "parameters": [
        {"name": "X-Payam-Timestamp", "in": "header", "required": True, "schema": {"type": "integer"}},
        {"name": "X-Payam-Signature", "in": "header", "required": True, "schema": {"type": "string"}},
    ],
}


class Accepted(BaseModel):
    """It is on our disk: the PBX may delete its own."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    tracking_code: str | None
    """The same for the same id; null where none was at hand, and then the caller gets one by SMS alone."""


def build_router(keeping: Keeping, signed: Signed) -> APIRouter:
    """`POST /recordings`."""
    router = APIRouter(tags=["PBXs that push"])
    guard = signed_body(signed)

    @router.post(
        "/recordings",
        status_code=HTTPStatus.ACCEPTED,
        summary="Hand over a recording",
        dependencies=[Depends(guard)],
        openapi_extra=_FORM,
    )
    async def receive(request: Request) -> Accepted:
        """Take what a PBX recorded.

        `X-Payam-Signature` is `v1=` and a HMAC-SHA256 in hex, over four things with a line feed between:
        `POST`, `/recordings`, the `X-Payam-Timestamp` (seconds since 1970), and the body.
        """
        told = request.headers.get("Content-Type", "")
        audio = signed.tmp / f"{request.state.body.name}.audio"
        try:
            recording = await asyncio.to_thread(read_form, told, request.state.body, audio, signed.disk)
            await keeping.keep(recording)
            return Accepted(tracking_code=await keeping.code_of(recording))
        except UnreadableError as error:
            PUSHES_REFUSED.labels(type(error).__name__).inc()
            raise
        finally:
            await asyncio.to_thread(audio.unlink, missing_ok=True)

    return router
