"""One running Payam for all tests of the flow."""

from collections.abc import Iterator

import pytest

from tests.flow.running import Flow, running_flow


@pytest.fixture(scope="session")
def flow(tmp_path_factory) -> Iterator[Flow]:
    """Everything started as a person starts it, short waits where a test would idle."""
    with running_flow(
        tmp_path_factory.mktemp("flow"),
        GATEWAY_SMS_INBOX_EVERY_SECONDS="2",
        GATEWAY_SMS_INBOX_GRACE_SECONDS="1",
        SIMULATOR_PUSH_RETRY_SECONDS="1",
    ) as flow:
        yield flow
