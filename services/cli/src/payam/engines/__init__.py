"""Kafka's protocol, PostgreSQL and Redis as child processes, when nobody gives us theirs."""

from payam.engines.bundle import Engines, EngineUrls, running_engines
from payam.engines.engine import Engine

__all__ = ["Engine", "EngineUrls", "Engines", "running_engines"]
