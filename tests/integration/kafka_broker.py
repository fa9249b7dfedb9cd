"""Apache Kafka itself, one node in KRaft mode, from the jars that `make test` fetches."""

import base64
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from payam.engines.kafka import answers_api_versions
from payam.ports import LOOPBACK, free_port
from payam.processes import Child, spawn

JARS = Path(sys.prefix) / "kafka"
_START_SECONDS = 60.0


def why_not() -> str | None:
    """None if Apache Kafka can run here, else why not."""
    if shutil.which("java") is None:
        return "Java is missing"
    if not any(JARS.glob("kafka_2.13-*.jar")):
        return "Apache Kafka's jars are missing; `make parts` fetches them"
    return None


@contextmanager
def apache_kafka(folder: Path, port: int | None = None) -> Iterator[str]:
    """Run a broker while the block runs; yields `host:port`."""
    port, controller = port or free_port(), free_port()
    config = _configure(folder, port, controller)
    child = spawn(
        ["java", "-Xmx512m", "-Xms256m", "-cp", f"{JARS}/*", "kafka.Kafka", config],
        log=folder / "kafka.log",
    )
    try:
        _await_answer(child, port)
        yield f"{LOOPBACK}:{port}"
    finally:
        child.kill()


def _configure(folder: Path, port: int, controller: int) -> Path:
    """Write server.properties and format the log directory, unless an earlier run did."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(folder / "log"),
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        "auto.create.topics.enable": "false",
    }
    config = folder / "server.properties"
    config.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), "utf-8")
    if not (folder / "log" / "meta.properties").exists():
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        tool = ["java", "-cp", f"{JARS}/*", "kafka.tools.StorageTool"]
        subprocess.run(
            [*tool, "format", "--cluster-id", cluster_id, "--config", config], check=True, capture_output=True
        )
    return config


def _await_answer(child: Child, port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while answers_api_versions(LOOPBACK, port) is not None:
        if child.exit_code is not None:
            message = f"Apache Kafka ended while starting: {child.last_words()}"
            raise RuntimeError(message)
        if time.monotonic() > deadline:
            message = f"Apache Kafka did not answer in {_START_SECONDS:.0f} s: {child.last_words()}"
            raise RuntimeError(message)
        time.sleep(0.1)
