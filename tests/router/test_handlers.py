"""Envelopes in, routed messages out, in order, in one publish."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from bus.errors import BusUnavailableError
from bus.memory import MemoryBus
from bus.port import Record
from envelope import topics, tracking
from envelope.addresses import Address, AddressKind
from envelope.models import (
    Attachment,
    Channel,
    DecisionSource,
    Declared,
    Envelope,
    Intent,
    Language,
    RoutedMessage,
    Suggestion,
    Transcript,
    message_id_of,
)
from envelope.taxonomy import Topic
from message_router.classify import RuleClassifier
from message_router.desks import TRIAGE
from message_router.handlers import Arrived, Heard, RouterHandlers
from message_router.lexicon import load_lexicon

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
CODE = tracking.mint(7, bytes(range(32)))
CLASSIFIER = RuleClassifier(load_lexicon())


class CountingBus(MemoryBus):
    """Counts publishes, as Kafka's round trips are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.publishes = 0

    async def publish(self, records: Sequence[Record]) -> None:
        self.publishes += 1
        await super().publish(records)


@pytest.fixture
def bus() -> CountingBus:
    return CountingBus()


@pytest.fixture
def handlers(bus: CountingBus) -> RouterHandlers:
    return RouterHandlers(bus, CLASSIFIER, abstain_below=0.4, now=lambda: NOW)


def an_envelope(text: str, number: int = 1, **more: object) -> Envelope:
    fields: dict[str, Any] = {
        "message_id": message_id_of(Channel.SMS, "10001420", "kavenegar", str(number)),
        "channel": Channel.SMS,
        "provider": "kavenegar",
        "provider_message_id": str(number),
        "line": "10001420",
        "sender": Address(kind=AddressKind.MSISDN, value=f"+98912000{number:04}"),
        "text": text,
        "occurred_at": NOW,
        "received_at": NOW,
        "correlation_id": uuid4(),
    }
    return Envelope(**(fields | more))


def arrived(envelope: Envelope) -> Arrived:
    return Arrived.from_json(envelope.to_json())


def read(records: list[Record]) -> list[RoutedMessage]:
    return [RoutedMessage.from_json(record.value) for record in records]


async def routed(handlers: RouterHandlers, bus: MemoryBus, envelope: Envelope) -> RoutedMessage:
    await handlers.route_messages([arrived(envelope)])
    return read(bus.records)[-1]


async def test_a_batch_goes_out_in_order_keyed_by_sender_in_one_publish(
    handlers: RouterHandlers, bus: CountingBus
) -> None:
    batch = [an_envelope(f"پیام {number}", number) for number in range(1, 6)]
    await handlers.route_messages(list(map(arrived, batch)))
    records = bus.of(topics.ROUTED)
    assert bus.publishes == 1
    assert [record.key for record in records] == [envelope.sender.key for envelope in batch]
    assert [one.envelope for one in read(records)] == batch


async def test_the_text_goes_on_as_it_was_said(handlers: RouterHandlers, bus: CountingBus) -> None:
    said = "  كالابرگ\u200c\u200c ما نيومده؟؟؟ ۱۲۳ \u202e"
    one = await routed(handlers, bus, an_envelope(said))
    assert one.envelope.text == said
    assert one.normalized_text == "کالابرگ ما نیومده? 123"


async def test_a_field_that_only_newer_readers_know_survives_the_router(
    handlers: RouterHandlers, bus: CountingBus
) -> None:
    newer = an_envelope("سلام").to_json().replace(b"{", b'{"mood":"calm",', 1)
    await handlers.route_messages([Arrived.from_json(newer)])
    (record,) = bus.records
    assert json.loads(record.value)["envelope"]["mood"] == "calm"
    assert read([record])[0].envelope == Envelope.from_json(newer)


async def test_a_clear_message_goes_to_the_desk_of_its_section(
    handlers: RouterHandlers, bus: CountingBus
) -> None:
    one = await routed(handlers, bus, an_envelope("سلام مقرری بیمه بیکاری من این ماه واریز نشده"))
    assert (one.intent, one.desk, one.language) == (Intent.MESSAGE, "insurance", Language.FA)
    assert one.routed_at == NOW


async def test_an_unclear_message_goes_to_triage_and_is_counted(
    handlers: RouterHandlers, bus: CountingBus
) -> None:
    before = REGISTRY.get_sample_value("payam_router_abstained_total") or 0
    one = await routed(handlers, bus, an_envelope("سلام اون موضوع چی شد"))
    assert one.desk == TRIAGE
    assert REGISTRY.get_sample_value("payam_router_abstained_total") == before + 1


async def test_a_command_is_not_classified_nor_counted_as_abstained(
    handlers: RouterHandlers, bus: CountingBus
) -> None:
    before = REGISTRY.get_sample_value("payam_router_abstained_total")
    one = await routed(handlers, bus, an_envelope("لغو ۱۱"))
    assert (one.intent, one.classification.confidence) == (Intent.OPT_OUT, 0)
    assert REGISTRY.get_sample_value("payam_router_abstained_total") == before


async def test_a_cited_code_and_the_code_of_the_field_are_passed_on(
    handlers: RouterHandlers, bus: CountingBus
) -> None:
    other = tracking.mint(8, bytes(range(32)))
    one = await routed(handlers, bus, an_envelope(f"پیگیری {CODE}", refers_to=other))
    assert (one.intent, one.cited_codes) == (Intent.STATUS, (other, CODE))


async def test_a_code_in_its_field_alone_asks_for_the_status(
    handlers: RouterHandlers, bus: CountingBus
) -> None:
    assert (await routed(handlers, bus, an_envelope("", refers_to=CODE))).intent is Intent.STATUS


