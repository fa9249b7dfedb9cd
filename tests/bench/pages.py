"""Somebody at the desk, and the same person at the store's API: signed in as a person signs in."""

from collections.abc import Callable
from urllib.parse import urlencode

import httpx

from tests.bench.load import request
from tests.bench.samples import Samples
from tests.flow.running import Flow

Requests = Callable[[int], bytes]
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
_LISTS = ("all", "insurance", "treatment", "retirement", "general", "triage")
_SHOWS = ("undecided", "undecided", "unclaimed", "overdue", "referred")
_ORDERS = ("undecided=true&order=due", "undecided=true&assignee=none&order=due", "overdue=true&order=due")


class Desk:
    """Pages of the desk."""

    def __init__(self, flow: Flow) -> None:
        """Sign in by the form."""
        self.port = flow.ports["DESK_PORT"]
        typed = {
            "username": flow.secrets["DESK_ADMIN_USER"],
            "password": flow.secrets["DESK_ADMIN_PASSWORD"],
            "next": "/queues",
        }
        answer = httpx.post(f"{flow.url('DESK')}/login", data=typed, headers=_FORM, timeout=30)
        cookies = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
        if "session" not in cookies:
            message = f"the desk did not let us in: {answer.status_code}"
            raise AssertionError(message)
        self._headers = {"Cookie": cookies}

    def queue(self, number: int) -> bytes:
        """The queue page, by turns of every desk and every chip."""
        asked = {"list": _LISTS[number % len(_LISTS)], "show": _SHOWS[number % len(_SHOWS)]}
        return request("GET", f"/queues?{urlencode(asked)}", self._headers)

    def case(self, samples: Samples) -> Requests:
        """The case page, beside the list that one came from every other time."""

        def one(number: int) -> bytes:
            code = samples.codes[number % len(samples.codes)]
            beside = "?list=all&show=undecided" if number % 2 else ""
            return request("GET", f"/cases/{code}{beside}", self._headers)

        return one

    def search(self, samples: Samples) -> Requests:
        """The search page."""
        searches = samples.searches

        def one(number: int) -> bytes:
            body = urlencode({"q": searches[number % len(searches)]}).encode()
            return request("POST", "/search", self._headers | _FORM, body)

        return one


class Api:
    """The same at the store."""

    def __init__(self, flow: Flow) -> None:
        """Sign in."""
        self.port = flow.ports["CASE_STORE_PORT"]
        told = {"username": flow.secrets["DESK_ADMIN_USER"], "password": flow.secrets["DESK_ADMIN_PASSWORD"]}
        answer = httpx.post(f"{flow.url('CASE_STORE')}/api/v1/sessions", json=told, timeout=30)
        self._headers = {"Authorization": f"Bearer {answer.raise_for_status().json()['token']}"}

    def queue(self, number: int) -> bytes:
        """A page of a queue."""
        desk = _LISTS[number % len(_LISTS)]
        asked = _ORDERS[number % len(_ORDERS)] + (f"&desk={desk}" if desk != "all" else "")
        return request("GET", f"/api/v1/cases?limit=30&{asked}", self._headers)

    def counts(self, _number: int) -> bytes:
        """How much waits where."""
        return request("GET", "/api/v1/queues", self._headers)

    def case(self, samples: Samples) -> Requests:
        """A case whole."""

        def one(number: int) -> bytes:
            return request(
                "GET", f"/api/v1/cases/{samples.codes[number % len(samples.codes)]}", self._headers
            )

        return one

    def search(self, samples: Samples) -> Requests:
        """A search by words, the dearest kind."""

        def one(number: int) -> bytes:
            body = httpx.Request(
                "POST", "http://x", json={"q": samples.words[number % len(samples.words)]}
            ).content
            return request(
                "POST", "/api/v1/search", self._headers | {"Content-Type": "application/json"}, body
            )

        return one
