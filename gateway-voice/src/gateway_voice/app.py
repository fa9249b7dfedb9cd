"""The composition root: the only module that builds anything."""

from typing import Final

from fastapi import FastAPI

from bus.intake import Intake
from bus.kafka import KafkaBus
from chassis.parts import Part, Periodic, Task
from chassis.service import build_service
from gateway_voice.audio.listener import Listener
from gateway_voice.clients.ari import Ari
from gateway_voice.clients.case_store import CaseStore
from gateway_voice.handlers.calls import Calls
from gateway_voice.handlers.emptying import Emptying
from gateway_voice.handlers.finishing import Finishing
from gateway_voice.handlers.keeping import Keeping
from gateway_voice.handlers.stored import Stored
from gateway_voice.handlers.world import World
from gateway_voice.repository.mailboxes import Mailboxes
from gateway_voice.repository.notes import Notes
from gateway_voice.repository.shelf import Shelf
from gateway_voice.routes import STATUSES, build_router
from gateway_voice.routes.signed import Signed
from gateway_voice.settings import GatewayVoiceSettings
from minting.client import CaseStoreClient
from minting.file import LeaseFile
from minting.mint import CodeMint
from objects.store import Objects, objects_at

_DAY: Final = 86_400


def create_app(
    settings: GatewayVoiceSettings | None = None,
    *,
    bus: KafkaBus | None = None,
    objects: Objects | None = None,
    leasing: CaseStoreClient | None = None,
) -> FastAPI:
    """gateway-voice, ready to be served."""
    settings = settings or GatewayVoiceSettings()
    bus = bus or KafkaBus(settings.kafka)
    intake = Intake(bus, settings.spool, journal=settings.kafka.forgetful)
    bus.on_forgotten(intake.replay_all)
    leasing = leasing or CaseStoreClient(settings.case_store)
    leases = LeaseFile(settings.spool_dir / "tracking-codes.json")
    mint = CodeMint(leases, leasing, settings.code_key, settings.lease_size)

    shelf = Shelf(settings.spool_dir / "recordings", settings.remembered_days * _DAY)
    keeping = Keeping(shelf, mint)
    objects = objects or objects_at(settings.objects_url)
    finishing = Finishing(keeping, shelf, Listener(settings), objects, intake)

    parts: list[Part] = [
        bus,
        intake,
        leasing,
        mint,
        keeping,
        Task("code-leases", mint.keep_leased),
        Task("finishing", finishing.run),
        Periodic("remembered", 3_600, keeping.forget),
    ]
    if settings.voicemail_dir is not None:
        emptying = Emptying(Mailboxes(settings.voicemail_dir), keeping, shelf.tmp, settings.line)
        parts.append(Periodic("mailboxes", settings.voicemail_every_seconds, emptying.look))
    if settings.asterisk.url is not None:
        parts += _asterisk(settings, keeping, mint)
    return build_service(
        name="gateway-voice",
        description="Recorded messages in, from Asterisk, from PBXs that push, from mailboxes.",
        parts=parts,
        routers=[build_router(keeping, Signed.of(settings, shelf.tmp))],
        problems=STATUSES,
        # With its folders on disk it takes what people say, whatever else is away.
        works_without={part.name for part in parts if part is not intake},
    )


def _asterisk(settings: GatewayVoiceSettings, keeping: Keeping, mint: CodeMint) -> list[Part]:
    """The calls of an Asterisk; in the order in which they start."""
    asterisk = settings.asterisk
    ari = Ari(asterisk)
    stored = Stored(ari, Notes(settings.spool_dir / "calls"), keeping, asterisk.app, settings.line)
    case_store = CaseStore(settings.case_store)
    calls = Calls(World(ari, stored, case_store, mint.take, asterisk))
    return [
        stored,
        case_store,
        ari,
        calls,
        Periodic("look-into-asterisk", asterisk.look_every_seconds, stored.look),
    ]
