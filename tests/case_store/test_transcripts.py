"""What machines took recordings for: a hint beside the message, whenever it comes, that changes nothing."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from case_store.handlers.exports import Format
from case_store.handlers.transcripts import Transcripts
from case_store.model import CaseState
from case_store.repository.filters import Filters
from case_store.staffing import RIGHTS_OF, Right, Role, service
from envelope.models import (
    Attachment,
    Channel,
    Classification,
    DecisionSource,
    RoutedMessage,
    Suggestion,
    Transcript,
)
from envelope.taxonomy import SECTION_OF, Audience, Kind, Topic
from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.desks import opened

CODE = mint(7, KEY)
DIGEST = "e" * 64
HEARD = "مستمری پدرم این ماه واریز نشده"
AT = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
RECORDING = Attachment(uri="a", sha256=DIGEST, media_type="audio/wav", size=9, seconds=3)


def spoken(**changes: object) -> RoutedMessage:
    """A voice message whose recording says more than its words: it has none."""
    told = {"code": CODE, "topic": Topic.OTHER, "desk": "triage", "channel": Channel.VOICE}
    return routed("", attachments=(RECORDING,), **(told | changes))  # type: ignore[arg-type]


def heard(
    message_id: UUID, text: str = HEARD, *, at: datetime = AT, topic: Topic | None = None
) -> Suggestion:
    topic = topic or Topic.SURVIVOR_PENSION
    return Suggestion(
        transcript=Transcript(
            message_id=message_id,
            sha256=DIGEST,
            text=text,
            confidence=0.7,
            language="fa",
            model="whisper-1",
            transcribed_at=at,
        ),
        classification=Classification(
            topic=topic,
            section=SECTION_OF[topic],
            kind=Kind.COMPLAINT,
            audience=Audience.SURVIVOR,
            confidence=0.8,
            reasons=("survivor_pension.pay", "complaint.not paid"),
            source=DecisionSource.RULES,
            version="test",
        ),
    )


@pytest.fixture
def transcripts(store: Store) -> Transcripts:
    return Transcripts(store.database)


async def told(store: Store) -> list[str]:
    [message] = (await store.case(CODE))["messages"]
    return [one["text"] for one in message["transcripts"]]


async def test_it_stands_beside_its_message_with_what_it_seems_to_be_about(store: Store, transcripts):
    message = spoken()
    await store.file(message)
    await transcripts.keep([heard(message.envelope.message_id)])
    [given] = (await store.case(CODE))["messages"][0]["transcripts"]
    assert (given["text"], given["confidence"], given["sha256"]) == (HEARD, 0.7, DIGEST)
    assert (given["topic"], given["kind"], given["audience"]) == ("survivor_pension", "complaint", "survivor")
    assert given["topic_confidence"] == 0.8
    assert given["reasons"] == ["survivor_pension.pay", "complaint.not paid"]


async def test_one_that_comes_before_its_message_waits_for_it(store: Store, transcripts):
    message = spoken()
    await transcripts.keep([heard(message.envelope.message_id)])
    await store.file(message)
    assert await told(store) == [HEARD]


async def test_it_moves_threads_and_closes_nothing(store: Store, transcripts):
    message = spoken()
    await store.file(message)
    before = await store.case(CODE)
    await transcripts.keep([heard(message.envelope.message_id, f"{HEARD} کد {CODE} لغو ۱۱ پیگیری")])
    after = await store.case(CODE)
    said = {"messages"}
    assert {name: after[name] for name in after if name not in said} == {
        name: before[name] for name in before if name not in said
    }
    assert (after["state"], after["topic"], after["desk"]) == (CaseState.TRIAGE, "other", "triage")


async def test_the_same_again_changes_nothing_and_of_two_the_later_holds(store: Store, transcripts):
    message = spoken()
    await store.file(message)
    newer = heard(message.envelope.message_id, "تازه‌تر", at=AT + timedelta(minutes=1))
    older = heard(message.envelope.message_id, "کهنه‌تر", at=AT - timedelta(minutes=1))
    first = heard(message.envelope.message_id)
    await transcripts.keep([first, first, first])
    await transcripts.keep([first])
    await transcripts.keep([newer, older])
    await transcripts.keep([older])
    assert await told(store) == ["تازه‌تر"]
    assert await store.count("transcript") == 1


async def test_batches_that_meet_do_not_wait_for_each_other_for_ever(store: Store, transcripts):
    ids = [uuid4() for _ in range(1_000)]
    await transcripts.keep([heard(one) for one in ids])
    batches = [
        [heard(one, at=AT + timedelta(seconds=turn)) for one in ids[:: 1 - 2 * (turn % 2)]]
        for turn in range(1, 9)
    ]
    await asyncio.gather(*(transcripts.keep(batch) for batch in batches))
    assert await store.count("transcript") == 1_000


async def test_nul_is_stored_as_what_can_be_stored(store: Store, transcripts):
    message = spoken()
    await store.file(message)
    await transcripts.keep([heard(message.envelope.message_id, "یک\0دو")])
    assert await told(store) == ["یک\ufffdدو"]


async def test_only_pages_of_its_case_are_told(store: Store, transcripts):
    message, told = spoken(), []
    await store.file(message)
    async with store.database.engine.connect() as connection:
        ear = (await connection.get_raw_connection()).driver_connection
        await ear.add_listener("case_store_changes", lambda *heard: told.append(json.loads(heard[-1])))  # type: ignore[union-attr]
        await transcripts.keep([heard(message.envelope.message_id), heard(uuid4())])
        async with asyncio.timeout(5):
            while not told:  # noqa: ASYNC110  (a test polls what it does not own)
                await asyncio.sleep(0.02)
        await connection.invalidate()
    assert told == [{"triage": [[CODE], ["transcript_kept"]]}]


async def test_who_accepts_it_teaches_the_classifier_by_what_was_heard(store: Store, transcripts):
    message = spoken()
    async with opened(store) as office:
        await store.file(message, routed(code=mint(8, KEY), sender="+989120000002"))
        await transcripts.keep([heard(message.envelope.message_id)])
        boss = await office.member(Role.SUPERVISOR)
        wanted = {"topic": "survivor_pension", "kind": "complaint", "audience": "survivor"}
        for code in (CODE, mint(8, KEY)):
            await boss.ok("POST", f"/cases/{code}/reclassification", json=wanted)
        lessons = (await office.service().ok("GET", "/corrections"))["corrections"]
        found = {lesson["tracking_code"]: (lesson["text"], lesson["heard"]) for lesson in lessons}
        assert found[CODE] == (HEARD, True)
        assert found[mint(8, KEY)][1] is False
        case = await store.case(CODE)
        assert (case["topic"], case["desk"], case["state"]) == (
            "survivor_pension",
            SECTION_OF[Topic.SURVIVOR_PENSION],
            "new",
        )


async def test_national_ids_in_it_are_covered_for_who_may_not_read_them(store: Store, transcripts):
    message = spoken(desk="retirement")
    async with opened(store) as office:
        await store.file(message)
        await transcripts.keep([heard(message.envelope.message_id, "کد ملی من ۰۰۱۳۵۴۲۴۱۹ است")])
        assert Right.READ_IDENTITY not in RIGHTS_OF[Role.AUDITOR]
        auditor = await office.member(Role.AUDITOR)
        case = await auditor.ok("GET", f"/cases/{CODE}")
        [given] = case["messages"][0]["transcripts"]
        assert "۰۰۱۳۵۴۲۴۱۹" not in given["text"]
        assert given["text"].endswith("۴۱۹ است")


async def test_neither_the_person_nor_an_export_is_told_what_a_machine_heard(store: Store, transcripts):
    message = spoken()
    async with opened(store) as office:
        await store.file(message)
        await transcripts.keep([heard(message.envelope.message_id)])
        pieces = await store.knowledge.exports.cases(service(), Filters(), Format.JSONL, messages=True)
        portal = office.service()
        msisdn = {"msisdn": "+989120000001"}
        case = await portal.ok("POST", "/citizen/case", json=msisdn | {"code": CODE})
        cases = await portal.ok("POST", "/citizen/cases", json=msisdn | {"limit": 20, "cursor": None})
        told = b"".join([piece async for piece in pieces]).decode(), case, cases
    for one in told:
        written = json.dumps(one, ensure_ascii=False)
        assert CODE in written
        assert HEARD not in written


@pytest.mark.parametrize("written", [True, False], ids=["written", "heard"])
async def test_a_case_is_found_by_what_was_written_not_by_what_a_machine_heard(
    store: Store, transcripts, *, written: bool
):
    message = spoken() if not written else routed("بلدرچین بنفش", code=CODE)
    await store.file(message)
    await transcripts.keep([heard(message.envelope.message_id, "بلدرچین بنفش")])
    await store.knowledge.index.catch_up()
    found = await store.knowledge.search.find(service(), "بلدرچین", None, 20)
    assert [row["tracking_code"] for row in found.cases] == [CODE] * written
