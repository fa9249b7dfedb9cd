"""People who write while something breaks, and the question whether each of them is there once."""

import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx

from tests.flow.running import Flow, until

numbers_left = itertools.count(10_000)


def push_as_kavenegar_does(flow: Flow, number: str, text: str, messageid: str) -> None:
    """Anything but 200 is tried again, with the same id; Kavenegar waits longer between."""
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        try:
            if flow.push_mo(number, text, messageid).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    message = "never accepted"
    raise AssertionError(message)


@contextmanager
def load(flow: Flow, messages: int = 400, a_second: int = 80) -> Iterator[list[str]]:
    """Messages of as many people coming in while the block runs; on leaving, all have been accepted."""
    numbers = [f"0913{next(numbers_left):05d}55" for _ in range(messages)]
    began = time.monotonic()

    def send(position: int) -> None:
        time.sleep(max(0.0, began + position / a_second - time.monotonic()))
        number = numbers[position]
        push_as_kavenegar_does(flow, number, f"سابقه بیمه من کم است {number[-6:]}", f"9{number}")

    with ThreadPoolExecutor(32) as pool:
        sending = [pool.submit(send, position) for position in range(messages)]
        time.sleep(1)
        yield numbers
        for future in sending:
            future.result()


def missing_or_double(flow: Flow, numbers: list[str]) -> list[str]:
    """The people whose message is not there exactly once."""
    return [number for number in numbers if [len(case["messages"]) for case in flow.cases_of(number)] != [1]]


def assert_each_is_there_once(flow: Flow, numbers: list[str]) -> None:
    """Each message one case, once."""
    until(lambda: not missing_or_double(flow, numbers), seconds=90, pause=1)
