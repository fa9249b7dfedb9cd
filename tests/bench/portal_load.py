"""The portal: its pages at the rate that is promised, what the first one weighs, and the partners' door."""

import asyncio
import itertools
import json
import re
import statistics
from collections.abc import Callable, Sequence
from urllib.parse import urljoin

import httpx
import psutil

from tests.bench.load import Outcome, closed_loop, open_loop, request
from tests.bench.report import Figure
from tests.bench.ussd_load import floor
from tests.flow.running import Flow, until

SETTINGS = {"GATEWAY_PORTAL_TRUSTED_PROXIES": "127.0.0.0/8"}
"""People come from addresses of their own, as through a proxy: limits count by address."""
RATE = 200
SECONDS = 20
P95_MS = 100.0
FIRST_PAGE_KB = 100.0
OF_THE_FLOOR = 0.6
ROUNDS = 3
ROUND_SECONDS = 4
CONNECTIONS = 32
PEOPLE = 20
_OPEN = ("/", "/ask", "/ask?kind=question", "/hours", "/announcements", "/sign-in", "/verify", "/?lang=en")
_FORM = "/ask?kind=complaint&section=retirement&topic=pension_payment&answer=read"
_NO_QUOTA = {"per_minute": 1_000_000, "per_day": 10_000_000}
_SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
_LINKED = re.compile(r'<link [^>]*href="([^"]+)"|<script [^>]*src="([^"]+)"')
_FILE = re.compile(r'url\("([^"]+)"\)')
_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")
_runs = itertools.count(1)
Requests = Callable[[int], bytes]


def measure_portal(flow: Flow, texts: list[str], notes: list[str]) -> list[Figure]:
    """Pages, the first page's weight, and submissions beside a route that validates the same body."""
    return [*pages(flow, texts, notes), first_page(flow, notes), *submissions(flow, texts, notes)]


def pages(flow: Flow, texts: list[str], notes: list[str]) -> list[Figure]:
    """Pages that everybody sees and pages of people who have signed in, by turns."""
    port = flow.ports["GATEWAY_PORTAL_PORT"]
    people = [Person(flow, f"0912{number:04}999", texts[number % len(texts)]) for number in range(PEOPLE)]
    kinds: dict[str, Requests] = {
        "open": lambda number: request("GET", _OPEN[number % len(_OPEN)], {}),
        "form": lambda _number: request("GET", _FORM, {}),
        "cases": lambda number: people[number % PEOPLE].cases(),
        "case": lambda number: people[number % PEOPLE].case(),
    }
    turns = list(kinds.values())

    def mixed(number: int) -> bytes:
        return turns[number % len(turns)](number // len(turns))

    at_rate(port, mixed, seconds=5)
    outcome = at_rate(port, mixed)
    told(notes, "portal.pages", outcome)
    for name, asked in kinds.items():
        told(notes, f"portal.{name}", at_rate(port, asked, seconds=5))
    return [
        Figure("portal.page_p95", outcome.percentile(0.95) * 1000, "ms", P95_MS, at_least=False),
        Figure("portal.pages_refused", outcome.refused, "pages", 0, at_least=False),
    ]


def first_page(flow: Flow, notes: list[str]) -> Figure:
    """Everything that the home page fetches on a first visit, as it goes over the wire."""
    weights: dict[str, int] = {}
    with httpx.Client(headers={"Accept-Encoding": "gzip, br"}) as http:
        home = weigh(http, f"{flow.url('GATEWAY_PORTAL')}/", weights)
        for found in _LINKED.findall(home.text):
            linked = weigh(http, urljoin(str(home.url), found[0] or found[1]), weights)
            for file in re.findall(
                r'url\("([^"]+)"\)', linked.text if linked.url.path.endswith(".css") else ""
            ):
                weigh(http, urljoin(str(linked.url), file), weights)
    parts = ", ".join(
        f"{url.rsplit('/', 1)[-1] or 'page'} {size / 1000:.1f}" for url, size in weights.items()
    )
    notes.append(f"portal: the first page in kB: {parts}")
    return Figure("portal.first_page", sum(weights.values()) / 1000, "kB", FIRST_PAGE_KB, at_least=False)


def submissions(flow: Flow, texts: list[str], notes: list[str]) -> list[Figure]:
    """What partners hand in, durable when it is answered, beside a route that only validates the body.

    Meanwhile the router is paused: both have the same neighbours.
    """
    flow.store.patch("/partners/development", json=_NO_QUOTA).raise_for_status()
    until(lambda: _quota(flow) == _NO_QUOTA["per_minute"])
    port, key = flow.ports["GATEWAY_PORTAL_PORT"], flow.secrets["PARTNER_API_KEY"]
    router = psutil.Process(flow.pid("router"))
    with floor() as bare:
        router.suspend()
        rounds = [
            (closed(bare, "/messages", key, texts), closed(port, "/api/v1/messages", key, texts))
            for _ in range(ROUNDS)
        ]
        router.resume()
    bare_speed = statistics.median(outcome.per_second for outcome, _ in rounds)
    speed = statistics.median(outcome.per_second for _, outcome in rounds)
    accepted = sum(outcome.accepted for _, outcome in rounds)
    refused = sum(outcome.refused for _, outcome in rounds)
    until(lambda: handed_in(flow) >= accepted, seconds=240, pause=0.5)
    notes.append(f"portal.submissions: {CONNECTIONS} connections, {accepted:,} accepted, all of them filed")
    return [
        Figure("portal.submissions_per_second", speed, "/s", OF_THE_FLOOR, floor=bare_speed),
        Figure("portal.submissions_refused", refused, "messages", 0, at_least=False),
        Figure("portal.submissions_lost", accepted - handed_in(flow), "messages", 0, at_least=False),
    ]


def closed(port: int, path: str, key: str, texts: list[str]) -> Outcome:
    """One round, as fast as it goes."""
    run = next(_runs)

    def one(number: int) -> bytes:
        told = {
            "text": texts[number % len(texts)],
            "person": {"mobile": f"0912{number % 20_000:05d}66"},
            "kind": "complaint",
            "reference": f"bench-{run}-{number}",
        }
        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"bench-{run}-{number}",
        }
        return request("POST", path, headers, json.dumps(told).encode())

    return asyncio.run(closed_loop(port, one, ROUND_SECONDS, CONNECTIONS))


