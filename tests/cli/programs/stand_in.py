"""A service in small: /readyz says what the file `<name>.sick` says; SIGTERM is written down."""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import FrameType

FOLDER = Path(os.environ["STAND_IN_FOLDER"])


class Health(BaseHTTPRequestHandler):
    name = ""

    def do_GET(self) -> None:
        sick = FOLDER / f"{self.name}.sick"
        reasons = {"consumer": sick.read_text()} if sick.exists() else {}
        self.send_response(503 if reasons else 200)
        self.end_headers()
        self.wfile.write(json.dumps({"reasons": reasons}).encode())

    def log_message(self, *_words: object) -> None:
        return


def leave(_number: int, _frame: FrameType | None) -> None:
    with (FOLDER / "left").open("a") as left:
        left.write(f"{Health.name}\n")
    sys.exit(0)


def main(name: str) -> None:
    Health.name = name
    signal.signal(signal.SIGTERM, leave)
    HTTPServer(("127.0.0.1", int(os.environ[f"{name.upper()}_PORT"])), Health).serve_forever()
