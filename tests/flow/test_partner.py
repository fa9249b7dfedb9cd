"""Another organisation's service hands in, is told by webhook, fetches the answer."""

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from payam.ports import free_port
from tests.flow.running import Flow, until

pytestmark = pytest.mark.alone
TEXT = "دو سال از سابقهٔ بیمهٔ من ثبت نشده است و شعبه پاسخ نمی‌دهد."
REPLY = "با سلام؛ سابقهٔ شما اصلاح شد."
PREFIX = "ir.payam.case."
_numbers = itertools.count(6000)


@dataclass
class Receiver:
    """A partner's own server, in a thread; `status` is what it answers."""

    port: int = field(default_factory=free_port)
    status: int = 204
    secret: str = ""
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/payam"

    def listen(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def events(self, code: str | None = None) -> list[dict[str, Any]]:
        """What came, each verified as a partner would; of one submission or of all."""
        library = Webhook(self.secret)
        events = [dict(library.verify(body, headers)) for headers, body in [*self.came]]
        return [event for event in events if code is None or event.get("subject") == code]

    def types(self, code: str) -> list[str]:
        return [event["type"].removeprefix(PREFIX) for event in self.events(code)]


class Partner:
    """Its service, with a key."""

    def __init__(self, flow: Flow, key: str) -> None:
        self.http = httpx.Client(
            base_url=f"{flow.url('GATEWAY_PORTAL')}/api/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=30,
        )

    def hand_in(self, **more: object) -> dict[str, Any]:
        body = {"text": TEXT, "topic": "contribution_record", "kind": "complaint", "reference": "r-1", **more}
        answer = self.http.post("/messages", json=body, headers={"Idempotency-Key": str(uuid4())})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def ok(self, verb: str, path: str, **how: Any) -> dict[str, Any]:  # noqa: ANN401
        answer = self.http.request(verb, path, **how).raise_for_status()
        return dict(answer.json()) if answer.content else {}

    def told_at(self, receiver: Receiver) -> dict[str, Any]:
        made = self.ok("POST", "/webhooks", json={"url": receiver.url})
        receiver.secret = made["secret"]
        return made

    def log(self, hook: dict[str, Any], code: str) -> list[dict[str, Any]]:
        page = self.ok("GET", f"/webhooks/{hook['id']}/deliveries")
        return [each for each in page["deliveries"] if each["tracking_code"] == code]


@pytest.fixture
def partner(flow: Flow) -> Iterator[Partner]:
    partner = Partner(flow, flow.secrets["PARTNER_API_KEY"])
    yield partner
    partner.http.close()


@pytest.fixture
def trying(flow: Flow) -> Iterator[Partner]:
    """The same partner with a key for trying things out."""
    body = {"label": "آزمایش", "scopes": ["messages:write", "cases:read", "webhooks:manage"], "sandbox": True}
    made = flow.store.post("/partners/development/keys", json=body).raise_for_status().json()
    partner = Partner(flow, made["key"])
    until(lambda: partner.http.get("/webhooks").is_success)
    yield partner
    partner.http.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def told(partner: Partner, receiver: Receiver) -> Iterator[dict[str, Any]]:
    """A webhook of the partner's, to a receiver that listens."""
    receiver.listen()
    made = partner.told_at(receiver)
    yield made
    partner.http.delete(f"/webhooks/{made['id']}")


@pytest.fixture
def mobile() -> str:
    return f"0912{next(_numbers):04d}777"


def reply(flow: Flow, code: str) -> None:
    body = {"text": REPLY, "author": "agent-7"}
    flow.store.post(f"/cases/{code}/replies", json=body).raise_for_status()


def test_what_is_handed_in_is_told_of_signed_and_the_answer_is_fetched(
    flow: Flow, partner: Partner, receiver: Receiver, told, mobile: str
):
    code = partner.hand_in(person={"mobile": mobile}, reference="ticket-4711")["tracking_code"]
    until(lambda: receiver.types(code) == ["opened"])
    [case] = flow.cases_of(mobile)
    assert (case["tracking_code"], case["desk"]) == (code, "insurance")
    [message] = case["messages"]
    assert (message["text"], message["channel"], message["provider"]) == (TEXT, "api", "development")
    reply(flow, code)
    until(lambda: receiver.types(code) == ["opened", "answered"])
    event = receiver.events(code)[1]
    assert event["data"] | {"occurred_at": ""} == {
        "tracking_code": code,
        "reference": "ticket-4711",
        "state": "answered",
        "occurred_at": "",
        "sandbox": False,
    }
    assert receiver.came[0][0]["content-type"] == "application/cloudevents+json"
    assert not any(word.encode() in body for _, body in receiver.came for word in (TEXT, REPLY, mobile[1:]))
    shown = partner.ok("GET", f"/cases/{code}")
    assert (shown["state"], [answer["text"] for answer in shown["answers"]]) == ("answered", [REPLY])
    until(lambda: any(REPLY in sms["text"] for sms in flow.phone(mobile)))
    headers, body = receiver.came[-1]
    with pytest.raises(WebhookVerificationError):
        Webhook(receiver.secret).verify(body.replace(b"answered", b"declined"), headers)


def test_a_person_whom_only_the_partner_knows_is_answered_through_it(
    flow: Flow, partner: Partner, receiver: Receiver, told
):
    code = partner.hand_in(person={"account": f"user-{next(_numbers)}"})["tracking_code"]
    until(lambda: receiver.types(code))
    reply(flow, code)

    def delivered() -> bool:
        return [out["state"] for out in flow.case(code)["outbound_messages"]] == ["delivered"]

    until(lambda: "answered" in receiver.types(code) and delivered())


def test_a_receiver_that_was_down_is_told_later_under_the_same_id(
    flow: Flow, partner: Partner, receiver: Receiver, mobile: str
):
    hook = partner.told_at(receiver)
    code = partner.hand_in(person={"mobile": mobile})["tracking_code"]
    [delivery] = until(lambda: [each for each in partner.log(hook, code) if each["attempts"]])
    assert delivery["state"] == "pending"
    assert [attempt["error"] for attempt in delivery["attempts"]] == ["refused"]
    receiver.listen()
    [event] = until(lambda: receiver.events(code))
    assert event["id"] == delivery["event_id"]
    [after] = until(lambda: [each for each in partner.log(hook, code) if each["state"] == "delivered"])
    assert [attempt["status"] for attempt in after["attempts"]] == [None, 204]
    partner.http.delete(f"/webhooks/{hook['id']}")


def test_410_ends_it_and_what_was_given_up_is_replayed_when_it_is_back(
    partner: Partner, receiver: Receiver, told, mobile: str
):
    receiver.status = 410
    code = partner.hand_in(person={"mobile": mobile})["tracking_code"]
    path = f"/webhooks/{told['id']}"
    until(lambda: partner.ok("GET", path)["state"] == "gone")
    [delivery] = partner.log(told, code)
    assert delivery["state"] == "dead"
    receiver.status = 200
    replay = f"{path}/deliveries/{delivery['id']}/replay"
    assert partner.http.post(replay).status_code == 409
    partner.ok("PATCH", path, json={"state": "active"})
    partner.ok("POST", replay)
    until(lambda: [each["state"] for each in partner.log(told, code)] == ["delivered"])
    first, second = receiver.events(code)
    assert first == second


def test_after_a_new_secret_both_are_good_for_a_while(partner: Partner, receiver: Receiver, told):
    old = receiver.secret
    new = partner.ok("POST", f"/webhooks/{told['id']}/secret")["secret"]
    partner.ok("POST", f"/webhooks/{told['id']}/test")
    for receiver.secret in (old, new):
        [event] = until(receiver.events)
        assert event["type"] == "ir.payam.webhook.test"


def test_what_is_taken_back_is_told_of_as_that(
    flow: Flow, partner: Partner, receiver: Receiver, told, mobile
):
    code = partner.hand_in(person={"mobile": mobile})["tracking_code"]
    until(lambda: receiver.types(code))
    assert partner.ok("POST", f"/cases/{code}/withdrawal")["state"] == "withdrawn"
    until(lambda: receiver.types(code) == ["opened", "withdrawn"])
    assert flow.case(code)["state"] == "closed"


def test_in_the_sandbox_a_case_is_answered_by_itself_and_reaches_no_desk(
    flow: Flow, partner: Partner, trying: Partner, receiver: Receiver, told
):
    sandbox = Receiver()
    sandbox.listen()
    hook = trying.told_at(sandbox)
    assert trying.http.get(f"/webhooks/{told['id']}").status_code == 404
    assert partner.http.get(f"/webhooks/{hook['id']}").status_code == 404
    code = trying.hand_in(person={"account": "somebody"})["tracking_code"]
    until(lambda: sandbox.types(code) == ["opened", "answered"])
    assert all(event["data"]["sandbox"] for event in sandbox.events(code))
    assert trying.ok("GET", f"/cases/{code}")["state"] == "answered"
    assert partner.http.get(f"/cases/{code}").status_code == 404
    assert flow.store.get(f"/cases/{code}").status_code == 404
    assert receiver.events(code) == []
    trying.http.delete(f"/webhooks/{hook['id']}")
    sandbox.close()


def test_no_key_secret_number_word_or_receiver_is_in_any_log(
    flow: Flow, partner: Partner, receiver: Receiver, told, mobile
):
    code = partner.hand_in(person={"mobile": mobile})["tracking_code"]
    until(lambda: receiver.types(code))
    hidden: tuple[str, ...] = (
        flow.secrets["PARTNER_API_KEY"],
        receiver.secret,
        receiver.url,
        mobile[1:],
        TEXT,
    )
    for name in ("gateway-portal", "case-store", "router"):
        log = (flow.logs / f"{name}.log").read_text()
        assert log
        assert [word for word in hidden if word in log] == []
