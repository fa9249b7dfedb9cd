"""The bare floors: FastAPI routes on the same server, a form parsed, an empty page shown."""

import sys
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Form
from fastapi.responses import HTMLResponse

app = FastAPI()


@app.post("/mo")
async def bare(
    sender: Annotated[str, Form(alias="from")],
    to: Annotated[str, Form()],
    message: Annotated[str, Form()],
    messageid: Annotated[str, Form()],
) -> dict[str, str]:
    return {"status": "ok"}


@app.get("/nothing", response_class=HTMLResponse)
async def nothing() -> str:
    return ""


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False)
