"""The contract for others to read: JSON Schema of each message, and AsyncAPI 3 of the topics."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from envelope import topics
from envelope.base import WireModel
from envelope.models import (
    CaseEvent,
    DeliveryReport,
    Envelope,
    OutboundMessage,
    RoutedMessage,
    Suggestion,
    Transcript,
)

_MESSAGES: Final[Mapping[str, type[WireModel]]] = {
    "envelope": Envelope,
    "routed-message": RoutedMessage,
    "outbound-message": OutboundMessage,
    "delivery-report": DeliveryReport,
    "case-event": CaseEvent,
    "transcript": Transcript,
    "suggestion": Suggestion,
}
_CARRIES: Final[Mapping[str, tuple[str, str, str]]] = {
    topics.INBOUND: ("envelope", "Gateway to router.", "the sender's address"),
    topics.ROUTED: ("routed-message", "Router to case store.", "the sender's address"),
    topics.OUTBOUND_SMS: ("outbound-message", "Replies and one-time codes.", "the receiver's address"),
    topics.OUTBOUND_SMS_BULK: ("outbound-message", "Surveys and announcements.", "the receiver's address"),
    topics.OUTBOUND_VOICE: ("outbound-message", "Read out over the telephone.", "the receiver's address"),
    topics.DELIVERY: ("delivery-report", "Gateway to case store.", "the provider's message id"),
    topics.EVENTS: ("case-event", "Case store to anyone.", "the case's id"),
    topics.TRANSCRIBED: ("transcript", "gateway-voice to router.", "the sender's address"),
    topics.SUGGESTED: ("suggestion", "Router to case store.", "the sender's address"),
}


def json_schemas() -> dict[str, dict[str, Any]]:
    """Name of the message → its JSON Schema."""
    return {name: model.model_json_schema(mode="serialization") for name, model in _MESSAGES.items()}


def asyncapi_document() -> dict[str, Any]:
    """Every topic with what it carries and how it is keyed."""
    channels = {
        topic: {
            "address": topic,
            "description": f"{meaning} Keyed by {key}.",
            "messages": {message: {"$ref": f"#/components/messages/{message}"}},
            "bindings": {"kafka": {"topic": topic, "partitions": topics.TOPICS[topic]}},
        }
        for topic, (message, meaning, key) in _CARRIES.items()
    }
    messages = {
        name: {"contentType": "application/json", "payload": {"$ref": f"schemas/{name}.json"}}
        for name in _MESSAGES
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Payam",
            "version": "1",
            "description": "Topics between gateways, router and case store.",
        },
        "channels": channels,
        "components": {"messages": messages},
    }


def write(folder: Path) -> None:
    """Write `schemas/*.json` and `asyncapi.json` into the docs folder."""
    (folder / "schemas").mkdir(parents=True, exist_ok=True)
    for name, schema in json_schemas().items():
        _write_json(folder / "schemas" / f"{name}.json", schema)
    _write_json(folder / "asyncapi.json", asyncapi_document())


def _write_json(path: Path, document: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
