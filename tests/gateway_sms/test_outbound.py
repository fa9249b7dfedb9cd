"""What may go out, in which calls, under which number."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envelope.addresses import Address, AddressKind
from envelope.models import Channel, DeliveryState
from gateway_sms.outbound import calls, held_until, local_id, sort_out
from tests.gateway_sms.outside import outbound

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@given(st.uuids())
def test_a_local_id_is_a_positive_63_bit_number_and_always_the_same(outbound_id: UUID) -> None:
    assert 0 < local_id(outbound_id) < 2**63
    assert local_id(outbound_id) == local_id(UUID(str(outbound_id)))


def test_local_ids_of_ids_that_begin_alike_differ() -> None:
    alike = [UUID(int=(0x0190_0000_0000_7000 << 64) + number) for number in range(10_000)]
    hashed = [uuid5(UUID(int=0), str(number)) for number in range(10_000)]
    assert len({local_id(outbound_id) for outbound_id in [*alike, *hashed]}) == 20_000


def test_a_local_id_never_changes_from_release_to_release() -> None:
    assert local_id(UUID("6f1c7d0e-1420-5a7a-8000-70617961616d")) == 6164708133329275821


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"to": Address(kind=AddressKind.ACCOUNT, value="1420")}, "the address is not a phone number"),
        ({"text": "س" * 901}, "the text is longer than 900 characters"),
        ({"text": " \n"}, "the text is empty"),
        ({"channel": Channel.PORTAL}, "neither for SMS nor to be read out"),
    ],
)
def test_what_can_never_go_is_rejected_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    found = sort_out([outbound(**changes) if "text" not in changes else outbound(changes["text"])], NOW)
    [verdict] = found.refused
    assert (verdict.state, verdict.reason) == (DeliveryState.REJECTED, reason)
    assert not found.sendable
    assert not found.expired


def test_what_is_too_late_is_told_apart() -> None:
    late, on_time = outbound(expires_at=NOW), outbound(expires_at=NOW + timedelta(seconds=1))
    found = sort_out([late, on_time], NOW)
    assert (found.expired, found.sendable) == ([late], [on_time])


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([None, 1, 2])), max_size=60))
def test_a_call_holds_one_line_and_one_time_and_loses_nothing(items: list[tuple[str, int | None]]) -> None:
    messages = [
        outbound(id=uuid4(), line=line, not_before=None if hours is None else NOW + timedelta(hours=hours))
        for line, hours in items
    ]
    batches = list(calls(messages, NOW, 7))
    assert sorted(m.id for batch in batches for m in batch) == sorted(m.id for m in messages)
    for batch in batches:
        assert len(batch) <= 7
        assert len({(message.line, held_until(message, NOW)) for message in batch}) == 1
        order = [messages.index(message) for message in batch]
        assert order == sorted(order)


def test_a_time_that_has_passed_holds_nothing() -> None:
    assert held_until(outbound(not_before=NOW), NOW) is None
