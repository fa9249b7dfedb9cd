"""Live changes: handed on as they come, to who may see them, and let go of when the desk stops."""

import threading

import httpx
import pytest

from desk.settings import SESSION_COOKIE
from tests.browser.office import Office, office
from tests.simulator.live import wait_for


@pytest.fixture(scope="module")
def staffed(postgres):
    with office(postgres) as built:
        yield built


class Listening:
    """A browser that listens to the feed."""

    def __init__(self, staffed: Office, who: str) -> None:
        self.heard = ""
        self.ended = False
        self._cookies = {SESSION_COOKIE: staffed.tokens[who]}
        self._url = f"{staffed.url}/events"
        self._stop = False
        threading.Thread(target=self._listen, daemon=True).start()
        wait_for(lambda: self.heard)

    def _listen(self) -> None:
        with httpx.stream("GET", self._url, cookies=self._cookies, timeout=30) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            for piece in answer.iter_text():
                self.heard += piece
                if self._stop:
                    return
        self.ended = True


def test_a_change_is_heard_by_who_reaches_it_and_by_nobody_else(staffed):
    agent, administrator = Listening(staffed, "agent"), Listening(staffed, "supervisor")
    liaison = Listening(staffed, "liaison")
    code = staffed.case()
    wait_for(lambda: code in agent.heard)
    wait_for(lambda: code in administrator.heard)
    assert code not in liaison.heard


def test_without_a_session_there_is_no_feed(staffed):
    answer = httpx.get(f"{staffed.url}/events")
    assert answer.status_code == 303


def test_the_feeds_end_when_the_desk_is_about_to_stop(staffed):
    agent = Listening(staffed, "agent")
    staffed.desk.state.let_go()
    httpx.get(f"{staffed.url}/healthz")  # the desk's loop, asked from this thread, looks up
    wait_for(lambda: agent.ended)
