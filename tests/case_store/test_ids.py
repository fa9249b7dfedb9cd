"""Ids of the store's own: dated, so that they lie together, and worked out, so that they do not double."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from case_store.model import caused, dated

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@given(later=st.timedeltas(timedelta(milliseconds=1), timedelta(days=20_000)), one=st.uuids(version=5))
def test_what_came_later_has_the_greater_id(later: timedelta, one: UUID):
    assert dated(one, NOON).bytes < dated(uuid4(), NOON + later).bytes


@given(drawn=st.uuids(version=5))
def test_an_id_is_a_custom_one_and_keeps_what_was_drawn(drawn: UUID):
    made = dated(drawn, NOON)
    assert (made.version, made.variant) == (8, RFC_4122)
    assert made.int & (1 << 76) - 1 == drawn.int & (1 << 76) - 1


@given(drawn=st.uuids(version=5))
def test_what_follows_from_an_id_has_its_date_and_is_the_same_each_time(drawn: UUID):
    cause = dated(drawn, NOON)
    follows = [caused(cause, purpose) for purpose in ("case", "clock", "acknowledgement")]
    assert follows == [caused(cause, purpose) for purpose in ("case", "clock", "acknowledgement")]
    assert len({cause, *follows}) == 4
    assert {made.bytes[:6] for made in follows} == {cause.bytes[:6]}
    assert {made.version for made in follows} == {8}
