"""The promises under blows: whatever dies, what was answered with 200 becomes one case, once."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.fault.loads import assert_each_is_there_once, load, numbers_left
from tests.flow.running import Flow, until

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]


def assert_each_got_one_sms(flow: Flow, numbers: list[str]) -> None:
    until(lambda: all(flow.sendings(number) for number in numbers), seconds=60, pause=1)
    assert [number for number in numbers if len(flow.sendings(number)) != 1] == []


@pytest.mark.parametrize("part", ["gateway-sms", "router", "case-store", "kafka", "postgres", "redis"])
def test_killing_any_part_under_load_loses_nothing_and_says_nothing_twice(flow: Flow, part):
    until(flow.all_ready, seconds=60)
    with load(flow) as numbers:
        flow.kill(part)
    assert_each_is_there_once(flow, numbers)
    assert_each_got_one_sms(flow, numbers)


def test_while_the_broker_is_silent_messages_are_still_taken_and_follow_when_it_is_back(flow: Flow):
    until(flow.all_ready, seconds=60)
    broker = flow.pid("kafka")
    os.kill(broker, signal.SIGSTOP)
    try:
        with load(flow, messages=60, a_second=60) as numbers:
            pass
    finally:
        os.kill(broker, signal.SIGCONT)
    assert_each_is_there_once(flow, numbers)


def test_a_poison_message_goes_aside_holds_up_nobody_and_becomes_a_case_when_replayed(flow: Flow):
    until(flow.all_ready, seconds=60)
    poisoned, healthy = f"0914{next(numbers_left):05d}55", f"0914{next(numbers_left):05d}55"
    with broken_store(flow, poisoned):
        assert flow.push_mo(poisoned, "سابقه بیمه من کم است").status_code == httpx.codes.OK
        assert flow.push_mo(healthy, "سابقه بیمه من کم است").status_code == httpx.codes.OK
        until(lambda: flow.cases_of(healthy))
        letters = until(lambda: dead_letters(flow), seconds=30)
    assert flow.cases_of(poisoned) == []
    listed = payam(flow, "dlq", "list")
    assert "messages.routed.v1" in listed
    assert poisoned[1:] not in listed
    payam(flow, "dlq", "replay", letters[0]["id"])
    until(lambda: flow.cases_of(poisoned), seconds=30)


def dead_letters(flow: Flow) -> list[dict]:
    answer = flow.store.get("/dead-letters", params={"state": "waiting"}).raise_for_status().json()
    return list(answer["items"])


def payam(flow: Flow, *arguments: str) -> str:
    told = os.environ | {
        "CASE_STORE_URL": flow.url("CASE_STORE"),
        "CASE_STORE_TOKEN": flow.secrets["CASE_STORE_TOKEN"],
    }
    done = subprocess.run(
        [sys.executable, "-m", "payam", *arguments], env=told, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def broken_store(flow: Flow, number: str) -> Iterator[None]:
    """A constraint that one person's messages break, as a bug of tomorrow might."""
    sender = "+98" + number[1:]
    flow.sql(f"ALTER TABLE message ADD CONSTRAINT bug CHECK (sender <> '{sender}') NOT VALID")
    try:
        yield
    finally:
        flow.sql("ALTER TABLE message DROP CONSTRAINT bug")


def test_a_log_line_never_holds_a_number_or_a_word_of_a_citizen(flow: Flow):
    logs = "".join(path.read_text(errors="replace") for path in flow.logs.glob("*.log*"))
    assert "service_started" in logs
    assert re.search(r"(\+98|0)?91[234]\d{5}55(?![0-9a-f-])", logs) is None
    for said in ("سابقه", flow.secrets["KAVENEGAR_WEBHOOK_SECRET"], flow.secrets["KAVENEGAR_API_KEY"]):
        assert said not in logs
