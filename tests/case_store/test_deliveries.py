"""Delivery only moves forward, a final state never changes, and no report is lost, whatever comes first."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from prometheus_client import REGISTRY

from case_store.deliveries import Delivery, advance
from case_store.staffing import service
from envelope.models import DeliveryReport, DeliveryState
from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, routed

CODE = mint(800, KEY)
NOW = datetime.now(UTC)
S = DeliveryState


def report(
    state: DeliveryState, *, outbound: UUID | None = None, provider_id: str | None = "8792343", **more
):
    return DeliveryReport(
        provider="kavenegar",
        provider_message_id=provider_id,
        outbound_id=outbound,
        state=state,
        reported_at=more.pop("at", NOW),
        **more,
    )


@pytest.fixture
async def outbound(store: Store) -> UUID:
    await store.file(routed(code=CODE))
    [row] = await store.rows("SELECT id FROM outbound_message")
    return row["id"]


async def state(store: Store) -> str:
    [row] = await store.rows("SELECT state FROM outbound_message")
    return str(row["state"])


@pytest.mark.parametrize(
    ("reports", "ends"),
    [
        ([S.QUEUED, S.SENT, S.DELIVERED], S.DELIVERED),
        ([S.DELIVERED, S.SENT, S.QUEUED], S.DELIVERED),
        ([S.SENT, S.QUEUED], S.SENT),
        ([S.DELIVERED, S.FAILED], S.DELIVERED),
        ([S.BLOCKED, S.DELIVERED], S.BLOCKED),
        ([S.QUEUED, S.UNKNOWN], S.QUEUED),
        ([S.UNKNOWN, S.QUEUED], S.QUEUED),
        ([S.EXPIRED, S.QUEUED], S.EXPIRED),
    ],
)
def test_a_state_only_moves_forward(reports, ends):
    delivery = Delivery(uuid4(), S.PENDING, NOW, NOW)
    for step in reports:
        delivery = advance(delivery, report(step))
    assert delivery.state is ends


def test_a_late_report_still_tells_cost_and_parts():
    delivery = advance(Delivery(uuid4(), S.PENDING, NOW, NOW), report(S.DELIVERED))
    delivery = advance(delivery, report(S.SENT, parts=2, cost_rial=380))
    assert (delivery.state, delivery.parts, delivery.cost_rial) == (S.DELIVERED, 2, 380)


async def test_reports_move_the_message_on(store: Store, outbound: UUID):
    await store.deliveries.record([report(S.QUEUED, outbound=outbound, parts=1, cost_rial=190)])
    assert await state(store) == "queued"
    await store.deliveries.record([report(S.SENT), report(S.DELIVERED, provider_status="10")])
    assert await state(store) == "delivered"
    [sent] = (await store.case(CODE))["outbound_messages"]
    assert (sent["provider_message_id"], sent["parts"], sent["cost_rial"]) == ("8792343", 1, 190)
    assert sent["provider_status"] == "10"


async def test_a_final_state_never_changes(store: Store, outbound: UUID):
    await store.deliveries.record([report(S.DELIVERED, outbound=outbound)])
    await store.deliveries.record([report(S.FAILED), report(S.SENT)])
    assert await state(store) == "delivered"
    assert await store.count("delivery_report") == 3


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_the_end_is_the_same_in_whatever_order_reports_come(store: Store, outbound: UUID, order):
    reports = [report(S.QUEUED, outbound=outbound), report(S.SENT), report(S.DELIVERED)]
    for place in order:
        await store.deliveries.record([reports[place]])
    assert await state(store) == "delivered"
    assert await store.rows("SELECT id FROM delivery_report WHERE outbound_id IS NULL") == []


async def test_a_report_that_beats_our_own_is_kept_and_matched(store: Store, outbound: UUID):
    await store.deliveries.record([report(S.DELIVERED)])
    assert await state(store) == "pending"
    assert await store.count("delivery_report") == 1
    await store.deliveries.record([report(S.QUEUED, outbound=outbound)])
    assert await state(store) == "delivered"


async def test_both_in_one_batch_find_each_other(store: Store, outbound: UUID):
    await store.deliveries.record([report(S.DELIVERED), report(S.QUEUED, outbound=outbound)])
    assert await state(store) == "delivered"


async def test_a_report_of_nothing_of_ours_is_kept_and_harms_nothing(store: Store, outbound: UUID):
    await store.deliveries.record([report(S.DELIVERED, provider_id="1"), report(S.SENT, outbound=uuid4())])
    assert await store.count("delivery_report") == 2
    assert await state(store) == "pending"


async def test_a_report_told_twice_is_one_report(store: Store, outbound: UUID):
    told = report(S.QUEUED, outbound=outbound)
    await store.deliveries.record([told, told])
    await store.deliveries.record([told])
    assert await store.count("delivery_report") == 1


async def test_an_id_of_another_provider_is_another_id(store: Store, outbound: UUID):
    await store.deliveries.record([report(S.QUEUED, outbound=outbound)])
    stranger = report(S.DELIVERED).model_copy(update={"provider": "other"})
    await store.deliveries.record([stranger])
    assert await state(store) == "queued"


async def test_the_sweeper_matches_what_two_transactions_could_not_see_of_each_other(
    store: Store, outbound: UUID
):
    await store.deliveries.record([report(S.QUEUED, outbound=outbound)])
    await store.deliveries.record([report(S.DELIVERED, provider_id="other")])
    await store.rows("UPDATE delivery_report SET provider_message_id = '8792343' WHERE outbound_id IS NULL")
    await store.deliveries.match_orphans()
    assert await state(store) == "delivered"


async def test_concurrent_reports_lose_none(store: Store, outbound: UUID):
    steps = [S.QUEUED, S.SENT, S.DELIVERED, S.FAILED, S.UNKNOWN] * 4
    told = [
        report(step, outbound=outbound if n % 2 else None, at=NOW + timedelta(seconds=n))
        for n, step in enumerate(steps)
    ]
    await asyncio.gather(*(store.deliveries.record([one]) for one in told))
    await store.deliveries.match_orphans()
    assert await store.count("delivery_report") == 20
    assert await state(store) in {"delivered", "failed"}


async def test_one_time_codes_that_a_portal_sends_itself_alarm_nobody_and_wait_for_nothing(
    store: Store, outbound: UUID
):
    """The store never wrote them: it hears of them by their reports alone."""
    counted = ("payam_delivery_reports_orphaned_total", "payam_outbound_redriven_total")
    before = [REGISTRY.get_sample_value(name) for name in counted]
    one_time_code = uuid4()
    await store.deliveries.record([report(S.QUEUED, outbound=one_time_code, provider_id="77")])
    await store.deliveries.record([report(S.DELIVERED, provider_id="77")])
    await store.deliveries.record([report(S.EXPIRED, outbound=uuid4(), provider_id=None)])
    assert await store.rows("SELECT id FROM delivery_report WHERE outbound_id IS NULL") == []
    [known] = await store.rows("SELECT id FROM outbound_message")
    assert (known["id"], await state(store)) == (outbound, "pending")
    await store.deliveries.match_orphans()
    await store.outbox.redrive()
    assert [REGISTRY.get_sample_value(name) for name in counted] == before
    stats = await store.cases.stats(service())
    assert (stats["outbound_stuck"], stats["dead_letters_waiting"]) == (0, 0)
    # And whoever comes behind them is not held up.
    await store.deliveries.record(
        [
            report(S.SENT, outbound=one_time_code, provider_id="77"),
            report(S.QUEUED, outbound=outbound, provider_id="78"),
        ]
    )
    assert await state(store) == "queued"


async def test_a_one_time_code_whose_final_report_comes_first_is_matched_and_done(store: Store):
    await store.deliveries.record([report(S.DELIVERED, provider_id="77")])
    await store.deliveries.record([report(S.QUEUED, outbound=uuid4(), provider_id="77")])
    await store.deliveries.match_orphans()
    assert await store.rows("SELECT id FROM delivery_report WHERE outbound_id IS NULL") == []
