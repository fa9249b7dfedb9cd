"""Plays the case store where agents ask for calls: the three routes, and what was told to them."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx


@dataclass
class Desk:
    """`away` answers nothing of use; `refuses` are paths' last words that are answered with 409."""

    waiting: list[dict[str, Any]] = field(default_factory=list)
    told: list[tuple[UUID, dict[str, Any]]] = field(default_factory=list)
    recordings: list[tuple[UUID, dict[str, Any]]] = field(default_factory=list)
    claims: int = 0
    turned_away: int = 0
    away: bool = False
    refuses: set[str] = field(default_factory=set)

    def asks(self, number: str = "+989121234567", **changes: object) -> UUID:
        """An agent presses the button."""
        call = uuid4()
        asked = {"id": str(call), "extension": "1001", "number": number, "line": "1420", "record": False}
        self.waiting.append(asked | {"asked_at": datetime.now(UTC).isoformat()} | changes)
        return call

    def states(self, call: UUID) -> list[str]:
        """What was told of it, each state once."""
        return list(dict.fromkeys(told["state"] for each, told in self.told if each == call))

    def end(self, call: UUID) -> dict[str, Any] | None:
        """How it ended, once that was told."""
        ends = [told for each, told in self.told if each == call and told["state"] == "ended"]
        return ends[-1] if ends else None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            self.turned_away += 1
            return httpx.Response(503)
        body = json.loads(request.content)
        path = request.url.path.removeprefix("/api/v1/calls/")
        if path.rpartition("/")[2] in self.refuses:
            return httpx.Response(409)
        if path == "claims":
            self.claims += 1
            given, self.waiting = self.waiting[: body["limit"]], self.waiting[body["limit"] :]
            return httpx.Response(200, json={"calls": given})
        call, _, what = path.partition("/")
        assert what in {"progress", "recording"}, path
        (self.told if what == "progress" else self.recordings).append((UUID(call), body))
        return httpx.Response(204)
