"""What can be set of the router."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class RouterSettings(ServiceSettings):
    """The router's own settings; `ROUTER_…` in the environment."""

    model_config = SettingsConfigDict(env_prefix="ROUTER_", use_attribute_docstrings=True, extra="ignore")

    port: int = 8050
    """The port of health and metrics."""
    abstain_below: float = Field(default=0.4, ge=0, le=1)
    """Confidence of the topic, 0 to 1, under which a message goes to the triage desk."""
    lexicon: Path | None = None
    """A lexicon to use instead of the one shipped with the router."""
    max_batch: int = Field(default=500, ge=1, le=10_000)
    """Messages routed between two commits."""
