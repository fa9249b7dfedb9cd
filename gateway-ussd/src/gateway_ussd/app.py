"""The composition root: the only module that builds anything."""

from fastapi import FastAPI

from bus.intake import Intake
from bus.kafka import KafkaBus
from chassis.parts import Part, Periodic, Task
from chassis.service import build_service
from gateway_ussd.clients.case_store import case_store, sources_of
from gateway_ussd.clients.outside import Outside
from gateway_ussd.handlers.background import Background
from gateway_ussd.handlers.following import Following
from gateway_ussd.handlers.handing_in import HandingIn
from gateway_ussd.handlers.limits import Limits
from gateway_ussd.handlers.lookups import Lookups
from gateway_ussd.handlers.pace import Pace
from gateway_ussd.handlers.readings import Rules
from gateway_ussd.handlers.screens import KEEPING, SafeScreens
from gateway_ussd.handlers.submitting import Submitting
from gateway_ussd.handlers.texting import Texting
from gateway_ussd.handlers.turns import Turns
from gateway_ussd.providers import PROVIDERS
from gateway_ussd.repository.sessions import Sessions
from gateway_ussd.repository.shared_answers import SharedAnswers
from gateway_ussd.repository.shelf import MenuShelf
from gateway_ussd.repository.store import RedisStore
from gateway_ussd.routes import STATUSES, build_router
from gateway_ussd.settings import GatewayUssdSettings
from minting.client import CaseStoreClient
from minting.file import LeaseFile
from minting.mint import CodeMint


def create_app(settings: GatewayUssdSettings | None = None, *, bus: KafkaBus | None = None) -> FastAPI:
    """gateway-ussd, ready to be served."""
    settings = settings or GatewayUssdSettings()
    budget, latin = settings.budget_seconds, settings.latin_only
    bus = bus or KafkaBus(settings.hasty_kafka)
    intake = Intake(bus, settings.spool, journal=settings.kafka.forgetful)
    bus.on_forgotten(intake.replay_all)
    store = RedisStore(settings.redis, KEEPING * budget)
    sessions = Sessions(store, settings.kept_seconds)
    shelf = MenuShelf(settings.menus, 2 * settings.kept_seconds)
    leasing = CaseStoreClient(settings.case_store)
    leases = LeaseFile(settings.spool_dir / "tracking-codes.json")
    mint = CodeMint(leases, leasing, settings.code_key, settings.lease_size)

    calls = case_store(settings.case_store)
    outside = [Outside(name, each) for name, each in settings.lookups.items()]
    lookups = Lookups([*sources_of(calls), *outside], SharedAnswers(store))
    background = Background()
    texting = Texting(bus, settings.sms_line, settings.texts_a_second, background)
    submitting = Submitting(sessions, mint, HandingIn(intake, settings.line, background))
    following = Following(lookups, texting, background)
    rules = Rules(settings.session_seconds, settings.resume_seconds)
    turns = Turns(sessions, shelf, rules, lookups, submitting, following, latin)
    limits = Limits(settings.tps, settings.steps_a_minute, settings.in_flight, budget / 4)
    paces = {name: Pace(name, budget / 2) for name in settings.providers}
    screens = SafeScreens(turns, limits, paces, texting, budget, latin)
    providers = {name: PROVIDERS[each.form](name, each, screens) for name, each in settings.providers.items()}

    parts: list[Part] = [
        shelf,
        bus,
        intake,
        store,
        leasing,
        mint,
        calls,
        *(each.calls for each in outside),
        lookups,
        background,
        *(part for provider in providers.values() for part in provider.parts),
        *paces.values(),
        Task("code-leases", mint.keep_leased),
        Task("pulse", limits.feel_pulse),
        Periodic("menu-files", 1, shelf.look),
    ]
    return build_service(
        name="gateway-ussd",
        description="USSD menus on every operator, answered inside the budget.",
        parts=parts,
        routers=[build_router(providers, settings.networks, settings.longest_body)],
        problems=STATUSES,
        # With menus and a spool on disk it answers every step, whatever else is away.
        works_without={part.name for part in parts if part is not intake},
    )
