"""`payam up` as a person starts it, on free ports and in a folder of its own, beside the outside world."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import psutil

from envelope.tracking import parse
from payam.ports import free_port

_PORTS = (
    "GATEWAY_SMS_PORT",
    "GATEWAY_USSD_PORT",
    "GATEWAY_VOICE_PORT",
    "ROUTER_PORT",
    "CASE_STORE_PORT",
    "GATEWAY_PORTAL_PORT",
    "DESK_PORT",
    "SIMULATOR_PORT",
)
_COMMAND_OF = {
    "gateway-sms": "gateway_sms",
    "gateway-ussd": "gateway_ussd",
    "gateway-voice": "gateway_voice",
    "router": "message_router",
    "case-store": "case_store",
    "gateway-portal": "gateway_portal",
    "desk": "desk",
    "simulator": "simulator",
    "kafka": "tansu",
    "postgres": "postgres",
    "redis": "redis-server",
}
LINE = "10001420"


class Flow:
    """A running Payam and the people who write to it."""

    services = (
        *("gateway-sms", "gateway-ussd", "gateway-voice", "gateway-portal"),
        *("router", "case-store", "desk", "simulator"),
    )

    def __init__(
        self,
        process: subprocess.Popen[str],
        state_dir: Path,
        ports: Mapping[str, int],
        secrets: Mapping[str, str],
    ) -> None:
        self.process = process
        self.logs = state_dir / "logs"
        self.ports = ports
        self.secrets = secrets
        token = {"Authorization": f"Bearer {secrets['CASE_STORE_TOKEN']}"}
        self.store = httpx.Client(base_url=f"{self.url('CASE_STORE')}/api/v1", headers=token, timeout=30)
        self.world = httpx.Client(base_url=f"{self.url('SIMULATOR')}/control", timeout=30)
        self.gateway = httpx.Client(base_url=self.url("GATEWAY_SMS"), timeout=30)

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[f'{service}_PORT']}"

    @property
    def mo_path(self) -> str:
        return f"/kavenegar/{self.secrets['KAVENEGAR_WEBHOOK_SECRET']}/mo"

    def push_mo(self, sender: str, text: str, messageid: str | None = None) -> httpx.Response:
        """Post an MO to the gateway as Kavenegar does."""
        form = {
            "from": sender,
            "to": LINE,
            "message": text,
            "messageid": messageid or str(uuid4().int % 10**12),
        }
        return self.gateway.post(self.mo_path, data=form)

    def write(self, sender: str, text: str) -> int:
        """Type an SMS on a phone of the simulated world; the provider's message id."""
        answer = self.world.post("/mo", json={"sender": sender, "text": text, "line": LINE})
        return int(answer.raise_for_status().json()["messageid"])

    def phone(self, number: str) -> list[dict[str, Any]]:
        """What arrived at a phone, the oldest first."""
        answer = self.world.post("/phones/search", json={"number": number}).raise_for_status()
        return [message for message in answer.json()["messages"] if not message["mine"]]

    def sendings(self, receptor: str) -> list[dict[str, Any]]:
        """What the telecom was given for one receptor: an entry a message, however often it was asked for."""
        answer = self.world.post("/sendings/search", json={"receptor": receptor}).raise_for_status()
        return list(answer.json()["messages"])

    def cases_of(self, number: str) -> list[dict[str, Any]]:
        """A person's cases, each in full."""
        found = self.store.post("/contacts/search", json={"address": number})
        if found.status_code == httpx.codes.NOT_FOUND:
            return []
        contact = found.raise_for_status().json()
        listed = self.store.get("/cases", params={"contact": contact["id"]}).raise_for_status().json()
        return [self.case(case["tracking_code"]) for case in listed["cases"]]

    def case(self, code: str) -> dict[str, Any]:
        return dict(self.store.get(f"/cases/{code}").raise_for_status().json())

    def pid(self, name: str) -> int:
        """The process of a service or an engine."""
        wanted = _COMMAND_OF[name]
        for child in psutil.Process(self.process.pid).children(recursive=True):
            command = " ".join(child.cmdline())
            if f"-m {wanted}" in command or Path(command.split(" ")[0]).name.startswith(wanted):
                return child.pid
        message = f"{name} does not run"
        raise AssertionError(message)

    def kill(self, name: str) -> None:
        """SIGKILL; the supervisor is to bring it back."""
        psutil.Process(self.pid(name)).kill()

    @contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """Neither answers nor ends, the worst way to be away."""
        process = self.pid(name)
        os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(process, signal.SIGCONT)

    def ready(self, service: str) -> bool:
        try:
            return bool(httpx.get(f"{self.url(service)}/readyz", timeout=2).json()["status"] == "ready")
        except httpx.HTTPError:
            return False

    def all_ready(self) -> bool:
        return all(self.ready(port.removesuffix("_PORT")) for port in _PORTS)

    def sql(self, statement: str) -> list[Any]:
        """Run one statement in the case store's database, as an operator at its console might."""
        url = psutil.Process(self.pid("case-store")).environ()["DATABASE_URL"].replace("+asyncpg", "")

        async def run() -> list[Any]:
            connection = await asyncpg.connect(url)
            try:
                return list(await connection.fetch(statement))
            finally:
                await connection.close()

        return asyncio.run(run())

    def close(self) -> None:
        for client in (self.store, self.world, self.gateway):
            client.close()


def until(condition: Any, seconds: float = 30, pause: float = 0.05) -> Any:  # noqa: ANN401  (whatever it finds)
    """Wait for a condition to hold and give back what it found."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            found = condition()
        except httpx.TransportError:
            found = None
        if found:
            return found
        time.sleep(pause)
    message = f"not within {seconds} s"
    raise AssertionError(message)


def code_in(text: str) -> str:
    """The tracking code in a message to a person."""
    for start in range(len(text)):
        for length in (10, 11, 12):
            if code := parse(text[start : start + length]):
                return code
    message = "no tracking code in the message"
    raise AssertionError(message)


@contextmanager
def running_flow(state_dir: Path, **environment: str) -> Iterator[Flow]:
    """Run `payam up` until the block ends; `environment` changes settings, as an operator would."""
    ports = {name: free_port() for name in _PORTS}
    told = {name: value for name, value in os.environ.items() if not name.startswith("PAYAM_")}
    told |= (
        {name: str(port) for name, port in ports.items()} | {"PAYAM_STATE_DIR": str(state_dir)} | environment
    )
    log = (state_dir / "up.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-m", "payam", "up"], env=told, stdout=log, stderr=log, text=True
    )
    try:
        printed = _await_ready(process, state_dir / "up.log")
        secrets = subprocess.run(
            [sys.executable, "-m", "payam", "secrets"], env=told, capture_output=True, text=True, check=True
        )
        pairs = dict(line.split("=", 1) for line in secrets.stdout.splitlines() if "=" in line)
        flow = Flow(process, state_dir, ports, pairs)
        assert printed
        yield flow
        flow.close()
    finally:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def _await_ready(process: subprocess.Popen[str], log: Path) -> str:
    ends = time.monotonic() + 90
    while time.monotonic() < ends:
        printed = log.read_text()
        if "\nready\n" in printed:
            return printed
        if process.poll() is not None:
            break
        time.sleep(0.1)
    message = f"payam up did not become ready:\n{log.read_text()[-3000:]}"
    raise AssertionError(message)