def handed_in(flow: Flow) -> int:
    """Messages of partners in the case store."""
    return int(flow.sql("SELECT count(*) FROM submission")[0][0])


def _quota(flow: Flow) -> int:
    """What the portal says was agreed for a minute."""
    key = {"Authorization": f"Bearer {flow.secrets['PARTNER_API_KEY']}"}
    answer = httpx.get(f"{flow.url('GATEWAY_PORTAL')}/api/v1/messages", headers=key)
    return int(re.findall(r"q=(\d+);w=60", answer.headers.get("ratelimit-policy", "q=0;w=60"))[0])


def weigh(http: httpx.Client, url: str, weights: dict[str, int]) -> httpx.Response:
    """Fetch once and note head and body in bytes."""
    answer = http.get(url)
    answer.raise_for_status()
    head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
    weights[url] = answer.num_bytes_downloaded + head
    return answer


def at_rate(port: int, requests: Requests, seconds: float = SECONDS) -> Outcome:
    """An open loop at the rate that is promised."""
    return asyncio.run(open_loop(port, requests, rate=RATE, seconds=seconds, connections=CONNECTIONS))


def told(notes: list[str], name: str, outcome: Outcome) -> None:
    """Percentiles, in a line."""
    p50, p95, p99 = (outcome.percentile(share) * 1000 for share in (0.5, 0.95, 0.99))
    notes.append(f"{name}: {RATE}/s, p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms")


class Person:
    """Somebody with a case who has signed in."""

    def __init__(self, flow: Flow, number: str, text: str) -> None:
        """Write an SMS, wait for its case, and sign in by the code on the phone."""
        flow.push_mo(number, text)
        [case] = until(lambda: flow.cases_of(number))
        self._code = case["tracking_code"]
        whence = {"X-Forwarded-For": f"203.0.113.{int(number[4:8]) + 1}"}
        with httpx.Client(base_url=flow.url("GATEWAY_PORTAL"), headers=_SAME_SITE | whence) as browser:
            asked = browser.post("/sign-in", data={"mobile": number, "next": "/cases"})
            handle = httpx.URL(asked.headers["location"]).params["handle"]
            proof = until(lambda: one_time_codes(flow, number))[-1]
            browser.post("/sign-in/code", data={"handle": handle, "code": proof})
            cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        if not cookies:
            message = "the portal did not let us in"
            raise AssertionError(message)
        self._headers = {"Cookie": cookies}

    def cases(self) -> bytes:
        """The list of their own."""
        return request("GET", "/cases", self._headers)

    def case(self) -> bytes:
        """The one case."""
        return request("GET", f"/cases/{self._code}", self._headers)


def one_time_codes(flow: Flow, number: str) -> Sequence[str]:
    """Six digits in what arrived at a phone."""
    texts = (message["text"].translate(_DIGITS) for message in flow.phone(number))
    return [code for text in texts for code in re.findall(r"(?<!\d)\d{6}(?!\d)", text)]
