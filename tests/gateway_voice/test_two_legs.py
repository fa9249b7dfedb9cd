"""A call that an agent asked for, in every order of events: it ends once, and joins only who picked up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_voice.calls.two_legs import (
    Action,
    Begun,
    Busy,
    Close,
    Down,
    Event,
    Join,
    Joined,
    Leg,
    Legs,
    Lost,
    NotTold,
    RecordTalk,
    Refused,
    Result,
    Ring,
    Stage,
    Tell,
    Told,
    Up,
    advance,
)

_ORDER = list(Stage)
_LEGS = st.sampled_from(Leg)
_EVENTS = st.one_of(
    st.builds(Begun),
    st.builds(Up, _LEGS),
    st.builds(Joined),
    st.builds(Busy),
    st.builds(Down, _LEGS, st.integers(-1, 128), st.floats(0, 60)),
    st.builds(Refused, _LEGS),
    st.builds(Told),
    st.builds(NotTold),
    st.builds(Lost),
)

_NATURAL = (Begun(), Up(Leg.AGENT), Up(Leg.PERSON), Joined(), Told())


def _mixed(length: int, others: list[tuple[int, Event]]) -> list[Event]:
    """The beginning of a call as it should go, and other events in between: chance seldom comes far."""
    events: list[Event] = list(_NATURAL[:length])
    for place, other in others:
        events.insert(place, other)
    return events


_STORIES = st.builds(_mixed, st.integers(0, 5), st.lists(st.tuples(st.integers(0, 12), _EVENTS), max_size=8))


def _led(recorded: bool, events: list[Event]) -> tuple[Legs, list[Action]]:  # noqa: FBT001  (hypothesis gives it)
    legs, done = Legs(recorded), []
    for event in events:
        before = legs
        legs, actions = advance(legs, event)
        done += actions
        assert _ORDER.index(legs.stage) >= _ORDER.index(before.stage)
        assert (legs.result is None) == (legs.stage is not Stage.ENDED)
    return legs, done


@given(st.booleans(), _STORIES)
def test_whatever_happens_nothing_is_done_that_must_not_be(recorded, events):
    legs, done = _led(recorded, events)
    assert done.count(Close()) == (legs.stage is Stage.ENDED)
    assert done[-1:] == [Close()] or Close() not in done
    for once in (Ring(Leg.PERSON), Join(), Tell(), RecordTalk()):
        assert done.count(once) <= 1
    if RecordTalk() in done:
        assert recorded
        assert done.index(Tell()) < done.index(RecordTalk())
        assert Told() in events
    if Join() in done:
        assert Up(Leg.AGENT) in events
        assert Up(Leg.PERSON) in events


@given(st.booleans(), _STORIES, _LEGS)
def test_when_a_telephone_is_down_or_all_is_lost_it_has_ended(recorded, events, leg):
    for last in (Down(leg, 0, 0.0), Lost(), Refused(leg)):
        legs, _ = _led(recorded, [*events, last])
        assert legs.stage is Stage.ENDED


@given(st.booleans(), _STORIES)
def test_who_talked_was_answered_and_nobody_else_talked(recorded, events):
    legs = Legs(recorded)
    talked = False
    for event in events:
        legs, _ = advance(legs, event)
        talked |= legs.stage is Stage.TALKING
    if legs.stage is Stage.ENDED and talked:
        assert legs.result is Result.ANSWERED


@pytest.mark.parametrize(
    ("leg", "result"), [(Leg.PERSON, Result.ANSWERED), (Leg.AGENT, Result.AGENT_AWAY)], ids=str
)
def test_who_hangs_up_just_when_they_are_joined(leg, result):
    legs, done = _led(recorded=False, events=[Begun(), Up(Leg.AGENT), Up(Leg.PERSON), Down(leg, 16, 3.0)])
    assert legs.result is result
    assert done[-1] == Close()
