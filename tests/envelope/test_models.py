"""The contract on the wire: closed when written, tolerant when read, silent about what it holds."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import ValidationError

from envelope.addresses import sender_address
from envelope.delivery import FINAL, RANK, supersedes
from envelope.models import Channel, Declared, DeliveryState, Envelope, message_id_of
from envelope.schema import asyncapi_document, json_schemas
from envelope.taxonomy import SECTION_OF, Topic
from envelope.topics import TOPICS

DOCS = Path(__file__).parents[2] / "docs"
TEXT = "سلام، حقوق مادرم واریز نشده؛ کد ملی‌اش را بفرستم؟ 🙏\u200c"


def make(**changes) -> Envelope:
    now = datetime.now(UTC)
    fields = {
        "message_id": uuid4(),
        "channel": Channel.SMS,
        "provider": "kavenegar",
        "provider_message_id": "1",
        "line": "10001420",
        "sender": sender_address("09120000000"),
        "text": TEXT,
        "occurred_at": now,
        "received_at": now,
        "correlation_id": uuid4(),
    }
    return Envelope(**(fields | changes))


def test_an_envelope_comes_back_as_it_was_to_the_last_half_space():
    envelope = make()
    assert Envelope.from_json(envelope.to_json()) == envelope
    assert TEXT.encode() in envelope.to_json()


def test_a_producer_may_not_invent_a_field():
    with pytest.raises(ValidationError):
        make(mood="angry")


def test_a_field_that_a_newer_producer_added_breaks_no_consumer():
    document = json.loads(make().to_json()) | {"mood": "angry"}
    assert Envelope.from_json(json.dumps(document).encode()).text == TEXT


def test_an_error_never_repeats_what_a_person_wrote():
    document = json.loads(make().to_json()) | {"channel": TEXT, "schema_version": 9}
    with pytest.raises(ValidationError) as caught:
        Envelope.from_json(json.dumps(document).encode())
    assert "حقوق" not in str(caught.value)


def test_a_frozen_message_cannot_be_changed():
    with pytest.raises(ValidationError):
        make().text = "else"


def test_a_redelivery_has_the_same_id_by_construction():
    first = message_id_of(Channel.SMS, "10001420", "kavenegar", "77")
    assert message_id_of(Channel.SMS, "10001420", "kavenegar", "77") == first
    others = [
        message_id_of(Channel.USSD, "10001420", "kavenegar", "77"),
        message_id_of(Channel.SMS, "10001421", "kavenegar", "77"),
        message_id_of(Channel.SMS, "10001420", "other", "77"),
        message_id_of(Channel.SMS, "10001420", "kavenegar", "78"),
    ]
    assert len({first, *others}) == 5


def test_every_topic_of_the_brief_belongs_to_a_section():
    assert set(SECTION_OF) == set(Topic)


def test_delivery_only_moves_forward_and_a_final_state_never_changes():
    assert set(RANK) == set(DeliveryState)
    for final in FINAL:
        assert not any(supersedes(new, final) for new in DeliveryState)
    assert supersedes(DeliveryState.DELIVERED, DeliveryState.SENT)
    assert not supersedes(DeliveryState.QUEUED, DeliveryState.SENT)


def test_every_field_has_its_sentence():
    def undescribed(schema: dict) -> list[str]:
        return [
            f"{schema.get('title')}.{name}"
            for name, field in schema.get("properties", {}).items()
            if not field.get("description")
        ]

    for schema in json_schemas().values():
        missing = undescribed(schema) + [
            m for part in schema.get("$defs", {}).values() for m in undescribed(part)
        ]
        assert missing == []


def test_the_schemas_in_the_docs_are_current():
    for name, schema in json_schemas().items():
        written = json.loads((DOCS / "schemas" / f"{name}.json").read_text())
        assert written == schema, "run `make docs`"


def test_the_asyncapi_document_in_the_docs_is_current_and_lists_every_topic():
    written = json.loads((DOCS / "asyncapi.json").read_text())
    assert written == asyncapi_document(), "run `make docs`"
    assert {channel["address"] for channel in written["channels"].values()} == set(TOPICS)


@pytest.mark.parametrize("stars", [0, 6, -1, 2.5, "many"])
def test_a_rating_is_one_to_five(stars: object):
    assert make(declared=Declared(rating=5)).declared == Declared(rating=5)
    with pytest.raises(ValidationError):
        Declared(rating=stars)  # type: ignore[arg-type]


def test_who_rates_nothing_says_nothing_of_it_on_the_wire():
    assert b"rating" not in make(declared=Declared(topic=Topic.OTHER)).to_json()
