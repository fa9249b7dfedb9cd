"""The composition root: the only module that builds anything."""

from fastapi import FastAPI

from bus.kafka import KafkaBus
from case_store import consumers
from case_store.answers import Answers
from case_store.dispatcher import Dispatcher
from case_store.handlers.cases import Cases
from case_store.handlers.codes import TrackingCodes
from case_store.handlers.dead_letters import DeadLetters
from case_store.handlers.deliveries import Deliveries
from case_store.handlers.intake import Intake
from case_store.handlers.outbox import Outbox
from case_store.handlers.staff import Staff
from case_store.repository.database import Database
from case_store.routes import STATUSES, build_router
from case_store.settings import CaseStoreSettings
from chassis.parts import Periodic, Task
from chassis.service import build_service


def create_app(settings: CaseStoreSettings | None = None, *, bus: KafkaBus | None = None) -> FastAPI:
    """The case store, ready to be served."""
    settings = settings or CaseStoreSettings()
    bus = bus or KafkaBus(settings.kafka)
    database = Database(settings.database.url.get_secret_value(), pool_size=settings.database.pool_size)
    answers = Answers(reopen_days=settings.reopen_days)
    codes, dead_letters, deliveries = (
        TrackingCodes(database, settings.code_key),
        DeadLetters(database),
        Deliveries(database),
    )
    intake = Intake(database, codes, answers, settings.rules)
    staff = Staff(database, answers, settings.rules)
    outbox = Outbox(database, bus, settings.rules, batch=settings.outbox_batch)
    consuming = (
        consumers.laid_aside(bus, dead_letters),
        consumers.delivery_reports(bus, deliveries, settings.batch_size),
        consumers.routed_messages(bus, intake, settings.batch_size),
    )
    bus.on_forgotten(outbox.broker_forgot)
    return build_service(
        name="case-store",
        description="Cases, contacts, messages and answers.",
        parts=[
            database,
            bus,
            Task("outbox", Dispatcher(database, outbox, poll_seconds=settings.outbox_poll_seconds).run),
            *consuming,
            Periodic("sweeper", settings.sweep_seconds, outbox.redrive),
            Periodic("orphan-reports", settings.sweep_seconds, deliveries.match_orphans),
            Periodic("outbox-measure", settings.sweep_seconds, outbox.measure),
        ],
        routers=[build_router(Cases(database), staff, dead_letters, codes, settings.token)],
        problems=STATUSES,
        # People are answered from PostgreSQL; what goes out waits in the outbox while Kafka is away.
        works_without={"kafka", "outbox", *(consumer.name for consumer in consuming)},
    )
