"""One running Payam for all tests of the flow."""

from collections.abc import Iterator

import pytest

from tests.flow.running import Flow, running_flow
from tests.gateway_voice.whisper import Whisper, segment, verbose, whisper


@pytest.fixture(scope="session")
def machine() -> Iterator[Whisper]:
    """What listens to recordings: hears the same in each."""
    with whisper() as double:
        double.answer(verbose(segment()))
        yield double


@pytest.fixture(scope="session")
def flow(tmp_path_factory, machine: Whisper) -> Iterator[Flow]:
    """Everything started as a person starts it, short waits where a test would idle."""
    with running_flow(
        tmp_path_factory.mktemp("flow"),
        GATEWAY_SMS_INBOX_EVERY_SECONDS="2",
        GATEWAY_SMS_INBOX_GRACE_SECONDS="1",
        SIMULATOR_PUSH_RETRY_SECONDS="1",
        GATEWAY_VOICE_TRANSCRIBE_URL=machine.url,
        CALLS_BEGIN="00:00",
        CALLS_END="00:00",
    ) as flow:
        yield flow
