"""How to reach Kafka, and where the spool lies."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class KafkaSettings(BaseSettings):
    """The broker, the same for every service."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_", use_attribute_docstrings=True, extra="ignore")

    bootstrap_servers: str = "127.0.0.1:9092"
    """`host:port`, several by comma."""
    idempotent_producer: bool = True
    """Off only for a broker that refuses it, such as the embedded one."""
    forgetful: bool = False
    """The broker keeps its log in memory (the embedded one): what it forgets is sent again; one partition."""
    publish_timeout_seconds: float = Field(default=3.0, gt=0, le=60)
    """How long a publish may wait for `acks=all` before the message goes to the spool."""
    fetch_max_wait_ms: int = Field(default=500, ge=1, le=30_000)
    """How long a waiting fetch may be held by the broker; 100 for the embedded one."""
    session_timeout_ms: int = Field(default=10_000, ge=1_000, le=60_000)
    """A group member that is silent for so long is dead; 3000 for the embedded one."""
    max_batch_bytes: int = Field(default=900_000, ge=16_384)
    """The largest batch, in bytes; under the broker's `message.max.bytes`."""
    partitions: int | None = Field(default=None, ge=1, le=1_000)
    """Of topics that we create; 12 if not set, 1 for the embedded one, whose work grows with its batches."""
    replication_factor: int = Field(default=1, ge=1)
    """Of topics that we create; 3 on a real cluster."""


class SpoolSettings(BaseModel):
    """The folder that keeps what Kafka could not take."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    directory: Path
    """Made at start with mode 700; refusing to start when it cannot be written."""
    retention_seconds: float = Field(default=0, ge=0)
    """Keep what was forwarded for so long and replay it at start: only where the broker forgets."""
    segment_bytes: int = Field(default=4_000_000, ge=4_096)
    """A file is closed and a new one begun at this size."""


class SpoolingSettings(BaseSettings):
    """What a gateway that keeps a spool is told: mixed into its own settings, under its own prefix."""

    model_config = SettingsConfigDict(use_attribute_docstrings=True)

    spool_dir: Path
    """Local disk for what Kafka could not take and for leased tracking codes; one a replica."""
    spool_retention_seconds: float = Field(default=3_600, ge=0)
    """How long accepted messages are kept for a replay, where the broker is one that forgets."""
    kafka: KafkaSettings = Field(default_factory=KafkaSettings)
    """From `KAFKA_…`."""

    @property
    def spool(self) -> SpoolSettings:
        """The spool; it keeps what it has passed on only where the broker forgets."""
        kept = self.spool_retention_seconds if self.kafka.forgetful else 0
        return SpoolSettings(directory=self.spool_dir, retention_seconds=kept)
