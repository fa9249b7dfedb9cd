"""Tracking codes are minted from leases, and a crash skips codes but never repeats one."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envelope.tracking import is_valid
from minting.book import Block, CodeBook
from minting.client import CaseStoreClient
from minting.errors import LeaseUnavailableError
from minting.file import LeaseFile
from minting.mint import CodeMint
from minting.settings import CaseStoreSettings

KEY = bytes(range(32))


class CaseStoreNextDoor:
    """Leases as the case store's API does; `down` refuses the connection."""

    def __init__(self) -> None:
        self.next = 1
        self.leases = 0
        self.down = False

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("refused", request=request)
        assert request.headers["authorization"] == "Bearer a-token"
        assert request.url.path == "/api/v1/tracking-code-leases"
        size = json.loads(request.content)["size"]
        first, self.next = self.next, self.next + size
        self.leases += 1
        return httpx.Response(201, json={"first": first, "last": self.next - 1})


@pytest.fixture
async def make_mint(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    keeping: list[asyncio.Task[None]] = []

    async def make(case_store: CaseStoreNextDoor, *, lease_size: int = 1_000) -> CodeMint:
        settings = CaseStoreSettings(url="http://case-store.test", token="a-token")
        client = CaseStoreClient(settings, httpx.MockTransport(case_store))
        mint = CodeMint(LeaseFile(tmp_path / "codes.json"), client, KEY, lease_size)
        await mint.start()
        keeping.append(asyncio.create_task(mint.keep_leased()))
        await asyncio.sleep(0.05)
        return mint

    yield make
    for task in keeping:
        task.cancel()
    await asyncio.gather(*keeping, return_exceptions=True)


async def crash(mint: CodeMint) -> None:
    """What `kill -9` leaves: the file as it is, the lock gone."""
    mint._file.close()


def test_a_book_gives_only_what_was_granted() -> None:
    book = CodeBook([Block(1, 5)])
    assert book.take() is None
    book.grant(2)
    assert [book.take(), book.take(), book.take()] == [1, 2, None]


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(1, 12), st.integers(0, 12)), max_size=12),
)
def test_whenever_the_power_goes_no_number_is_given_twice(
    sizes: list[int], runs: list[tuple[int, int]]
) -> None:
    numbers = count(100)
    disk = [Block(first, first + size - 1) for size in sizes for first in [next(numbers) * 1_000]]
    given_out: list[int] = []
    for step, takes in runs:  # each run ends in a crash: only what was written ahead is left
        book = CodeBook(disk)
        for _ in range(takes):
            if not book.granted:
                disk = book.ahead(step)
                book.grant(step)
            number = book.take()
            if number is not None:
                given_out.append(number)
    assert len(given_out) == len(set(given_out))


async def test_codes_are_valid_and_differ(make_mint: Callable[..., Any]) -> None:
    mint = await make_mint(CaseStoreNextDoor())
    codes = [mint.take() for _ in range(500)]
    assert all(code and is_valid(code) for code in codes)
    assert len(set(codes)) == 500
    assert mint.health() is None


async def test_after_a_crash_no_code_comes_twice(make_mint: Callable[..., Any]) -> None:
    case_store = CaseStoreNextDoor()
    first = await make_mint(case_store)
    before = [first.take() for _ in range(120)]
    await crash(first)
    second = await make_mint(case_store)
    after = [second.take() for _ in range(120)]
    assert None not in [*before, *after]
    assert len({*before, *after}) == 240


async def test_after_a_clean_stop_no_code_is_skipped(make_mint: Callable[..., Any]) -> None:
    case_store = CaseStoreNextDoor()
    first = await make_mint(case_store)
    first.take()
    await first.stop()
    second = await make_mint(case_store)
    assert second._book.left == 999


async def test_the_next_block_is_leased_when_half_is_used(make_mint: Callable[..., Any]) -> None:
    case_store = CaseStoreNextDoor()
    mint = await make_mint(case_store, lease_size=5_000)
    for _ in range(3_500):
        assert mint.take() is not None
    await asyncio.sleep(0.05)
    assert case_store.leases == 2


async def test_without_a_lease_it_says_so_and_gives_none(make_mint: Callable[..., Any]) -> None:
    case_store = CaseStoreNextDoor()
    case_store.down = True
    mint = await make_mint(case_store)
    assert mint.take() is None
    assert mint.health() == "no tracking codes are leased"


async def test_codes_go_on_while_the_case_store_is_down(make_mint: Callable[..., Any]) -> None:
    case_store = CaseStoreNextDoor()
    first = await make_mint(case_store)
    await first.stop()
    case_store.down = True
    second = await make_mint(case_store)
    assert second.take() is not None


async def test_two_processes_never_mint_from_one_file(make_mint: Callable[..., Any]) -> None:
    await make_mint(CaseStoreNextDoor())
    with pytest.raises(LeaseUnavailableError, match="another process"):
        await make_mint(CaseStoreNextDoor())


async def test_a_file_that_cannot_be_read_costs_codes_not_the_start(
    make_mint: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "codes.json").write_text("{half a fi")
    mint = await make_mint(CaseStoreNextDoor())
    assert mint.take() is not None


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(401),
        httpx.Response(201, text="no JSON"),
        httpx.Response(201, json={"first": 5, "last": 4}),
        httpx.Response(201, json={}),
    ],
)
async def test_a_lease_that_is_none_is_refused(answer: httpx.Response) -> None:
    settings = CaseStoreSettings(url="http://case-store.test", token="a-token")
    client = CaseStoreClient(settings, httpx.MockTransport(lambda _request: answer))
    with pytest.raises(LeaseUnavailableError):
        await client.lease(10)
    await client.stop()