async def test_what_comes_from_a_form_is_a_matter_however_short(
    handlers: RouterHandlers, bus: CountingBus
) -> None:
    one = await routed(handlers, bus, an_envelope("لغو", declared=Declared(topic=Topic.OPTIONAL_INSURANCE)))
    assert (one.intent, one.desk, one.classification.confidence) == (Intent.MESSAGE, "insurance", 1)


@pytest.mark.parametrize("text", ["پیگیری", "لغو", "5", "؟"])
async def test_what_another_service_hands_in_is_a_matter_however_short(
    handlers: RouterHandlers, bus: CountingBus, text: str
) -> None:
    """It was given a code, which has to lead to a case."""
    one = await routed(handlers, bus, an_envelope(text, channel=Channel.API, refers_to=CODE))
    assert one.intent is Intent.MESSAGE


async def test_a_recording_without_words_is_a_matter_for_triage(
    handlers: RouterHandlers, bus: CountingBus
) -> None:
    recording = Attachment(uri="store:1", sha256="0" * 64, media_type="audio/wav", size=9)
    one = await routed(handlers, bus, an_envelope("", attachments=(recording,), refers_to=CODE))
    assert (one.intent, one.desk) == (Intent.MESSAGE, TRIAGE)


async def test_while_the_bus_is_down_the_batch_fails_as_one_that_may_be_tried_again(
    handlers: RouterHandlers, bus: CountingBus
) -> None:
    bus.down = True
    with pytest.raises(BusUnavailableError) as failure:
        await handlers.route_messages([arrived(an_envelope("سلام"))])
    assert failure.value.retriable
    assert not bus.records


async def test_an_empty_batch_publishes_nothing(handlers: RouterHandlers, bus: CountingBus) -> None:
    await handlers.route_messages([])
    assert bus.publishes == 0


@pytest.mark.parametrize(
    "hostile",
    [
        "لغو " * 2_500,
        "\u202e\u2066" * 5_000,
        "👨‍👩‍👧‍👦" * 1_400,
        "<img src=x onerror=alert(1)>{{7*7}}${jndi:ldap://x}",
        "1" * 10_000,
        "12 " * 3_333,
        "بیمه " * 2_000,
        "\x00\x07\x1b",
        "é̷̸" * 3_000,
    ],
    ids=["command", "overrides", "emoji", "markup", "digits", "groups", "phrases", "controls", "stacked"],
)
async def test_a_hostile_text_is_routed_like_any_other(
    handlers: RouterHandlers, bus: CountingBus, hostile: str
) -> None:
    one = await routed(handlers, bus, an_envelope(hostile))
    assert one.envelope.text == hostile
    assert one.intent is Intent.MESSAGE


@pytest.mark.parametrize("words", ["", "5", "خیلی دیر جواب دادید", "لغو", f"پیگیری {CODE}"])
async def test_stars_of_a_form_are_a_rating_of_its_case_whatever_was_written_beside_them(
    handlers: RouterHandlers, bus: CountingBus, words: str
) -> None:
    declared, other = Declared(rating=2, topic=Topic.OPTIONAL_INSURANCE), tracking.mint(8, bytes(range(32)))
    recording = Attachment(uri="store:1", sha256="0" * 64, media_type="audio/wav", size=9)
    before = REGISTRY.get_sample_value("payam_router_abstained_total")
    one = await routed(
        handlers, bus, an_envelope(words, declared=declared, refers_to=other, attachments=(recording,))
    )
    assert (one.intent, one.cited_codes[0], one.envelope.text) == (Intent.RATING, other, words)
    assert one.envelope.declared == declared
    assert REGISTRY.get_sample_value("payam_router_abstained_total") == before


@pytest.mark.parametrize("text", ["۴", "4", " ٤. "])
async def test_a_lone_digit_is_a_rating_and_goes_on_in_latin_digits(
    handlers: RouterHandlers, bus: CountingBus, text: str
) -> None:
    one = await routed(handlers, bus, an_envelope(text))
    assert (one.intent, one.normalized_text.strip(" .")) == (Intent.RATING, "4")


def a_transcript(text: str, number: int = 1) -> Heard:
    said = Transcript(
        message_id=message_id_of(Channel.VOICE, "1420", "pbx", str(number)),
        sha256="0" * 64,
        text=text,
        confidence=0.7,
        language="fa",
        model="whisper-1",
        transcribed_at=NOW,
    )
    return Heard(f"+98912000{number:04}".encode(), said)


async def test_transcripts_go_on_with_what_they_seem_to_be_about_in_order_in_one_publish(
    handlers: RouterHandlers, bus: CountingBus
) -> None:
    batch = [
        a_transcript("سلام مقرری بیمه بیکاری من این ماه واریز نشده", 1),
        a_transcript("الو الو صدا میاد", 2),
        a_transcript("لغو ۱۱", 3),
    ]
    await handlers.suggest(batch)
    records = bus.of(topics.SUGGESTED)
    assert (bus.publishes, [record.key for record in records]) == (1, [heard.key for heard in batch])
    suggested = [Suggestion.from_json(record.value) for record in records]
    assert [one.transcript for one in suggested] == [heard.transcript for heard in batch]
    first, second, _ = (one.classification for one in suggested)
    assert (first.topic, first.source) == (Topic.UNEMPLOYMENT, DecisionSource.RULES)
    assert first.confidence > 0.4
    assert (second.topic, second.source, second.confidence) == (Topic.OTHER, DecisionSource.NONE, 0)
    assert not bus.of(topics.ROUTED)


async def test_while_the_bus_is_down_transcripts_come_again(
    handlers: RouterHandlers, bus: CountingBus
) -> None:
    bus.down = True
    with pytest.raises(BusUnavailableError) as failure:
        await handlers.suggest([a_transcript("سلام")])
    assert failure.value.retriable
