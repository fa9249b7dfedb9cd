"""Webhooks leave for public addresses alone, signed as Standard Webhooks say, and never wait for long."""

import asyncio
import base64
import json
import socket
import time
from collections.abc import AsyncIterator, Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from gateway_portal.clients.signatures import signed
from gateway_portal.clients.webhooks import WebhookSender
from gateway_portal.public_addresses import Address, allowed, fault_of, fits
from gateway_portal.schemas.webhooks import Outcome, Telling
from tests.gateway_portal.receivers import OK, SECRET, certified, receiving, work_for

LOOPBACK = (ip_network("127.0.0.0/8"),)
PUBLIC = ip_address("93.184.216.34")


@pytest.fixture
async def sender() -> AsyncIterator[WebhookSender]:
    """On a developer's machine."""
    sender = WebhookSender(LOOPBACK, seconds=2)
    yield sender
    await sender.close()


async def post(sender: WebhookSender, url: str, **more: object) -> Outcome:
    return await sender.post(Telling.model_validate(work_for(url, **more)))


async def refused(url: str, *addresses: Address, networks: Sequence[object] = ()) -> str:
    """Why a production gateway does not go there; where the name leads is as given, else as it is here."""

    async def resolve(_host: str, _port: int) -> Sequence[Address]:
        return addresses

    sender = WebhookSender(networks, seconds=1, resolve=resolve if addresses else None)  # type: ignore[arg-type]
    try:
        outcome = await post(sender, url)
    finally:
        await sender.close()
    assert outcome.status is None
    return str(outcome.error)


@pytest.mark.parametrize(
    "address",
    [
        *("0.1.2.3", "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1"),
        *("::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:5db8:d822::1"),
        *("2001:0:5ef5:79fb::1", "64:ff9b:1::1", "::127.0.0.1", "fec0::1"),
    ],
)
def test_no_private_address_is_allowed_in_any_disguise(address):
    assert not allowed(ip_address(address), ())


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:8.8.8.8"]
)
def test_a_public_one_is(address):
    assert allowed(ip_address(address), ())


def test_a_private_one_is_where_the_deployment_names_its_network_also_in_disguise():
    assert allowed(ip_address("127.0.0.1"), LOOPBACK)
    assert allowed(ip_address("::ffff:127.0.0.1"), LOOPBACK)
    assert not allowed(ip_address("10.0.0.1"), LOOPBACK)
    assert not allowed(ip_address("::1"), LOOPBACK)


@pytest.mark.parametrize(
    ("url", "production", "development"),
    [
        ("https://partner.example/", True, True),
        ("http://partner.example/", False, True),
        ("https://10.0.0.1/", False, False),
        ("https://127.0.0.1/", False, True),
        ("http://127.0.0.1:9/", False, True),
        ("http://93.184.216.34/", False, False),
        ("https://[::ffff:10.0.0.1]/", False, False),
        ("https://93.184.216.34/", True, True),
    ],
)
def test_what_may_be_set_up_is_said_at_once_as_far_as_the_address_itself_tells(url, production, development):
    assert fits(url, ()) is production
    assert fits(url, LOOPBACK) is development


@pytest.mark.parametrize(
    "url",
    ["https:///x", "https://u:p@h.example/", "https://h.example/#x", "https://h.example:0/", "https://[/"],
)
def test_a_form_that_cannot_be_meant_is_named(url):
    assert fault_of(url)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://127.0.0.1/",
            "https://localhost/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://127.1/",
        ),
        *("https://[::1]/", "https://[::ffff:7f00:1]/", "https://0/", "https://[fe80::1%25lo]/"),
        "https://169.254.169.254/latest/meta-data/",
    ],
)
async def test_no_spelling_of_an_inner_address_leads_anywhere(url):
    assert await refused(url) in {"private_address", "unresolved", "address"}


async def test_one_private_address_among_public_ones_is_enough_to_stay():
    assert await refused("https://a.example/", PUBLIC, ip_address("10.0.0.1")) == "private_address"


async def test_without_tls_only_a_named_network_is_gone_to():
    assert await refused("http://a.example/", PUBLIC) == "no_tls"
    assert await refused("http://a.example/", PUBLIC, networks=LOOPBACK) == "no_tls"


