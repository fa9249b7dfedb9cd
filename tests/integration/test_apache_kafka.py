"""The end-to-end tests of the flow, once more, on Apache Kafka."""

import pytest

from tests.flow.test_sms import *  # noqa: F403  (the very same tests)

pytestmark = pytest.mark.integration
