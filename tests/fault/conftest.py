"""A running Payam that the tests of this folder break."""

from collections.abc import Iterator

import pytest

from tests.flow.running import Flow, running_flow


@pytest.fixture(scope="module")
def flow(tmp_path_factory) -> Iterator[Flow]:
    """Of its own for each module, so that no other test meets a half-mended service."""
    with running_flow(
        tmp_path_factory.mktemp("fault"),
        GATEWAY_SMS_INBOX_EVERY_SECONDS="3600",
        KAFKA_PUBLISH_TIMEOUT_SECONDS="1",
    ) as flow:
        yield flow
