"""Plays Asterisk: ARI's orders by HTTP, its events by WebSocket, in the shapes that a real one sent.

`payloads/asterisk/events.jsonl` is what Asterisk 16.28 said in one call; every event here is one of those
with other ids. The order of events is the real one's, too (tests/integration/test_asterisk.py).
"""

import asyncio
import contextlib
import copy
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI, HTTPException, Request, Response, WebSocket
from starlette.websockets import WebSocketDisconnect

SOUND = b"RIFF" + b"\0" * 40 + b"\1\2" * 800
_EVENTS = [
    json.loads(line)
    for line in (Path(__file__).parent / "payloads/asterisk/events.jsonl").read_text("utf-8").splitlines()
]
_numbers = count(9_120_000_000)
_ids = count(1)


def event(kind: str) -> dict[str, Any]:
    """The first of its kind, as it came."""
    return copy.deepcopy(next(each for each in _EVENTS if each["type"] == kind))


@dataclass
class Line:
    """One call."""

    double: "AsteriskDouble"
    id: str
    number: str
    orders: list[str] = field(default_factory=list)
    """What was done with it: `answer`, `play a,b`, `record name`, `continue context`, `hang up`."""
    recording: str | None = None
    record_query: dict[str, str] = field(default_factory=dict)
    """How it was last told to record."""
    playback: str | None = None
    up: bool = True
    habits: dict[str, str] = field(default_factory=dict)
    """What the caller presses once a prompt has been heard to its end, by name; `bye` hangs up."""

    @property
    def heard(self) -> list[str]:
        """The prompts, without folders."""
        played = [order.removeprefix("play ") for order in self.orders if order.startswith("play ")]
        return [media.rpartition("/")[2] for each in played for media in each.split(",")]

    def press(self, keys: str) -> None:
        for key in keys:
            self._tell("ChannelDtmfReceived", digit=key)
            if key == "#":
                self.end_recording()

    def say(self, seconds: int) -> None:
        """And fall silent, until Asterisk ends the recording."""
        self.end_recording(seconds)

    def end_recording(self, seconds: int = 5, *, silent: bool = False) -> None:
        name, self.recording = self.recording, None
        if name is None:
            return
        told = {"name": name, "format": "wav", "state": "done", "target_uri": f"channel:{self.id}"}
        if seconds:
            self.double.stored[name] = SOUND
            told |= {"duration": seconds, "silence_duration": seconds if silent else 1}
            told |= {} if silent else {"talking_duration": max(1, seconds - 1)}
        self.double.tell(event("RecordingFinished") | {"recording": told})

    def fail_recording(self) -> None:
        name, self.recording = self.recording, None
        told = {"name": name, "format": "wav", "state": "failed", "target_uri": f"channel:{self.id}"}
        self.double.tell(event("RecordingFinished") | {"type": "RecordingFailed", "recording": told})

    def hang_up(self, seconds: int = 5) -> None:
        """As the caller does; what was being recorded is kept."""
        if self.up:
            self._tell("ChannelHangupRequest")
            self.end_recording(seconds)
            self.leave()

    def leave(self) -> None:
        self.up = False
        self.double.lines.pop(self.id, None)
        self._tell("StasisEnd")

    def finish_playing(self) -> None:
        if self.playback is not None:
            told, self.playback = event("PlaybackFinished"), None
            told["playback"] |= {"id": self._last_playback, "target_uri": f"channel:{self.id}"}
            self.double.tell(told)

    def follow_habit(self) -> None:
        """Having heard the last prompt, or the tone."""
        last = "tone" if self.recording else self.heard[-1]
        keys = self.habits.get(last, "")
        if keys == "bye":
            self.hang_up()
        else:
            self.press(keys)

    def play(self, playback: str, media: str) -> None:
        self.orders.append(f"play {media}")
        self.playback = self._last_playback = playback

    def pick_up(self) -> None:
        """One that we rang."""
        self._tell("StasisStart")

    def ring_out(self, cause: int, dialled: str = "") -> None:
        """One that we rang, and nobody picked up."""
        if dialled:
            self.dialled(dialled)
        self.up = False
        self.double.lines.pop(self.id, None)
        self._tell("StasisEnd", type="ChannelDestroyed", cause=cause)

    def dialled(self, status: str) -> None:
        told = event("StasisStart") | {"type": "Dial", "dialstatus": status, "peer": self.told_of()}
        self.double.tell({name: what for name, what in told.items() if name != "channel"})

    def told_of(self) -> dict[str, Any]:
        channel: dict[str, Any] = event("StasisStart")["channel"]
        return channel | {"id": self.id, "caller": {"name": "", "number": self.number}}

    def _tell(self, kind: str, **more: object) -> None:
        self.double.tell(event(kind) | {"channel": self.told_of()} | more)


