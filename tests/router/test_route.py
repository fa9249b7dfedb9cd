"""Where a message goes: the section that was chosen in a menu decides, and nothing else does."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from envelope.addresses import sender_address
from envelope.models import Attachment, Channel, Declared, Envelope, Intent, Language, RoutedMessage
from envelope.taxonomy import Section, Topic
from message_router.classify import RuleClassifier
from message_router.lexicon import load_lexicon
from message_router.route import route

NOW = datetime(2026, 11, 22, tzinfo=UTC)
RECORDING = Attachment(uri="objects/x", sha256="ab" * 32, media_type="audio/wav", size=1, seconds=9)


def _routed(declared: Declared | None, text: str = "") -> RoutedMessage:
    envelope = Envelope(
        message_id=uuid4(),
        channel=Channel.VOICE,
        provider="asterisk",
        provider_message_id="1",
        line="1420",
        sender=sender_address("+989121234567"),
        text=text,
        attachments=(RECORDING,),
        declared=declared,
        occurred_at=NOW,
        received_at=NOW,
        correlation_id=uuid4(),
    )
    return route(envelope, RuleClassifier(load_lexicon()), abstain_below=0.35, now=NOW)


@pytest.mark.parametrize("section", Section)
def test_a_recording_goes_to_the_section_that_was_chosen(section: Section):
    routed = _routed(Declared(section=section))
    assert (routed.intent, routed.desk) == (Intent.MESSAGE, section.value)
    assert routed.classification.section is section


def test_a_chosen_topic_says_more_than_a_section():
    routed = _routed(Declared(section=Section.TREATMENT, topic=Topic.PENSION_PAYMENT))
    assert routed.desk == Section.RETIREMENT.value


def test_a_recording_without_a_choice_is_sorted_by_people():
    assert _routed(None).desk == "triage"


@pytest.mark.parametrize(
    ("chosen", "text", "answered_in"),
    [
        (Language.EN, "", Language.EN),
        (Language.FA, "I would like to know about my pension", Language.FA),
        (None, "I would like to know about my pension", Language.EN),
        (None, "", Language.FA),
    ],
    ids=["chosen, said aloud", "chosen, written otherwise", "as written", "nothing to tell by"],
)
def test_who_chose_a_language_is_answered_in_it(chosen: Language | None, text: str, answered_in: Language):
    assert _routed(Declared(language=chosen), text).language is answered_in
