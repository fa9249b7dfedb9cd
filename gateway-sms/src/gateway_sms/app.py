"""The composition root: the only module that builds anything."""

from fastapi import FastAPI

from bus.intake import Intake
from bus.kafka import KafkaBus
from chassis.parts import Part, Periodic, Task
from chassis.service import build_service
from gateway_sms.consumers import build_consumers
from gateway_sms.handlers.gate import ProviderGate
from gateway_sms.handlers.outcomes import Outcomes
from gateway_sms.handlers.poll_states import StatePoller
from gateway_sms.handlers.receive_mo import Inbound
from gateway_sms.handlers.reconcile_inbox import InboxReconciler
from gateway_sms.handlers.record_dlr import Deliveries
from gateway_sms.handlers.reports import Reports
from gateway_sms.handlers.send_mt import Sending
from gateway_sms.providers import PROVIDERS
from gateway_sms.repository.attempts import Attempts
from gateway_sms.repository.outstanding import OutstandingMessages
from gateway_sms.repository.seen import SeenMessages
from gateway_sms.repository.store import RedisStore
from gateway_sms.repository.tps import SharedBucket
from gateway_sms.routes import STATUSES, build_router
from gateway_sms.settings import GatewaySmsSettings
from minting.client import CaseStoreClient
from minting.file import LeaseFile
from minting.mint import CodeMint


def create_app(settings: GatewaySmsSettings | None = None, *, bus: KafkaBus | None = None) -> FastAPI:
    """gateway-sms, ready to be served."""
    settings = settings or GatewaySmsSettings()
    bus = bus or KafkaBus(settings.kafka)
    provider = PROVIDERS[settings.provider](settings)
    store = RedisStore(settings.redis)
    attempts, outstanding = Attempts(store), OutstandingMessages(store)
    seen = SeenMessages(store, 2 * settings.inbox_window.total_seconds())
    case_store = CaseStoreClient(settings.case_store)
    leases = LeaseFile(settings.spool_dir / "tracking-codes.json")
    mint = CodeMint(leases, case_store, settings.code_key, settings.lease_size)
    intake = Intake(bus, settings.spool, journal=settings.kafka.forgetful)
    bus.on_forgotten(intake.replay_all)

    gate = ProviderGate(provider, SharedBucket(store, provider.name), settings)
    reports = Reports(provider.name, bus)
    inbound = Inbound(provider.name, intake, mint, seen)
    deliveries = Deliveries(reports, outstanding)
    sending = Sending(gate, Outcomes(reports, attempts, outstanding, settings), attempts, settings)
    poller = StatePoller(gate, reports, outstanding, attempts, settings)
    reconciler = InboxReconciler(gate, inbound, seen, settings)

    parts: list[Part] = [
        bus,
        intake,
        store,
        case_store,
        mint,
        *provider.parts,
        gate,
        Task("code-leases", mint.keep_leased),
        Periodic("seen-messages", settings.flush_every_seconds, seen.flush),
        Periodic("state-poller", settings.poll_every_seconds, poller.poll_states),
        Periodic("inbox-reconciler", settings.inbox_every_seconds, reconciler.reconcile_inbox),
        *build_consumers(bus, sending),
    ]
    return build_service(
        name="gateway-sms",
        description="Short messages in and out.",
        parts=parts,
        routers=[build_router(provider, inbound, deliveries, settings.longest_body)],
        problems=STATUSES,
        # With a spool on disk it can take messages whatever else is away.
        works_without={part.name for part in parts if part is not intake},
    )