@pytest.mark.parametrize(
    "url", ["ftp://a.example/", "https://u:p@a.example/", "https://a.example:99999/", "x"]
)
async def test_an_address_that_cannot_be_meant_is_not_tried(url):
    assert await refused(url, PUBLIC) == "address"


async def test_the_connection_goes_to_the_very_address_that_was_looked_at_under_the_name_that_was_asked_for(
    tmp_path: Path,
):
    """A name server that tells something else a moment later (DNS rebinding) is not asked again."""
    server, trusting = certified(tmp_path, "partner.example")
    asked = []

    async def resolve(host: str, _port: int) -> Sequence[Address]:
        asked.append(host)
        return [ip_address("127.0.0.1" if len(asked) == 1 else "127.9.9.9")]

    async with receiving(context=server) as receiver:
        sender = WebhookSender(LOOPBACK, resolve=resolve, verify=trusting, seconds=5)
        outcome = await post(sender, receiver.url(host="partner.example", scheme="https"))
        await sender.close()
    assert outcome.status == 200
    assert asked == ["partner.example"]
    [came] = receiver.came
    assert came.headers["host"] == f"partner.example:{receiver.port}"
    assert came.sni == "partner.example"


@pytest.mark.parametrize("name", ["other.example", "partner.example"])
async def test_a_certificate_that_is_not_good_for_the_name_ends_it(tmp_path: Path, name: str):
    server, trusting = certified(tmp_path, "partner.example")

    async def resolve(_host: str, _port: int) -> Sequence[Address]:
        return [ip_address("127.0.0.1")]

    async with receiving(context=server) as receiver:
        # One whose name is another's; one that is of that name, and nobody vouches for.
        trust = {"verify": trusting} if name == "other.example" else {}
        sender = WebhookSender(LOOPBACK, resolve=resolve, seconds=5, **trust)
        outcome = await post(sender, receiver.url(host=name, scheme="https"))
        await sender.close()
    assert (outcome.status, outcome.error) == (None, "tls")
    assert receiver.came == []


async def test_what_was_verified_for_one_name_serves_no_other_at_the_same_address(tmp_path: Path):
    server, trusting = certified(tmp_path, "partner.example")

    async def resolve(_host: str, _port: int) -> Sequence[Address]:
        return [ip_address("127.0.0.1")]

    keeping = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"
    async with receiving(keeping, context=server) as receiver:
        sender = WebhookSender(LOOPBACK, resolve=resolve, verify=trusting, seconds=5)
        first = await post(sender, receiver.url(host="partner.example", scheme="https"))
        second = await post(sender, receiver.url(host="other.example", scheme="https"))
        await sender.close()
    assert (first.status, second.error) == (200, "tls")


async def test_the_next_address_of_a_name_is_tried_where_nobody_listens_at_the_first():
    async def resolve(_host: str, _port: int) -> Sequence[Address]:
        return [ip_address("127.0.0.9"), ip_address("127.0.0.1")]

    async with receiving() as receiver:
        sender = WebhookSender(LOOPBACK, resolve=resolve, seconds=5)
        outcome = await post(sender, receiver.url(host="partner.example"))
        await sender.close()
    assert outcome.status == 200


async def test_it_is_a_signed_cloudevent_that_the_public_library_takes(sender: WebhookSender):
    new = "whsec_" + base64.b64encode(b"n" * 32).decode()
    async with receiving() as receiver:
        work = work_for(receiver.url("/hook?to=us"), secrets=[new, SECRET])
        outcome = await sender.post(Telling.model_validate(work))
    assert (outcome.status, outcome.error) == (200, None)
    [came] = receiver.came
    assert came.line == "POST /hook?to=us HTTP/1.1"
    assert came.headers["content-type"] == "application/cloudevents+json"
    assert came.headers["webhook-id"] == work["event"]["id"]
    assert json.loads(came.body) == work["event"]
    for secret in (new, SECRET):
        assert Webhook(secret).verify(came.body, came.headers) == work["event"]
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(came.body.replace(b"answered", b"declined"), came.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + base64.b64encode(b"x" * 32).decode()).verify(came.body, came.headers)


