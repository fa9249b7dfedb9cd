"""`payam audit verify` against a real HTTP server that speaks the case store's API."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from payam.app import build_app
from payam.commands import audit as audit_module

SEAL = "ab" * 32


class CaseStore(BaseHTTPRequestHandler):
    """A trail of ten entries that may be broken at one of them, shown in steps as the real one does."""

    broken: int | None = None
    asked: list[dict[str, str]]

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        assert address.path == "/api/v1/audit/verification"
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.asked.append(query)
        start = int(query.get("after", "0:").split(":")[0])
        end = min(10, start + int(query["limit"]))
        broken = self.broken if self.broken is not None and self.broken <= end else None
        last = broken - 1 if broken else end
        found = {"whole": broken is None, "entries": last - start, "first_broken": broken, "total": 10}
        found |= {"reason": "it is missing" if broken else None, "seq": last, "seal": SEAL}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(found).encode())

    def log_message(self, *_words: object) -> None:
        return


@pytest.fixture
def asked(tmp_path, monkeypatch) -> Iterator[list[dict[str, str]]]:
    CaseStore.asked = []
    monkeypatch.setattr(audit_module, "_AT_ONCE", 4)
    with HTTPServer(("127.0.0.1", 0), CaseStore) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("CASE_STORE_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("CASE_STORE_TOKEN", "a-token-for-tests-only")
        monkeypatch.setenv("PAYAM_STATE_DIR", str(tmp_path))
        yield CaseStore.asked
        server.shutdown()
        thread.join()


def test_a_whole_trail_is_followed_in_steps_and_its_end_is_told(asked, monkeypatch):
    monkeypatch.setattr(CaseStore, "broken", None)
    answer = CliRunner().invoke(build_app(), ["audit", "verify"])
    assert (answer.exit_code, [query.get("after") for query in asked]) == (
        0,
        [None, f"4:{SEAL}", f"8:{SEAL}"],
    )
    assert "Whole: 10 entries" in answer.stdout
    assert f"Keep this place outside: 10:{SEAL}" in answer.stdout


@pytest.mark.parametrize(("broken", "steps"), [(1, 1), (6, 2), (10, 3)])
def test_a_broken_trail_ends_with_exit_code_1_and_names_the_entry(
    asked, monkeypatch, broken: int, steps: int
):
    monkeypatch.setattr(CaseStore, "broken", broken)
    answer = CliRunner().invoke(build_app(), ["audit", "verify"])
    assert (answer.exit_code, len(asked)) == (1, steps)
    assert f"Broken at entry {broken}: it is missing." in answer.stdout


def test_a_place_kept_outside_is_compared(asked, monkeypatch):
    monkeypatch.setattr(CaseStore, "broken", None)
    CliRunner().invoke(build_app(), ["audit", "verify", "--known", f"9:{SEAL}"])
    assert {query["known"] for query in asked} == {f"9:{SEAL}"}
