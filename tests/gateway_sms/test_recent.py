"""What was done lately is known, in bounded memory and for a bounded time."""

from gateway_sms.recent import Recent


def test_the_oldest_is_forgotten_when_there_are_too_many() -> None:
    recent: Recent[int] = Recent(2)
    for key in (1, 2, 3):
        recent.add(key)
    assert [key for key in (1, 2, 3) if key in recent] == [2, 3]


def test_a_message_sent_again_after_a_while_is_no_longer_taken_for_a_redelivery() -> None:
    now = 0.0
    recent: Recent[int] = Recent(10, 60, clock=lambda: now)
    recent.add(1)
    now = 59.0
    assert 1 in recent
    now = 61.0
    assert 1 not in recent