@dataclass
class AsteriskDouble:
    """`saying` is how long a prompt takes, in seconds; `refuse` names orders that are answered with 500."""

    saying: float = 0.005
    lines: dict[str, Line] = field(default_factory=dict)
    rung: dict[str, Line] = field(default_factory=dict)
    """What we rang, by endpoint."""
    bridges: dict[str, list[str]] = field(default_factory=dict)
    """Who is in them; `play …` and `record …` are among them, as they were ordered."""
    stored: dict[str, bytes] = field(default_factory=dict)
    refuse: set[str] = field(default_factory=set)
    connections: int = 0
    port: int = 0
    _sockets: list[WebSocket] = field(default_factory=list)
    _outbox: "asyncio.Queue[Any]" = field(default_factory=asyncio.Queue)
    _later: set["asyncio.Task[None]"] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/ari"

    def ring(self, number: str | None = None) -> Line:
        line = Line(self, f"1795358302.{next(_ids)}", number or f"0{next(_numbers)}")
        self.lines[line.id] = line
        line._tell("StasisStart")
        return line

    def tell(self, what: Any) -> None:  # noqa: ANN401  (hostile ones, too)
        """Lost where nobody listens, as with a real one."""
        if self._sockets:
            self._outbox.put_nowait(what)

    async def lose_connection(self) -> None:
        for socket in self._sockets:
            await socket.close()

    def spawn(self, line: Line) -> None:
        async def finish(playback: str | None, prompts: int) -> None:
            await asyncio.sleep(self.saying * prompts)
            if line.playback == playback:
                line.finish_playing()
                line.follow_habit()

        prompts = line.orders[-1].count(",") + 1
        task = asyncio.create_task(finish(line.playback, prompts))
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    def line(self, channel: str) -> Line:
        if channel not in self.lines:
            raise HTTPException(404)
        return self.lines[channel]


@asynccontextmanager
async def running(double: AsteriskDouble) -> AsyncIterator[AsteriskDouble]:
    """Serve it on a free port."""
    # Its connections stay open for a minute, as deploy/asterisk/etc/http.conf has it.
    kept = {"timeout_keep_alive": 60, "lifespan": "off"}
    config = uvicorn.Config(_app(double), port=0, log_config=None, ws="websockets-sansio", **kept)
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (it rings no bell)
        await asyncio.sleep(0.01)
    double.port = server.servers[0].sockets[0].getsockname()[1]
    yield double
    await double.lose_connection()
    server.should_exit = True
    await serving


def _app(double: AsteriskDouble) -> FastAPI:
    app = FastAPI()
    router = APIRouter(prefix="/ari")

    @router.websocket("/events")
    async def events(socket: WebSocket) -> None:
        await socket.accept()
        double.connections += 1
        double._sockets.append(socket)
        sending = asyncio.create_task(_send(double, socket))
        try:
            while True:
                await socket.receive_text()
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            sending.cancel()
            double._sockets.remove(socket)

    _channels(router, double)
    _recordings(router, double)
    _bridges(router, double)
    app.include_router(router)
    return app


async def _send(double: AsteriskDouble, socket: WebSocket) -> None:
    while True:
        told = await double._outbox.get()
        try:
            await socket.send_text(json.dumps(told))
        except (WebSocketDisconnect, RuntimeError):
            return


def _channels(router: APIRouter, double: AsteriskDouble) -> None:  # noqa: C901  (a list of routes)
    @router.get("/channels")
    async def channels() -> list[dict[str, Any]]:
        return [line.told_of() for line in double.lines.values()]

    @router.get("/channels/{channel}")
    async def channel(channel: str) -> dict[str, Any]:
        line = double.line(channel)
        return line.told_of() | {"state": "Up" if "bridged" in line.orders else "Ringing"}

    @router.post("/channels")
    async def originate(wanted: dict[str, Any]) -> dict[str, str]:
        if "originate" in double.refuse or wanted["endpoint"] in double.refuse:
            raise HTTPException(500)
        if wanted["channelId"] in double.lines:
            raise HTTPException(409)
        line = Line(double, wanted["channelId"], wanted["callerId"])
        line.orders.append(f"rung for {wanted['timeout']} s")
        double.lines[line.id] = double.rung[wanted["endpoint"]] = line
        if "originate late" in double.refuse:
            double.refuse.remove("originate late")
            raise HTTPException(503)
        return {"id": line.id}

    @router.delete("/channels/{channel}/ring", status_code=204)
    async def ring_no_more(channel: str) -> None:
        double.line(channel).orders.append("ring no more")

    @router.post("/applications/{_app}/subscription")
    async def subscribe(_app: str) -> dict[str, str]:
        return {}

    @router.post("/channels/{channel}/{order}")
    async def order(channel: str, order: str, request: Request) -> dict[str, str]:
        line = double.line(channel)
        if order in double.refuse:
            raise HTTPException(500)
        if order == "record":
            if line.recording or request.query_params["name"] in double.stored:
                raise HTTPException(409)
            line.recording = request.query_params["name"]
            line.record_query = dict(request.query_params)
            asyncio.get_running_loop().call_later(double.saying, line.follow_habit)
        line.orders.append(
            " ".join([order, *([request.query_params["context"]] if order == "continue" else [])])
        )
        if order == "continue":
            line.leave()
        return {}

    @router.post("/channels/{channel}/play/{playback}")
    async def play(channel: str, playback: str, media: str) -> dict[str, str]:
        line = double.line(channel)
        line.play(playback, media)
        double.spawn(line)
        return {"id": playback}

    @router.delete("/playbacks/{playback}", status_code=204)
    async def hush(playback: str) -> None:
        for line in double.lines.values():
            if line.playback == playback:
                line.finish_playing()
                return
        raise HTTPException(404)

    @router.delete("/channels/{channel}", status_code=204)
    async def hang_up(channel: str) -> None:
        line = double.line(channel)
        line.orders.append("hang up")
        line.end_recording()
        line.leave()


