"""`payam partner` against a real HTTP server that speaks the case store's API."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner, Result

from payam.app import build_app
from payam.errors import CaseStoreError

TOKEN = "token-of-the-case-store"
KEY_ID, HOOK, OTHER_HOOK = "0197a1b2-0000-7000-8000-00000000000", "hook-1", "hook-2"
PARTNER = {
    "id": "tamin-man",
    "name": "تأمین من",
    "state": "active",
    "per_minute": 600,
    "per_day": 100_000,
}
KEY = {
    "id": KEY_ID,
    "hint": "payam_live_Ab3d…",
    "label": "اپ",
    "scopes": ["messages:write"],
    "sandbox": False,
    "good": True,
    "expires_at": None,
    "revoked_at": "2027-01-02T03:04:05Z",
}
SECRET = "payam_live_" + "k" * 43


def delivery(number: int, state: str = "dead") -> dict[str, Any]:
    return {
        "id": f"delivery-{number}",
        "type": "ir.payam.case.answered",
        "tracking_code": "1234567897",
        "state": state,
        "created_at": "2026-01-02T03:04:05Z",
        "attempts": [{"status": None, "error": "timeout"}] * 10 if state == "dead" else [],
    }


def hook(name: str) -> dict[str, Any]:
    return {"id": name, "url": f"https://{name}.example/", "state": "active", "sandbox": False}


PAGES: dict[str, list[dict[str, Any]]] = {
    HOOK: [delivery(n) for n in (5, 4, 3)],
    OTHER_HOOK: [delivery(9, "pending")],
}


class CaseStore(BaseHTTPRequestHandler):
    asked: list[tuple[str, Any]]

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((f"{self.command} {self.path}", json.loads(body) if body else None))
        status, said = self.found()
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def found(self) -> tuple[int, object]:  # noqa: PLR0911  (a line a route)
        split = urlsplit(self.path)
        match self.command, split.path.removeprefix("/api/v1/").split("/"):
            case "GET", ["partners"]:
                return 200, {"partners": [PARTNER]}
            case "POST", ["partners"]:
                return 201, PARTNER
            case "GET", ["partners", "tamin-man", "keys"]:
                return 200, {"keys": [KEY]}
            case "POST", ["partners", "tamin-man", "keys"]:
                return 201, KEY | {"key": SECRET}
            case "POST", ["partners", "tamin-man", "keys", _, "revocation"]:
                return 200, KEY
            case "GET", ["partners", "tamin-man", "webhooks"]:
                return 200, {"webhooks": [hook(HOOK), hook(OTHER_HOOK)]}
            case "GET", ["partners", "tamin-man", "webhooks", name, "deliveries"]:
                return 200, self.page(name, split.query)
            case "POST", ["partners", "tamin-man", "webhooks", _, "deliveries", _, "replay"]:
                return 200, delivery(1, "pending")
            case _:
                return 404, {"title": "Not Found", "status": 404}

    def page(self, name: str, query: str) -> dict[str, Any]:
        """Two at a time."""
        rows = [one for one in PAGES[name] if "state=dead" not in query or one["state"] == "dead"]
        if "cursor=more" in query:
            return {"deliveries": rows[2:], "next_cursor": None}
        return {"deliveries": rows[:2], "next_cursor": "more" if len(rows) > 2 else None}

    do_GET = do_POST = answer  # noqa: N815 - the library's names

    def log_message(self, *_words: object) -> None:
        return


@pytest.fixture
def asked(tmp_path, monkeypatch) -> Iterator[list[tuple[str, Any]]]:
    CaseStore.asked = []
    with HTTPServer(("127.0.0.1", 0), CaseStore) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("CASE_STORE_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("CASE_STORE_TOKEN", TOKEN)
        monkeypatch.setenv("PAYAM_STATE_DIR", str(tmp_path))
        yield CaseStore.asked
        server.shutdown()
        thread.join()


def payam(*words: str) -> Result:
    answer = CliRunner().invoke(build_app(), ["partner", *words], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer


def test_the_list_shows_partners_with_keys_and_endpoints(asked):
    shown = payam("list").output
    for value in ("tamin-man", "تأمین من", "600 a minute", KEY_ID, "payam_live_Ab3d…", HOOK):
        assert value in shown
    assert "live until 2027-01-02T03:04:05Z  messages:write" in shown
    assert len(asked) == 3


def test_a_partner_is_added_and_the_next_step_is_said(asked):
    assert "payam partner key tamin-man" in payam("add", "tamin-man", "تأمین من", "--per-day", "7").output
    fields = {"id": "tamin-man", "name": "تأمین من", "per_minute": 600, "per_day": 7}
    assert asked == [("POST /api/v1/partners", fields)]


def test_a_key_alone_is_on_standard_output_so_that_it_can_be_piped(asked):
    given = payam("key", "tamin-man", "--sandbox", "--scope", "cases:read", "--label", "اپ")
    assert given.stdout == SECRET + "\n"
    [(request, body)] = asked
    assert request == "POST /api/v1/partners/tamin-man/keys"
    assert body == {"label": "اپ", "scopes": ["cases:read"], "sandbox": True, "expires_at": None}


def test_a_key_without_named_scopes_may_do_everything_and_ends_when_it_was_said(asked):
    payam("key", "tamin-man", "--days", "30")
    [(_, body)] = asked
    assert len(body["scopes"]) == 5
    left = datetime.fromisoformat(body["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)


def test_a_key_is_taken_back_at_once_or_with_time_to_go_over(asked):
    payam("revoke", "tamin-man", KEY_ID)
    payam("revoke", "tamin-man", KEY_ID, "--hours", "24")
    (request, now), (_, later) = asked
    assert request == f"POST /api/v1/partners/tamin-man/keys/{KEY_ID}/revocation"
    assert now == {"at": None}
    left = datetime.fromisoformat(later["at"]) - datetime.now(UTC)
    assert timedelta(hours=23) < left <= timedelta(hours=24)


def test_deliveries_are_listed_to_the_end_with_how_they_went(asked):
    shown = payam("deliveries", "tamin-man").output
    for n in (5, 4, 3):
        assert f"{HOOK} delivery-{n}" in shown
    assert "dead  ir.payam.case.answered  1234567897" in shown
    assert "10 tries, the last: timeout" in shown
    assert "not tried yet" in shown
    assert any("cursor=more" in request for request, _ in asked)


def test_no_more_deliveries_are_shown_than_were_asked_for(asked):
    assert payam("deliveries", "tamin-man", "--most", "1").output.count("delivery-") == 2
    assert not any("cursor" in request for request, _ in asked)


def test_one_is_told_again(asked):
    payam("replay", "tamin-man", HOOK, "delivery-4")
    place = f"/api/v1/partners/tamin-man/webhooks/{HOOK}/deliveries/delivery-4/replay"
    assert asked == [(f"POST {place}", None)]


def test_everything_that_was_given_up_is_told_again_the_oldest_first(asked):
    assert payam("replay", "tamin-man", "--dead").output == "Told again: 3.\n"
    told = [request.split("/")[-2] for request, _ in asked if request.startswith("POST")]
    assert told == ["delivery-3", "delivery-4", "delivery-5"]


@pytest.mark.parametrize("words", [(), (HOOK,), (HOOK, "delivery-4", "--dead")])
def test_a_replay_of_nothing_or_of_both_is_refused_before_anything_is_asked(asked, words: tuple[str, ...]):
    with pytest.raises(CaseStoreError, match="--dead"):
        payam("replay", "tamin-man", *words)
    assert asked == []


def test_a_partner_that_is_not_there_points_to_the_list(asked):
    with pytest.raises(CaseStoreError, match=r"answers 404: Not Found\. .*payam partner list"):
        payam("key", "nobody/../x")
    assert asked[0][0] == "POST /api/v1/partners/nobody%2F..%2Fx/keys"
