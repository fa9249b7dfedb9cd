"""A webhook is believed when Payam signed it, not long ago; checked against the published library."""

import base64
import json
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook as Published

from payam_client import SignatureError, State, Webhook

SECRET, OTHER = (f"whsec_{base64.b64encode(letter * 32).decode()}" for letter in (b"a", b"b"))
NOW = 1_790_000_000
ID = "0197a1b2-0000-7000-8000-000000000001"
EVENT = {
    "specversion": "1.0",
    "id": ID,
    "source": "/api/v1",
    "type": "ir.payam.case.answered",
    "subject": "1234567894",
    "time": "2026-11-22T11:20:00Z",
    "datacontenttype": "application/json",
    "data": {
        "tracking_code": "1234567894",
        "reference": None,
        "state": "answered",
        "occurred_at": "2026-11-22T11:20:00Z",
        "sandbox": False,
    },
}
BODY = json.dumps(EVENT).encode()


def signed(*secrets: str, body: bytes = BODY, at: int = NOW) -> dict[str, str]:
    moment = datetime.fromtimestamp(at, UTC)
    signatures = [Published(secret).sign(ID, moment, body.decode()) for secret in secrets]
    return {
        "Webhook-Id": ID,
        "Webhook-Timestamp": str(at),
        "Webhook-Signature": " ".join(signatures),
        "Content-Type": "application/cloudevents+json",
    }


def webhook(*secrets: str) -> Webhook:
    return Webhook(*(secrets or (SECRET,)), clock=lambda: NOW)


def test_what_payam_signed_is_its_event():
    event = webhook().verify(BODY, signed(SECRET))
    assert (event.id, event.type) == (ID, "ir.payam.case.answered")
    assert (event.data.tracking_code, event.data.state) == ("1234567894", State.ANSWERED)


@pytest.mark.parametrize(
    ("signing", "knowing"),
    [((OTHER, SECRET), (SECRET,)), ((SECRET,), (OTHER, SECRET)), ((SECRET, OTHER), (SECRET, OTHER))],
)
def test_while_a_secret_is_renewed_either_is_good(signing, knowing):
    assert webhook(*knowing).verify(BODY, signed(*signing))


@pytest.mark.parametrize(
    "changes",
    [
        {"Webhook-Id": "another"},
        {"Webhook-Timestamp": str(NOW + 1)},
        {"Webhook-Signature": ""},
        {"Webhook-Signature": "v1,"},
        {"Webhook-Signature": "v1,!!"},
        {"Webhook-Signature": "v1,ü"},
        {"Webhook-Signature": "v1," + base64.b64encode(b"x" * 32).decode()},
        {"Webhook-Timestamp": ""},
        {"Webhook-Timestamp": "x"},
        {"Webhook-Timestamp": "9" * 5_000},
        {"Webhook-Timestamp": "۱۲۳"},
    ],
)
def test_what_was_changed_on_the_way_is_not_believed(changes):
    with pytest.raises(SignatureError):
        webhook().verify(BODY, signed(SECRET) | changes)


def test_a_signature_of_another_version_is_none():
    headers = signed(SECRET)
    headers["Webhook-Signature"] = headers["Webhook-Signature"].replace("v1,", "v2,")
    with pytest.raises(SignatureError):
        webhook().verify(BODY, headers)


def test_another_body_and_another_secret_are_not_believed():
    with pytest.raises(SignatureError):
        webhook().verify(BODY + b" ", signed(SECRET))
    with pytest.raises(SignatureError):
        webhook(OTHER).verify(BODY, signed(SECRET))
    with pytest.raises(SignatureError):
        webhook().verify(BODY, {})


@pytest.mark.parametrize(("age", "good"), [(300, True), (301, False), (-300, True), (-301, False)])
def test_what_is_old_is_not_believed(age, good):
    headers = signed(SECRET, at=NOW - age)
    if good:
        assert webhook().verify(BODY, headers)
    else:
        with pytest.raises(SignatureError):
            webhook().verify(BODY, headers)


def test_a_type_that_only_a_newer_payam_knows_is_an_event():
    body = json.dumps(EVENT | {"type": "ir.payam.new", "data": {"more": 1}}).encode()
    event = webhook().verify(body, signed(SECRET, body=body))
    assert (event.type, event.data) == ("ir.payam.new", {"more": 1})


def test_what_is_signed_and_no_event_is_refused():
    with pytest.raises(SignatureError):
        webhook().verify(b"[]", signed(SECRET, body=b"[]"))


@pytest.mark.parametrize("secret", ["", "abc", "whsec_!!!", "whsec_a"])
def test_a_secret_that_is_none_is_told_at_once(secret):
    with pytest.raises(ValueError, match=r"secret|begins"):
        Webhook(secret)
    with pytest.raises(ValueError, match="secret"):
        Webhook()