def _bridges(router: APIRouter, double: AsteriskDouble) -> None:  # noqa: C901  (as above)
    def bridge(name: str) -> list[str]:
        if name not in double.bridges:
            raise HTTPException(404)
        return double.bridges[name]

    @router.get("/bridges")
    async def bridges() -> list[dict[str, str]]:
        return [{"id": name} for name in double.bridges]

    @router.post("/bridges/{name}")
    async def make(name: str) -> dict[str, str]:
        double.bridges.setdefault(name, [])
        return {"id": name}

    @router.post("/bridges/{name}/addChannel", status_code=204)
    async def join(name: str, channel: str) -> None:
        if "addChannel" in double.refuse:
            raise HTTPException(422)
        for each in channel.split(","):
            double.line(each).orders.append("bridged")
            bridge(name).append(each)

    @router.post("/bridges/{name}/play/{playback}")
    async def play(name: str, playback: str, media: str) -> dict[str, str]:
        if "notice" in double.refuse:
            raise HTTPException(500)
        bridge(name).append(f"play {media.rpartition('/')[2]}")
        told = event("PlaybackFinished")
        told["playback"] |= {"id": playback, "target_uri": f"bridge:{name}"}
        if "sound of notice" in double.refuse:
            told["playback"]["state"] = "failed"
        if "end of notice" not in double.refuse:
            asyncio.get_running_loop().call_later(double.saying, double.tell, told)
        return {"id": playback}

    @router.post("/bridges/{name}/record")
    async def record(name: str, request: Request) -> dict[str, str]:
        wanted = request.query_params["name"]
        bridge(name).append(f"record {wanted} {request.query_params['terminateOn']}")
        return {"name": wanted}

    @router.delete("/bridges/{name}", status_code=204)
    async def part(name: str) -> None:
        recorded = [each.split()[1] for each in bridge(name) if each.startswith("record ")]
        del double.bridges[name]
        for each in recorded:
            double.stored[each] = SOUND
            told = {"name": each, "format": "wav", "state": "done", "target_uri": f"bridge:{name}"}
            double.tell(event("RecordingFinished") | {"recording": told})


def _recordings(router: APIRouter, double: AsteriskDouble) -> None:  # noqa: C901  (as above)
    def live(name: str) -> Line:
        found = next((line for line in double.lines.values() if line.recording == name), None)
        if found is None:
            raise HTTPException(404)
        return found

    @router.get("/recordings/live/{name}")
    async def is_live(name: str) -> dict[str, str]:
        return {"name": live(name).recording or ""}

    @router.post("/recordings/live/{name}/stop", status_code=204)
    async def stop(name: str) -> None:
        live(name).end_recording()

    @router.get("/recordings/stored")
    async def stored() -> list[dict[str, str]]:
        being = [line.recording for line in double.lines.values() if line.recording]
        return [{"name": name, "format": "wav"} for name in [*double.stored, *being]]

    @router.get("/recordings/stored/{name}/file")
    async def file(name: str) -> Response:
        if "file" in double.refuse:
            raise HTTPException(500)
        if any(line.recording == name for line in double.lines.values()):
            return Response(SOUND[: len(SOUND) // 2], media_type="audio/wav")
        if name not in double.stored:
            raise HTTPException(404)
        return Response(double.stored[name], media_type="audio/wav")

    @router.delete("/recordings/stored/{name}", status_code=204)
    async def forget(name: str) -> None:
        if double.stored.pop(name, None) is None:
            raise HTTPException(404)
