"""The router is built by one function and says whether it is ready."""

from pathlib import Path

import pytest

from message_router.app import create_app
from message_router.errors import LexiconError
from message_router.settings import RouterSettings


def test_the_app_is_built_with_health_and_metrics_and_nothing_else() -> None:
    paths = set(create_app(RouterSettings()).openapi()["paths"])
    assert paths == {"/healthz", "/readyz", "/metrics"}


def test_a_broken_lexicon_keeps_the_router_from_starting(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("topics: {}", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"broken\.yaml"):
        create_app(RouterSettings(lexicon=path))
