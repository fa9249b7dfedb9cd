"""The composition root: the only module that builds anything."""

from datetime import timedelta
from typing import Final

from fastapi import FastAPI

from bus.intake import Intake
from bus.kafka import KafkaBus
from chassis.parts import Part, Periodic, Task
from chassis.service import build_service
from gateway_voice.audio.listener import Listener
from gateway_voice.clients.ari import Ari
from gateway_voice.clients.call_store import CallStore
from gateway_voice.clients.case_store import CaseStore
from gateway_voice.handlers.asked_calls import AskedCalls
from gateway_voice.handlers.calls import Calls
from gateway_voice.handlers.emptying import Emptying
from gateway_voice.handlers.finishing import Finishing
from gateway_voice.handlers.keeping import Keeping
from gateway_voice.handlers.stored import Stored
from gateway_voice.handlers.transcribing import Limits, Transcribing
from gateway_voice.handlers.world import World
from gateway_voice.repository.asked import CallNotes
from gateway_voice.repository.mailboxes import Mailboxes
from gateway_voice.repository.notes import Notes
from gateway_voice.repository.shelf import Shelf
from gateway_voice.repository.untold import Untolds
from gateway_voice.routes import STATUSES, build_router
from gateway_voice.routes.signed import Signed
from gateway_voice.settings import GatewayVoiceSettings
from gateway_voice.transcribing.choosing import chosen
from minting.client import CaseStoreClient
from minting.file import LeaseFile
from minting.mint import CodeMint
from objects.disk import Disk
from objects.store import Objects, objects_at

_DAY: Final = 86_400
_MILLION: Final = 1_000_000


def create_app(
    settings: GatewayVoiceSettings | None = None,
    *,
    bus: KafkaBus | None = None,
    objects: Objects | None = None,
    leasing: CaseStoreClient | None = None,
    call_store: CallStore | None = None,
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
    keyring = settings.objects.keyring
    disk = Disk(keyring)
    objects = objects or objects_at(settings.objects_url, keyring)
    call_store = call_store or CallStore(settings.case_store)
    transcribing = _transcribing(settings, bus, objects, intake)
    finishing = Finishing(
        keeping,
        shelf,
        disk=disk,
        listener=Listener(settings, disk),
        objects=objects,
        intake=transcribing or intake,
        calls=call_store,
    )

    parts: list[Part] = [
        bus,
        intake,
        leasing,
        mint,
        keeping,
        call_store,
        Task("code-leases", mint.keep_leased),
        Task("finishing", finishing.run),
        Periodic("remembered", 3_600, keeping.forget),
    ]
    if transcribing is not None:
        bus.on_forgotten(transcribing.broker_forgot)
        parts = [transcribing, *parts, Task("transcripts", transcribing.run)]
    if settings.voicemail_dir is not None:
        emptying = Emptying(Mailboxes(settings.voicemail_dir, disk), keeping, shelf.tmp, settings.line)
        parts.append(Periodic("mailboxes", settings.voicemail_every_seconds, emptying.look))
    if settings.asterisk.url is not None:
        parts += _asterisk(settings, keeping, mint, call_store, disk)
    return build_service(
        name="gateway-voice",
        description="Recorded messages in, from Asterisk, from PBXs that push, from mailboxes.",
        parts=parts,
        routers=[build_router(keeping, Signed.of(settings, shelf.tmp, disk))],
        problems=STATUSES,
        # With its folders on disk it takes what people say, whatever else is away.
        works_without={part.name for part in parts if part is not intake},
    )


def _transcribing(
    settings: GatewayVoiceSettings, bus: KafkaBus, objects: Objects, intake: Intake
) -> Transcribing | None:
    """Who turns recordings into text; None where the settings name nobody."""
    told = settings.transcribe
    transcriber = chosen(told)
    if transcriber is None:
        return None
    remembered = timedelta(seconds=settings.spool_retention_seconds) if settings.kafka.forgetful else None
    limits = Limits(told.at_once, told.largest_mb * _MILLION, timedelta(hours=told.give_up_hours), remembered)
    notes = Untolds(settings.spool_dir / "transcripts")
    return Transcribing(intake, notes, objects, transcriber, bus, limits)


def _asterisk(
    settings: GatewayVoiceSettings, keeping: Keeping, mint: CodeMint, call_store: CallStore, disk: Disk
) -> list[Part]:
    """The calls of an Asterisk; in the order in which they start."""
    asterisk = settings.asterisk
    ari = Ari(asterisk, disk)
    stored = Stored(ari, Notes(settings.spool_dir / "calls"), keeping, asterisk.app, settings.line)
    case_store = CaseStore(settings.case_store)
    asked = AskedCalls(ari, stored, call_store, CallNotes(settings.spool_dir / "asked"), asterisk)
    calls = Calls(World(ari, stored, case_store, mint.take, asterisk), asked)
    return [
        stored,
        case_store,
        asked,
        ari,
        calls,
        Periodic("ask-for-calls", asterisk.ask_every_seconds, asked.ask),
        Periodic("look-into-asterisk", asterisk.look_every_seconds, stored.look),
    ]
