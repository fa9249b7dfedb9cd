"""Asterisk itself, from the packages that `make test` unpacks, with the configuration of deploy/asterisk."""

import shutil
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from payam.ports import LOOPBACK, free_port
from payam.processes import Child, spawn

ROOT = Path(sys.prefix) / "asterisk"
SHIPPED = Path(__file__).parents[2] / "deploy" / "asterisk" / "etc"
PASSWORD = "of-a-test"
_START_SECONDS = 60.0
_FOLDERS = ("lib", "db", "keys", "spool/recording", "run", "log", "prompts")
_TESTS_OWN = """
[test-queue]
exten => 1420,1,Answer()
 same => n,Set(GLOBAL(HANDED_ON)=${CALLERID(num)})
 same => n,Wait(30)
 same => n,Hangup()

[test-agents]
exten => 1001,1,Answer()
 same => n,Wait(60)
exten => 1002,1,Ringing()
 same => n,Wait(60)
exten => 1003,1,Answer()
 same => n,Wait(2)
 same => n,Hangup()

[test-people]
exten => 09121234567,1,Ringing()
 same => n,Wait(0.5)
 same => n,Answer()
 same => n,PlayTones(700)
 same => n,Wait(60)
exten => 09120000003,1,Answer()
 same => n,PlayTones(700)
 same => n,Wait(3)
 same => n,Hangup()
exten => 09120000017,1,Busy(1)
exten => 09120000486,1,Hangup(17)
exten => 09120000001,1,Hangup(1)
exten => 09120000019,1,Ringing()
 same => n,Wait(60)
"""


def why_not() -> str | None:
    """None if Asterisk can run here, else why not."""
    return None if (ROOT / "complete").is_file() else "Asterisk is missing; `make parts` fetches it"


@dataclass
class AsteriskServer:
    """One Asterisk with a folder of its own, on loopback; `restart` kills it first."""

    folder: Path
    port: int = field(default_factory=free_port)
    sip_port: int = field(default_factory=free_port)
    _child: Child | None = None

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/ari"

    @property
    def prompts(self) -> Path:
        return self.folder / "prompts"

    @property
    def recordings(self) -> Path:
        return self.folder / "spool" / "recording"

    def start(self) -> None:
        for name in _FOLDERS:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._configure()
        command = [ROOT / "run", "usr/sbin/asterisk", "-f", "-n", "-C", self.folder / "etc" / "asterisk.conf"]
        self._child = spawn(command, log=self.folder / "asterisk.log")
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._child.exit_code is not None or time.monotonic() > deadline:
                message = f"Asterisk did not start: {self._child.last_words()}"
                raise RuntimeError(message)
            time.sleep(0.1)

    def stop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _answers(self) -> bool:
        try:
            answer = httpx.get(f"{self.url}/asterisk/info", auth=("payam", PASSWORD), trust_env=False)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    def _configure(self) -> None:
        etc = self.folder / "etc"
        shutil.copytree(SHIPPED, etc, dirs_exist_ok=True)
        places = {
            "/etc/asterisk": etc,
            "/usr/lib/asterisk/modules": ROOT / "usr/lib/asterisk/modules",
            "/usr/share/asterisk": ROOT / "usr/share/asterisk",
            "/var/lib/asterisk": self.folder / "lib",
            "/var/spool/asterisk": self.folder / "spool",
            "/var/run/asterisk": self.folder / "run",
            "/var/log/asterisk": self.folder / "log",
        }
        _change(etc / "asterisk.conf", {f"=> {old}": f"=> {new}" for old, new in places.items()})
        _change(etc / "http.conf", {"8088": str(self.port)})
        _change(etc / "ari.conf", {"change-me": PASSWORD})
        _change(etc / "pjsip.conf", {"0.0.0.0:5060": f"{LOOPBACK}:{self.sip_port}"})
        with (etc / "extensions.conf").open("a") as dialplan:
            dialplan.write(_TESTS_OWN)


def _change(path: Path, changes: dict[str, str]) -> None:
    text = path.read_text("utf-8")
    for old, new in changes.items():
        assert old in text, f"{path.name} no longer says {old}"
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
