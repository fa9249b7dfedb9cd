"""Real servers on free ports, for tests that need bytes on a wire."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI, Request, Response


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an app in a thread of its own; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        wait_for(lambda: server.started)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def wait_for(happened, seconds: float = 10.0):
    """What `happened()` gives once it gives something; an AssertionError if it never does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := happened():
            return found
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")


class Gateway:
    """A receiver in the place of gateway-sms: remembers every push, answers what it is told."""

    def __init__(self) -> None:
        self.pushes: list[tuple[str, dict[str, str]]] = []
        self.answers = 200
        self.app = FastAPI()
        self.app.add_api_route("/kavenegar/{secret}/{hook}", self._receive, methods=["POST"])

    async def _receive(self, secret: str, hook: str, request: Request) -> Response:
        assert secret == "hook-secret"
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        form = await request.form()
        self.pushes.append((hook, {name: str(value) for name, value in form.items()}))
        return Response(status_code=self.answers)

    def of(self, hook: str) -> list[dict[str, str]]:
        return [form for pushed, form in self.pushes if pushed == hook]
