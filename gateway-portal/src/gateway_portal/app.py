"""The composition root: the only module that builds anything."""

from fastapi import FastAPI

from bus.intake import Intake
from bus.kafka import KafkaBus
from chassis.pages import install_pages, static_folder
from chassis.parts import Part, Task
from chassis.service import build_service
from gateway_portal.clients.case_store import CaseStore
from gateway_portal.clients.partners import PartnerStore
from gateway_portal.clients.webhook_work import WebhookWork
from gateway_portal.clients.webhooks import WebhookSender
from gateway_portal.handlers.asking import Asking
from gateway_portal.handlers.enclosing import Enclosing
from gateway_portal.handlers.following import Following
from gateway_portal.handlers.handing_in import HandingIn
from gateway_portal.handlers.looking_back import LookingBack
from gateway_portal.handlers.one_time_codes import OneTimeCodes
from gateway_portal.handlers.own_webhooks import OwnWebhooks
from gateway_portal.handlers.partner_book import PartnerBook
from gateway_portal.handlers.submitting import Submitting
from gateway_portal.handlers.telling import Telling
from gateway_portal.handlers.texting import Texting
from gateway_portal.handlers.verifying import Verifying
from gateway_portal.limiter import Limiter
from gateway_portal.pages import Pages
from gateway_portal.repository.once import Once
from gateway_portal.repository.pending import PendingCodes
from gateway_portal.repository.redis import RedisStore
from gateway_portal.repository.sessions import Sessions
from gateway_portal.repository.under_way import UnderWay
from gateway_portal.routes import Handlers, build_routers
from gateway_portal.routes.api.fence import Fence
from gateway_portal.routes.failures import install_failures
from gateway_portal.settings import GatewayPortalSettings
from minting.client import CaseStoreClient
from minting.file import LeaseFile
from minting.mint import CodeMint
from objects.store import objects_at


def create_app(
    settings: GatewayPortalSettings | None = None,
    *,
    bus: KafkaBus | None = None,
    store: CaseStore | None = None,
    leasing: CaseStoreClient | None = None,
    partners: PartnerStore | None = None,
    work: WebhookWork | None = None,
) -> FastAPI:
    """The portal, ready to be served."""
    settings = settings or GatewayPortalSettings()
    bus = bus or KafkaBus(settings.kafka)
    intake = Intake(bus, settings.spool, journal=settings.kafka.forgetful)
    bus.on_forgotten(intake.replay_all)
    redis = RedisStore(settings.redis)
    store = store or CaseStore(settings)
    leasing = leasing or CaseStoreClient(settings.case_store)
    leases = LeaseFile(settings.spool_dir / "tracking-codes.json")
    mint = CodeMint(leases, leasing, settings.code_key, settings.lease_size)

    sessions = Sessions(redis, settings.session_minutes * 60)
    codes = OneTimeCodes(
        PendingCodes(redis, settings.key, settings.code_seconds), Texting(bus, settings.sms_line)
    )
    handing_in = HandingIn(intake, settings.line)
    partners = partners or PartnerStore(settings)
    work = work or WebhookWork(settings)
    book = PartnerBook(partners, settings.spool_dir / "partners.json")
    once = Once(redis, settings.key)
    handlers = Handlers(
        store=store,
        verifying=Verifying(store, Limiter(settings.attempts_per_minute)),
        codes=codes,
        sessions=sessions,
        enclosing=Enclosing(
            objects_at(settings.objects_url, settings.objects.keyring), settings.largest_file_mb * 1_000_000
        ),
        asking=Asking(store, handing_in, mint, settings.key),
        following=Following(store, handing_in, UnderWay(redis, settings.key)),
        book=book,
        submitting=Submitting(intake, mint, once, partners),
        looking_back=LookingBack(partners, once),
        once=once,
        partners=partners,
        own_webhooks=OwnWebhooks(work, settings.webhook_networks),
    )
    parts: list[Part] = [
        *(bus, intake, redis, store, leasing, mint, Task("code-leases", mint.keep_leased)),
        *(partners, book, work, Telling(work, WebhookSender(settings.webhook_networks))),
    ]
    pages = Pages()
    app = build_service(
        name="gateway-portal",
        description="The portal for people, and the API for other services.",
        parts=parts,
        routers=build_routers(pages, handlers, settings),
        # With a spool on disk it takes what people say, whatever else is away.
        works_without={part.name for part in parts if part is not intake},
    )
    install_pages(app, static=static_folder("gateway_portal"))
    install_failures(app, pages)
    app.add_middleware(Fence, standing=once.standing)
    app.state.book, app.state.once = book, once
    return app
