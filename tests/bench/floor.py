"""The bare floors: FastAPI routes on the same server, a form or a body read, an empty page shown."""

import sys
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Form
from fastapi.responses import HTMLResponse, PlainTextResponse

from gateway_portal.schemas.api.messages import NewMessage

app = FastAPI()


@app.post("/mo")
async def bare(
    sender: Annotated[str, Form(alias="from")],
    to: Annotated[str, Form()],
    message: Annotated[str, Form()],
    messageid: Annotated[str, Form()],
) -> dict[str, str]:
    return {"status": "ok"}


@app.post("/ussd", response_class=PlainTextResponse)
async def bare_screen(
    sessionId: Annotated[str, Form()],  # noqa: N803  (Africa's Talking's own names)
    phoneNumber: Annotated[str, Form()],  # noqa: N803
    serviceCode: Annotated[str, Form()],  # noqa: N803
    networkCode: Annotated[str, Form()],  # noqa: N803
    text: Annotated[str, Form()] = "",
) -> str:
    return "CON "


@app.post("/messages", status_code=201)
async def bare_message(body: NewMessage) -> dict[str, str]:
    return {"state": "received"}


@app.get("/nothing", response_class=HTMLResponse)
async def nothing() -> str:
    return ""


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False)
