"""Kavenegar's words are all known, and what it may add some day is not guessed at."""

import pytest

from envelope.models import DeliveryState
from gateway_sms.providers.kavenegar.tables import RESULTS, STATES, Verdict, result_of, state_of

S, V = DeliveryState, Verdict


def test_the_table_of_states_is_total_and_in_their_order() -> None:
    assert list(STATES) == ["1", "2", "4", "5", "6", "10", "11", "13", "14", "100"]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("1", S.QUEUED),
        ("2", S.QUEUED),
        ("4", S.SENT),
        ("5", S.SENT),
        ("6", S.FAILED),
        ("10", S.DELIVERED),
        ("11", S.UNDELIVERED),
        ("13", S.CANCELLED),
        ("14", S.BLOCKED),
        ("100", S.UNKNOWN),
        ("3", S.UNKNOWN),
        ("delivered", S.UNKNOWN),
        ("", S.UNKNOWN),
    ],
)
def test_a_status_in_our_words(status: str, state: DeliveryState) -> None:
    assert state_of(status) is state


def test_the_table_of_result_codes_is_total_and_in_their_order() -> None:
    documented = (
        "400 401 402 403 404 405 406 407 409 411 412 413 414 415 416 417 418 419 420 422 424 426 427 428 429 "
        "431 432 451 501 604 607"
    )
    assert list(RESULTS) == [int(code) for code in documented.split()]


@pytest.mark.parametrize(
    ("codes", "verdict"),
    [
        pytest.param({402, 409}, V.RETRY, id="try again"),
        pytest.param({429, 451}, V.SLOW_DOWN, id="slow down"),
        pytest.param({401, 403, 404, 405, 407, 416, 418, 426, 427, 501}, V.PAGE, id="page someone"),
        pytest.param(
            {400, 406, 411, 412, 413, 414, 415, 417, 419, 420, 422, 424, 428, 431, 432, 604, 607},
            V.REJECT,
            id="reject",
        ),
    ],
)
def test_what_a_code_asks_of_us(codes: set[int], verdict: Verdict) -> None:
    assert {code for code, result in RESULTS.items() if result.verdict is verdict} == codes


def test_an_unknown_code_costs_no_message() -> None:
    assert result_of(599).verdict is V.RETRY
