"""The circuit breaker, by its own clock."""

from gateway_sms.breaker import Circuit, CircuitBreaker


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(failures=3, first_wait=5, longest_wait=12, clock=clock)


def test_it_opens_after_so_many_failures_in_a_row_and_not_before() -> None:
    circuit = breaker(Clock())
    circuit.fail()
    circuit.fail()
    circuit.succeed()
    circuit.fail()
    circuit.fail()
    assert circuit.state is Circuit.CLOSED
    circuit.fail()
    assert circuit.state is Circuit.OPEN
    assert not circuit.admit()


def test_after_the_wait_one_call_tries_and_the_others_wait_for_it() -> None:
    clock = Clock()
    circuit = breaker(clock)
    for _ in range(3):
        circuit.fail()
    clock.now += 5
    assert circuit.state is Circuit.HALF_OPEN
    assert circuit.admit()
    assert not circuit.admit()
    circuit.succeed()
    assert circuit.state is Circuit.CLOSED
    assert circuit.admit()


def test_each_time_it_stays_open_twice_as_long_up_to_a_limit() -> None:
    clock = Clock()
    circuit = breaker(clock)
    waits = []
    for _ in range(3):
        circuit.fail()
    for _ in range(4):
        waits.append(circuit.retry_in)
        clock.now += circuit.retry_in
        assert circuit.admit()
        circuit.fail()
    assert waits == [5, 10, 12, 12]


def test_a_try_that_was_given_up_lets_another_try() -> None:
    clock = Clock()
    circuit = breaker(clock)
    circuit.trip(60)
    clock.now += 60
    assert circuit.admit()
    circuit.abandon()
    assert circuit.admit()


def test_an_alarm_opens_it_at_once_for_long() -> None:
    clock = Clock()
    circuit = breaker(clock)
    circuit.trip(60)
    clock.now += 59
    assert not circuit.admit()
    clock.now += 1
    assert circuit.admit()
