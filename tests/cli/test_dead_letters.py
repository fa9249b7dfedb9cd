"""`payam dlq` and `payam case` against a real HTTP server that speaks the case store's API."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from typer.testing import CliRunner

from payam.app import build_app
from payam.errors import CaseStoreError
from payam.ports import free_port

TOKEN = "token-of-the-case-store"
LETTER = {
    "id": "0197a1b2-0000-7000-8000-000000000001",
    "topic": "messages.routed.v1",
    "partition": 3,
    "offset": 41,
    "reason": "UnknownSchemaError",
    "state": "waiting",
    "size": 120,
    "failed_at": "2026-01-02T03:04:05Z",
}
CASE = {
    "tracking_code": "1234567897",
    "aliases": ["2345678908"],
    "state": "answered",
    "desk": "contributions",
    "messages": [{"occurred_at": "2026-01-02T03:04:05Z", "text": "سابقه بیمه من؟"}],
    "outbound_messages": [{"created_at": "2026-01-02T03:05:00Z", "text": "ثبت شد.", "state": "delivered"}],
}
ANSWERS: dict[str, tuple[int, object]] = {
    "GET /api/v1/dead-letters": (200, {"items": [LETTER], "next_cursor": "abc"}),
    "GET /api/v1/dead-letters?topic=messages.inbound.v1": (200, {"items": [], "next_cursor": None}),
    f"GET /api/v1/dead-letters/{LETTER['id']}": (200, {**LETTER, "value": "eyJ4IjoxfQ==", "replays": []}),
    f"POST /api/v1/dead-letters/{LETTER['id']}/replay": (200, {**LETTER, "state": "replayed"}),
    "POST /api/v1/dead-letters/replay": (200, {"replayed": 7}),
    "GET /api/v1/cases/1234567897": (200, CASE),
}


class CaseStore(BaseHTTPRequestHandler):
    asked: list[tuple[str, object]]

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = f"{self.command} {self.path}"
        self.asked.append((request, json.loads(body) if body else None))
        status, said = ANSWERS.get(request, (404, {"title": "Not Found", "status": 404}))
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            status, said = 401, {"title": "Unauthorized", "status": 401}
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    do_GET = do_POST = answer  # noqa: N815 - the library's names

    def log_message(self, *_words: object) -> None:
        return


@pytest.fixture
def asked(tmp_path, monkeypatch) -> Iterator[list[tuple[str, object]]]:
    CaseStore.asked = []
    with HTTPServer(("127.0.0.1", 0), CaseStore) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("CASE_STORE_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("CASE_STORE_TOKEN", TOKEN)
        monkeypatch.setenv("PAYAM_STATE_DIR", str(tmp_path))
        monkeypatch.setenv("COLUMNS", "200")
        yield CaseStore.asked
        server.shutdown()
        thread.join()


def payam(*words: str) -> str:
    answer = CliRunner().invoke(build_app(), words, catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_the_list_shows_each_letter_and_how_to_go_on(asked):
    shown = payam("dlq", "list")
    for value in (LETTER["id"], "messages.routed.v1", "41", "UnknownSchemaError", "waiting"):
        assert str(value) in shown
    assert "payam dlq list --cursor abc" in shown
    assert len(asked) == 1


def test_an_empty_list_says_so(asked):
    assert payam("dlq", "list", "--topic", "messages.inbound.v1").strip() == "No dead letters."
    assert asked


def test_one_letter_is_shown_whole(asked):
    assert "eyJ4IjoxfQ==" in payam("dlq", "show", str(LETTER["id"]))
    assert asked


def test_one_letter_is_replayed_and_the_actor_is_named(asked):
    assert "Replayed" in payam("dlq", "replay", str(LETTER["id"]))
    [(request, body)] = asked
    assert request == f"POST /api/v1/dead-letters/{LETTER['id']}/replay"
    assert str(body["actor"]).startswith("payam dlq (")


@pytest.mark.parametrize(
    ("words", "topic"), [((), None), (("--topic", "messages.routed.v1"), "messages.routed.v1")]
)
def test_all_letters_are_replayed_of_one_topic_or_of_all(asked, words: tuple[str, ...], topic: str | None):
    assert payam("dlq", "replay", "--all", *words).startswith("Replayed 7 of ")
    [(request, body)] = asked
    assert request == "POST /api/v1/dead-letters/replay"
    assert body["topic"] == topic


@pytest.mark.parametrize("words", [(), ("one", "--all")])
def test_a_replay_of_nothing_or_of_both_is_refused_before_anything_is_asked(asked, words: tuple[str, ...]):
    with pytest.raises(CaseStoreError, match="Give one id"):
        payam("dlq", "replay", *words)
    assert asked == []


def test_a_case_is_shown_with_what_was_said_and_answered(asked):
    shown = payam("case", "1234567897")
    assert "2345678908" in shown
    assert shown.index("سابقه بیمه من؟") < shown.index("ثبت شد.  [delivered]")
    assert asked


def test_a_letter_that_is_not_there_points_to_the_list(asked):
    with pytest.raises(CaseStoreError, match=r"answers 404: Not Found\. .*payam dlq list"):
        payam("dlq", "show", "nobody")
    assert asked


def test_a_wrong_token_says_which_setting_to_mend(asked, monkeypatch):
    monkeypatch.setenv("CASE_STORE_TOKEN", "another")
    with pytest.raises(CaseStoreError, match="Set CASE_STORE_TOKEN"):
        payam("dlq", "list")
    assert asked


def test_a_case_store_that_is_away_is_one_clear_line(tmp_path, monkeypatch):
    monkeypatch.setenv("PAYAM_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("CASE_STORE_URL", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(CaseStoreError, match=r"does not answer .*payam up"):
        payam("dlq", "list")
