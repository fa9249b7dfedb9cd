"""A simulator, a gateway's stand-in that answers each message, and a real browser to watch them with."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from playwright.sync_api import Browser, sync_playwright

from simulator.app import create_app
from simulator.settings import SimulatorSettings
from tests.simulator.live import serving

API_KEY = "browser-key"
HOOK_SECRET = "browser-hook"
CHROMIUM = Path(os.environ.get("PAYAM_CHROMIUM", "/usr/bin/chromium"))
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Answering:
    """In the place of gateway-sms: takes each MO and sends one SMS back by Kavenegar's API."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.away = False
        self.answering = True
        self.simulator = ""
        self.app = FastAPI()
        self.app.add_api_route("/kavenegar/{secret}/{hook}", self._receive, methods=["POST"])

    async def _receive(self, secret: str, hook: str, request: Request) -> Response:
        if self.away or secret != HOOK_SECRET:
            return Response(status_code=503)
        if hook == "mo":
            form = await request.form()
            self.taken.append(str(form["message"]))
            if self.answering:
                await self._answer(str(form["from"]), f"کد رهگیری شما: {4_817_203_950 + len(self.taken)}")
        return Response()

    async def _answer(self, receptor: str, text: str) -> None:
        async with httpx.AsyncClient(base_url=self.simulator) as client:
            await client.post(f"/v1/{API_KEY}/sms/send.json", data={"receptor": receptor, "message": text})


class Stage:
    """Where the page is, and what stands behind it."""

    def __init__(self, url: str, gateway: Answering) -> None:
        self.url = url
        self.gateway = gateway

    def begin_anew(self) -> None:
        """Forget what happened, here and in the simulator."""
        self.gateway.taken.clear()
        self.gateway.away = False
        httpx.post(f"{self.url}/control/reset").raise_for_status()

    def send(self, receptor: str, text: str) -> None:
        """An MT by Kavenegar's API."""
        answer = httpx.post(
            f"{self.url}/v1/{API_KEY}/sms/send.json", data={"receptor": receptor, "message": text}
        )
        answer.raise_for_status()

    def read_out(self, receptor: str, text: str) -> None:
        """A voice call by Kavenegar's API."""
        answer = httpx.post(
            f"{self.url}/v1/{API_KEY}/call/maketts.json", data={"receptor": receptor, "message": text}
        )
        answer.raise_for_status()


@contextmanager
def stage() -> Iterator[Stage]:
    """Simulator and stand-in on free ports."""
    gateway = Answering()
    with serving(gateway.app) as gateway_url:
        settings = SimulatorSettings(
            api_key=API_KEY,
            webhook_secret=HOOK_SECRET,
            gateway_url=gateway_url,
            to_telecom_seconds=0.05,
            to_final_seconds=0.2,
            push_retry_seconds=0.3,
        )
        with serving(create_app(settings)) as url:
            gateway.simulator = url
            yield Stage(url, gateway)


def why_not() -> str | None:
    """Why no browser test can run here; None when they can."""
    if CHROMIUM.exists():
        return None
    return f"{CHROMIUM} is missing: `apt-get install chromium`, or say where it is in PAYAM_CHROMIUM"


def demand_chromium() -> None:
    """Without Chromium leave the test out, with the reason; fail where leaving out is forbidden."""
    if reason := why_not():
        (pytest.fail if os.environ.get("PAYAM_REQUIRE_ALL") == "1" else pytest.skip)(reason)


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """Debian's Chromium, quiet on the network; `more` flags where a test wants them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*QUIET, *more])
        try:
            yield browser
        finally:
            browser.close()


def latin(text: str) -> str:
    """Persian digits as Latin ones, so that a test can read a number off the page."""
    return re.sub(r"[۰-۹]", lambda digit: str("۰۱۲۳۴۵۶۷۸۹".index(digit[0])), text)
