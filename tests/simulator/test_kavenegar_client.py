"""The `kavenegar` package from PyPI, unchanged but for its scheme, understands every answer."""

import json

import kavenegar
import pytest
import requests

from simulator.app import create_app
from tests.simulator.live import serving


@pytest.fixture
def client(settings, monkeypatch):
    # The package can only speak https; here its calls go to the same host in clear.
    post = requests.post
    monkeypatch.setattr(
        requests, "post", lambda url, **more: post(url.replace("https:", "http:"), timeout=5, **more)
    )
    with serving(create_app(settings)) as url:
        client = kavenegar.KavenegarAPI("the-key")
        client.host = url.removeprefix("http://")
        yield client


def test_it_sends_one_and_asks_for_its_state(client):
    [sent] = client.sms_send({"receptor": "09121234567", "message": "سلام", "localid": "42"})

    assert client.sms_status({"messageid": str(sent["messageid"])})[0]["status"] in {1, 4, 5}
    assert client.sms_statuslocalmessageid({"localid": "42"})[0]["messageid"] == sent["messageid"]


def test_it_sends_an_array_given_as_json_strings(client):
    sent = client.sms_sendarray(
        {
            "receptor": json.dumps(["09121234567", "09121234568"]),
            "sender": json.dumps(["10001420", "10001420"]),
            "message": json.dumps(["یک", "دو"]),
        }
    )

    assert [entry["message"] for entry in sent] == ["یک", "دو"]


def test_it_reads_the_inbox_and_the_account(client):
    assert client.sms_receive({"linenumber": "10001420", "isread": "0"}) == []
    assert client.account_info()["type"] == "master"


@pytest.mark.parametrize(
    ("receptor", "code"), [("09121230005", 418), ("09121230013", 411), ("09121230012", 409)]
)
def test_a_refusal_reaches_it_as_an_exception_with_the_code(client, receptor, code):
    with pytest.raises(kavenegar.APIException, match=rf"APIException\[{code}\]"):
        client.sms_send({"receptor": receptor, "message": "سلام"})


def test_an_outage_reaches_it_as_no_json(client):
    with pytest.raises(kavenegar.HTTPException):
        client.sms_send({"receptor": "09121230007", "message": "سلام"})