def test_the_signature_is_that_of_the_standard_itself():
    """The vector of the specification's own libraries."""
    headers = signed(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1_614_265_330,
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_redirect_is_not_followed(sender: WebhookSender):
    async with receiving() as inside:
        there = f"HTTP/1.1 307 There\r\nLocation: {inside.url()}\r\nContent-Length: 0\r\n\r\n".encode()
        async with receiving(there) as receiver:
            outcome = await post(sender, receiver.url())
    assert (outcome.status, outcome.error) == (307, "redirect")
    assert inside.came == []


@pytest.mark.parametrize(
    ("answer", "status", "retry_after"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, None),
        (b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", 410, None),
        (b"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n", 503, 120),
        (b"HTTP/1.1 429 Slow\r\nRetry-After: 99999999999\r\nContent-Length: 0\r\n\r\n", 429, 86_400),
        (b"HTTP/1.1 500 No\r\nRetry-After: tomorrow\r\nContent-Length: 0\r\n\r\n", 500, None),
    ],
)
async def test_what_was_answered_is_told(sender: WebhookSender, answer, status, retry_after):
    async with receiving(answer) as receiver:
        outcome = await post(sender, receiver.url())
    assert (outcome.status, outcome.retry_after) == (status, retry_after)
    assert outcome.error == (None if status == 204 else "status")


async def test_a_receiver_that_says_nothing_is_given_up_in_time(sender: WebhookSender):
    async def silent(_writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    async with receiving(silent) as receiver:
        begun = time.monotonic()
        outcome = await post(sender, receiver.url())
        took = time.monotonic() - begun
    assert (outcome.status, outcome.error) == (None, "timeout")
    assert 1.9 < took < 4
    assert outcome.milliseconds == pytest.approx(took * 1000, abs=200)


async def test_headers_that_drip_are_given_up_in_time_too(sender: WebhookSender):
    async def dripping(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(100):
            writer.write(b"X-More: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.1)

    async with receiving(dripping) as receiver:
        begun = time.monotonic()
        outcome = await post(sender, receiver.url())
    assert (outcome.status, outcome.error) == (None, "timeout")
    assert time.monotonic() - begun < 4


async def test_an_endless_answer_is_neither_read_nor_waited_for(sender: WebhookSender):
    written = 0

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            written += 65_536
            await writer.drain()

    async with receiving(endless) as receiver:
        begun = time.monotonic()
        outcome = await post(sender, receiver.url())
        took = time.monotonic() - begun
    assert outcome.status == 200
    assert took < 2
    assert written < 50_000_000


async def test_an_answer_whose_end_never_comes_counts_by_its_status(sender: WebhookSender):
    async def stuck(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        await writer.drain()
        await asyncio.sleep(30)

    async with receiving(stuck) as receiver:
        outcome = await post(sender, receiver.url())
    assert (outcome.status, outcome.error) == (200, None)


@pytest.mark.parametrize(
    "answer",
    [b"220 mail.example ESMTP\r\n", b"", b"HTTP/1.1 999999 What\r\n\r\n", b"HTTP/1.1 700 What\r\n\r\n"],
)
async def test_what_is_no_http_is_broken(sender: WebhookSender, answer):
    async with receiving(answer) as receiver:
        assert (await post(sender, receiver.url())).error == "broken"


async def test_nobody_there_and_no_such_name_are_told_apart(sender: WebhookSender):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert (await post(sender, f"http://127.0.0.1:{port}/")).error == "refused"
    assert (await post(sender, "https://nobody.invalid/")).error == "unresolved"


async def test_a_name_server_that_never_answers_holds_up_no_other_thread_of_the_gateway():
    sender = WebhookSender(LOOPBACK, seconds=0.3)

    def stuck(*_: object, **__: object) -> list[object]:
        time.sleep(1.5)
        return []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", stuck)
        tries = asyncio.gather(*(post(sender, f"https://{number}.example/") for number in range(20)))
        await asyncio.sleep(0.1)
        begun = time.monotonic()
        await asyncio.to_thread(lambda: None)
        assert time.monotonic() - begun < 0.2
        assert {outcome.error for outcome in await tries} == {"timeout"}
        await sender.close()
        await asyncio.sleep(1.6)


async def test_no_proxy_of_the_environment_is_gone_through(monkeypatch):
    async with receiving() as proxy, receiving(OK) as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        sender = WebhookSender(LOOPBACK, seconds=2)
        assert (await post(sender, receiver.url())).status == 200
        await sender.close()
    assert proxy.came == []


def test_a_secret_does_not_show_by_accident():
    assert SECRET not in repr(Telling.model_validate(work_for("https://a.example/")))
