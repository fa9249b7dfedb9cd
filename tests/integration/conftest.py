"""What others made, as it is: Apache Kafka behind the same flow, and Asterisk."""

from collections.abc import Iterator

import pytest

from tests.flow.running import Flow, running_flow
from tests.integration.asterisk_server import AsteriskServer
from tests.integration.kafka_broker import apache_kafka
from tests.integration.telephone import furnish


@pytest.fixture(scope="session")
def flow(tmp_path_factory) -> Iterator[Flow]:
    """`payam up` with `KAFKA_BOOTSTRAP_SERVERS` set, as a deployment has it."""
    folder = tmp_path_factory.mktemp("apache")
    with (
        apache_kafka(folder / "kafka") as bootstrap_servers,
        running_flow(
            folder,
            KAFKA_BOOTSTRAP_SERVERS=bootstrap_servers,
            GATEWAY_SMS_INBOX_EVERY_SECONDS="2",
            GATEWAY_SMS_INBOX_GRACE_SECONDS="1",
            SIMULATOR_PUSH_RETRY_SECONDS="1",
        ) as flow,
    ):
        yield flow


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory) -> Iterator[AsteriskServer]:
    """With the prompts, and telephones that pick up, talk or are busy."""
    server = AsteriskServer(tmp_path_factory.mktemp("asterisk"))
    furnish(server)
    server.start()
    yield server
    server.stop()
