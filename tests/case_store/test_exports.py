"""Cases in bulk: complete, in their order, harmless in a spreadsheet, and never by whoever may not."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from case_store.errors import ForbiddenError
from case_store.handlers import exports
from case_store.handlers.exports import Format
from case_store.repository.filters import Filters
from case_store.staffing import Actor, Role, service
from envelope.taxonomy import Topic
from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, routed

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


async def several(store: Store, count: int) -> list[str]:
    codes = [mint(number, KEY) for number in range(count)]
    for number, code in enumerate(codes):
        at = NOW - timedelta(minutes=number)
        topic = Topic.E_PRESCRIPTION if number % 2 else Topic.PENSION_PAYMENT
        await store.file(routed(f"پیام {number}", sender=f"+98912{number:07}", code=code, at=at, topic=topic))
    return codes


async def taken(
    store: Store, actor: Actor, written: Format, filters: Filters | None = None, *, messages: bool = False
) -> str:
    pieces = await store.knowledge.exports.cases(actor, filters or Filters(), written, messages=messages)
    return b"".join([piece async for piece in pieces]).decode()


@pytest.mark.parametrize("batch", [1, 2, 3, 7, 500])
async def test_every_case_once_the_newest_first_however_many_a_batch(store: Store, monkeypatch, batch: int):
    codes = await several(store, 7)
    monkeypatch.setattr(exports, "_BATCH", batch)
    lines = (await taken(store, service(), Format.JSONL)).splitlines()
    assert [json.loads(line)["tracking_code"] for line in lines] == codes


async def test_csv_has_its_mark_its_header_and_every_record(store: Store):
    codes = await several(store, 3)
    await store.staff.reply(service(), codes[0], "پاسخ", "agent", key="1", version=None)
    text = await taken(store, service(), Format.CSV)
    assert text.startswith("\ufefftracking_code,state,")
    assert text.count("\r\n") == 4
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [row["tracking_code"] for row in rows] == codes
    assert (rows[0]["messages"], rows[0]["replies"]) == ("1", "1")
    assert rows[0]["opened_at"] == NOW.isoformat()
    assert rows[0]["first_replied_at"]
    assert (rows[1]["replies"], rows[1]["first_replied_at"]) == ("0", "")


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "|x", 'a",b\r\n=1', "=\u202e1"])
async def test_nothing_is_taken_for_a_formula_or_breaks_a_record(store: Store, evil: str):
    await several(store, 1)
    await store.rows("UPDATE cases SET province = $1", evil)
    text = await taken(store, service(), Format.CSV)
    [row] = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert row["province"] == (evil if evil.startswith("a") else f"'{evil}")


async def test_json_lines_hold_the_messages_when_they_are_asked_for(store: Store):
    await several(store, 2)
    plain = [json.loads(line) for line in (await taken(store, service(), Format.JSONL)).splitlines()]
    assert all("said" not in case for case in plain)
    text = await taken(store, service(), Format.JSONL, messages=True)
    whole = [json.loads(line) for line in text.splitlines()]
    assert [case["said"][0]["text"] for case in whole] == ["پیام 0", "پیام 1"]


async def test_the_filters_and_the_reach_of_lists_hold(store: Store):
    codes = await several(store, 4)
    text = await taken(store, service(), Format.JSONL, Filters(topic=Topic.E_PRESCRIPTION))
    assert [json.loads(line)["tracking_code"] for line in text.splitlines()] == codes[1::2]


@pytest.mark.parametrize("role", [Role.AGENT, Role.EXPERT, Role.LIAISON, Role.ADMINISTRATOR])
async def test_an_export_is_for_those_with_the_right(store: Store, role: Role):
    actor, _ = await store.a_member([role])
    with pytest.raises(ForbiddenError):
        await taken(store, actor, Format.CSV)


async def test_who_took_what_is_in_the_audit(store: Store):
    auditor, _ = await store.a_member([Role.AUDITOR], [])
    await taken(store, auditor, Format.CSV, Filters(topic=Topic.OTHER))
    [entry] = await store.rows("SELECT * FROM audit_entry WHERE action = 'cases_exported'")
    assert (entry["actor"], entry["actor_id"]) == (auditor.name, auditor.staff_id)
    assert entry["detail"] == {"format": "csv", "messages": False, "filters": {"topic": "other"}}


async def test_no_transaction_stays_open_between_batches(store: Store, monkeypatch):
    await several(store, 3)
    monkeypatch.setattr(exports, "_BATCH", 1)
    pieces = await store.knowledge.exports.cases(service(), Filters(), Format.JSONL, messages=False)
    async for _ in pieces:
        assert store.database.engine.pool.checkedout() == 0
