"""Builds the router: the only module that does."""

from fastapi import FastAPI

from bus.kafka import KafkaBus
from bus.settings import KafkaSettings
from chassis.service import build_service
from message_router.classify import RuleClassifier
from message_router.consumers import build_consumer, build_listener
from message_router.handlers import RouterHandlers
from message_router.lexicon import load_lexicon
from message_router.settings import RouterSettings


def create_app(settings: RouterSettings | None = None, *, bus: KafkaBus | None = None) -> FastAPI:
    """The router on the bus that is given, or on the one that the environment names."""
    settings = settings or RouterSettings()
    bus = bus or KafkaBus(KafkaSettings())
    classifier = RuleClassifier(load_lexicon(settings.lexicon))
    handlers = RouterHandlers(bus, classifier, abstain_below=settings.abstain_below)
    return build_service(
        name="router",
        description="Reads an envelope and decides kind, topic, audience and desk.",
        parts=[
            bus,
            build_consumer(bus, handlers, max_batch=settings.max_batch),
            build_listener(bus, handlers, max_batch=settings.max_batch),
        ],
    )
