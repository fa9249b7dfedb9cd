"""The router's one decision: an envelope in, what it means and where it goes out. Pure."""

from datetime import datetime

from envelope.models import Channel, Declared, Envelope, Intent, Language, RoutedMessage
from envelope.taxonomy import Section
from message_router.classify import Classifier
from message_router.codes import cited_codes
from message_router.commands import read_command
from message_router.desks import desk_of
from message_router.language import language_of
from persian.normalize import normalize


def route(
    envelope: Envelope, classifier: Classifier, *, abstain_below: float, now: datetime
) -> RoutedMessage:
    """Normalise a copy, read codes and commands, classify, choose the desk."""
    text = normalize(envelope.text)
    codes = cited_codes(text, envelope.refers_to)
    intent = _intent_of(envelope, text, codes)
    classification = classifier.classify(text if intent is Intent.MESSAGE else "", envelope.declared)
    desk = desk_of(classification, abstain_below)
    if (chosen := _chosen_section(envelope.declared)) is not None:
        classification, desk = classification.model_copy(update={"section": chosen}), chosen.value
    return RoutedMessage(
        envelope=envelope,
        classification=classification,
        intent=intent,
        cited_codes=codes,
        desk=desk,
        language=_language_of(envelope.declared, text),
        normalized_text=text,
        routed_at=now,
    )


def _language_of(declared: Declared | None, text: str) -> Language:
    """As chosen; else as written."""
    return (declared.language if declared is not None else None) or language_of(text)


def _chosen_section(declared: Declared | None) -> Section | None:
    """Where a menu asks for no more than the section: it holds, whatever topic was heard."""
    return declared.section if declared is not None and declared.topic is None else None


def _intent_of(envelope: Envelope, text: str, codes: tuple[str, ...]) -> Intent:
    """A command is a text alone: what comes from a form or with a recording is a matter, however short.

    A rating that was chosen in a form is one whatever was written beside it. What another service hands in is
    always a matter: it was given a code for it, which has to lead somewhere.
    """
    declared = envelope.declared
    if declared is not None and declared.rating is not None:
        return Intent.RATING
    chosen = declared is not None and (declared.topic or declared.kind)
    if chosen or envelope.attachments or envelope.channel is Channel.API:
        return Intent.MESSAGE
    if not text and codes:
        return Intent.STATUS
    return read_command(text, codes)
