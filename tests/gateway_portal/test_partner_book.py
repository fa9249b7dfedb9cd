"""The portal knows every key without asking anybody, also when the case store is away from the start."""

import asyncio
import json
import stat
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from gateway_portal.clients.partners import PartnerStore
from gateway_portal.errors import KeyRefusedError, StoreAwayError
from gateway_portal.handlers.partner_book import PartnerBook
from gateway_portal.model import Scope
from tests.gateway_portal.conftest import LIVE_KEY, PARTNER, SANDBOX_KEY, a_key, a_partner
from tests.gateway_portal.test_case_store_client import settings

BOOK = "/partners/book"


@pytest.fixture
async def store(behind):
    store = PartnerStore(settings(), httpx.MockTransport(behind))
    yield store
    await store.stop()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "folder" / "partners.json"


async def test_a_key_tells_whose_it_is(store, file):
    book = PartnerBook(store, file)
    await book.refresh()
    caller = book.whose(LIVE_KEY)
    assert (caller.partner_id, caller.sandbox) == (PARTNER, False)
    assert caller.scopes == frozenset(Scope)
    assert (caller.per_minute, caller.per_day) == (600, 100_000)
    assert book.whose(SANDBOX_KEY).sandbox
    assert book.health() is None


@pytest.mark.parametrize("key", ["", "x", LIVE_KEY[:-1], LIVE_KEY + " ", "\udc80", "\0"])
async def test_any_other_is_refused_without_a_hint(store, file, key):
    book = PartnerBook(store, file)
    await book.refresh()
    with pytest.raises(KeyRefusedError) as caught:
        book.whose(key)
    assert key.strip() not in str(caught.value) or len(key) < 2


async def test_a_key_that_has_run_out_is_none(store, file, behind):
    until = datetime(2026, 11, 22, 12, tzinfo=UTC)
    now = until - timedelta(seconds=1)
    behind.partners = [a_partner(a_key(LIVE_KEY, expires_at=until.isoformat()))]
    book = PartnerBook(store, file, clock=lambda: now)
    await book.refresh()
    assert book.whose(LIVE_KEY)
    now = until
    with pytest.raises(KeyRefusedError):
        book.whose(LIVE_KEY)


async def test_a_revoked_key_is_refused_from_the_next_asking_on(store, file, behind):
    book = PartnerBook(store, file, refresh_seconds=0.01)
    await book.start()
    assert book.whose(LIVE_KEY)
    behind.partners = [a_partner(a_key(SANDBOX_KEY))]
    for _ in range(200):
        await asyncio.sleep(0.01)
        try:
            book.whose(LIVE_KEY)
        except KeyRefusedError:
            break
    else:
        pytest.fail("it was never asked again")
    assert book.whose(SANDBOX_KEY)
    await book.stop()


async def test_a_scope_that_only_a_newer_store_knows_is_left_out(store, file, behind):
    behind.partners = [a_partner(a_key(LIVE_KEY, "cases:read", "cases:burn"))]
    book = PartnerBook(store, file)
    await book.refresh()
    assert book.whose(LIVE_KEY).scopes == {Scope.READ}


async def test_the_last_copy_serves_a_start_without_the_store(store, file, behind):
    first = PartnerBook(store, file)
    await first.refresh()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert LIVE_KEY not in file.read_text()
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    behind.away = True
    second = PartnerBook(store, file)
    await second.start()
    assert second.whose(LIVE_KEY).partner_id == PARTNER
    assert second.health()
    await second.stop()


@pytest.mark.parametrize("kept", [None, b"", b"{", b'{"partners": 5}'])
async def test_without_a_copy_and_a_store_nobody_can_say(store, file, behind, kept):
    behind.away = True
    if kept is not None:
        file.parent.mkdir()
        file.write_bytes(kept)
    book = PartnerBook(store, file)
    await book.start()
    with pytest.raises(StoreAwayError):
        book.whose(LIVE_KEY)
    behind.away = False
    await book.refresh()
    assert book.whose(LIVE_KEY)
    await book.stop()


@pytest.mark.parametrize("trouble", [httpx.Response(500), httpx.Response(200, text="<html>"), [1]])
async def test_an_answer_that_is_none_changes_nothing(store, file, behind, trouble):
    book = PartnerBook(store, file)
    await book.refresh()
    kept = file.read_bytes()
    behind.answers[BOOK] = trouble
    await book.refresh()
    assert book.whose(LIVE_KEY)
    assert book.health()
    assert file.read_bytes() == kept


async def test_a_book_that_is_the_same_is_not_told_again(store, file, behind):
    asked = []

    def told(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("if-none-match"))
        if asked[-1] == 'W/"1"':
            return httpx.Response(304)
        return httpx.Response(200, json={"partners": behind.partners}, headers={"ETag": 'W/"1"'})

    store = PartnerStore(settings(), httpx.MockTransport(told))
    book = PartnerBook(store, file)
    await book.refresh()
    await book.refresh()
    assert asked == [None, 'W/"1"']
    assert book.whose(LIVE_KEY)
    assert book.health() is None
    await store.stop()


async def test_a_disk_that_is_full_keeps_nobody_out(store, file, behind):
    file.parent.write_text("no folder")
    book = PartnerBook(store, file)
    await book.refresh()
    assert book.whose(LIVE_KEY)
    assert json.loads(json.dumps(behind.partners))


async def test_the_first_partner_is_known_at_once_however_seldom_the_book_is_read_later(store, file, behind):
    behind.partners = []
    book = PartnerBook(store, file, refresh_seconds=600)
    await book.start()
    behind.partners = [a_partner(a_key(LIVE_KEY))]
    async with asyncio.timeout(5):
        while True:
            try:
                assert book.whose(LIVE_KEY).partner_id == PARTNER
                break
            except KeyRefusedError:
                await asyncio.sleep(0.05)
    await book.stop()
