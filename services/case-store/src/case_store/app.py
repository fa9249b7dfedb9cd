"""The composition root: the only module that builds anything."""

from typing import Final

from fastapi import FastAPI

from bus.kafka import KafkaBus
from case_store import consumers
from case_store.answers import Answers
from case_store.dispatcher import Dispatcher
from case_store.handlers.access import build_access
from case_store.handlers.announcements import Announcements
from case_store.handlers.casework import build_casework
from case_store.handlers.citizen import Citizens
from case_store.handlers.codes import TrackingCodes
from case_store.handlers.consulting import build_consulting
from case_store.handlers.dead_letters import DeadLetters
from case_store.handlers.deliveries import Deliveries
from case_store.handlers.intake import Intake
from case_store.handlers.knowledge import build_knowledge
from case_store.handlers.outbox import Outbox
from case_store.handlers.submissions import Submissions
from case_store.handlers.transcripts import Transcripts
from case_store.handlers.webhooks import build_webhooks
from case_store.handlers.working_time import build_working_time
from case_store.repository.database import Database
from case_store.routes import STATUSES, Handlers, build_router
from case_store.routes.guard import identifier
from case_store.routes.idempotency import install_idempotency
from case_store.settings import CaseStoreSettings
from chassis.parts import Periodic, Task
from chassis.service import build_service
from objects.store import objects_at

_SANDBOX_SECONDS: Final = 1.0


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
    time = build_working_time(database, sweep_seconds=settings.sweep_seconds)
    intake = Intake(database, codes, answers, settings.rules, time.clocks)
    access = build_access(database, settings.access, settings.second_factor_key)
    work = build_casework(database, codes, answers, settings.rules, time.clocks, access.witness)
    objects = objects_at(settings.objects_url, settings.objects.keyring)
    consulting = build_consulting(
        database, time.clocks, objects, access.witness, most_file_bytes=settings.most_file_bytes
    )
    knowledge = build_knowledge(database, access.witness)
    submissions = Submissions(database, time.clocks)
    webhooks = build_webhooks(database, settings.second_factor_key)
    outbox = Outbox(database, bus, settings.rules, batch=settings.outbox_batch)
    consuming = (
        consumers.laid_aside(bus, dead_letters),
        consumers.delivery_reports(bus, deliveries, settings.batch_size),
        consumers.routed_messages(bus, intake, settings.batch_size),
        consumers.heard_recordings(bus, Transcripts(database), settings.batch_size),
    )
    bus.on_forgotten(outbox.broker_forgot)
    handlers = Handlers(
        consulting=consulting,
        knowledge=knowledge,
        access=access,
        time=time,
        cases=work.cases,
        citizens=Citizens(database, objects, reopening=settings.rules.windows.reopening),
        work=work,
        dead_letters=dead_letters,
        codes=codes,
        announcements=Announcements(database),
        partners=access.partners,
        submissions=submissions,
        webhooks=webhooks,
    )
    app = build_service(
        name="case-store",
        description="Cases, contacts, messages and answers.",
        parts=[
            database,
            bus,
            *time.parts,
            Task("outbox", Dispatcher(database, outbox, poll_seconds=settings.outbox_poll_seconds).run),
            *consuming,
            Periodic("sweeper", settings.sweep_seconds, outbox.redrive),
            *access.parts,
            *work.parts,
            Periodic("orphan-reports", settings.sweep_seconds, deliveries.match_orphans),
            *consulting.parts,
            *knowledge.parts,
            *webhooks.parts,
            Periodic("sandbox", _SANDBOX_SECONDS, submissions.move_sandbox),
            Periodic("outbox-measure", settings.sweep_seconds, outbox.measure),
        ],
        routers=[build_router(handlers, settings.token)],
        problems=STATUSES,
        # People are answered from PostgreSQL; what goes out waits in the outbox while Kafka is away.
        works_without={
            "kafka",
            "outbox",
            "changes",
            "object-store",
            *(consumer.name for consumer in consuming),
        },
    )
    install_idempotency(app, access.idempotency, identifier(settings.token, access.sessions))
    return app
