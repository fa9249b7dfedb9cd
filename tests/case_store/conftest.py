"""A database of its own for every test, and messages to feed it with."""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import URL

from bus.memory import MemoryBus
from case_store.answers import Answers
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
from case_store.handlers.webhooks import build_webhooks
from case_store.handlers.working_time import build_working_time
from case_store.model import Rules
from case_store.repository.database import Database
from case_store.settings import AccessSettings
from case_store.staffing import Actor, Role, service
from envelope.addresses import Address, AddressKind
from envelope.models import (
    Attachment,
    Channel,
    Classification,
    DecisionSource,
    Declared,
    Envelope,
    Intent,
    Language,
    RoutedMessage,
    message_id_of,
)
from envelope.taxonomy import SECTION_OF, Audience, Kind, Topic
from objects.store import objects_at
from tests.postgres_server import admin, text_of

if TYPE_CHECKING:
    from case_store.routes import Handlers

KEY = bytes(range(32))
LINE = "10001420"
TEXT = "سلام، حقوق بازنشستگی پدرم این ماه هنوز واریز نشده است"


@pytest.fixture
async def url(postgres: URL, template: str) -> AsyncIterator[str]:
    """The address of a migrated database of this test's own."""
    name = f"test_{uuid4().hex}"
    await admin(postgres, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield text_of(postgres.set(database=name))
    await admin(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """The pool on it."""
    database = Database(url, pool_size=20)
    await database.start()
    yield database
    await database.stop()


class Store:
    """The case store without HTTP and Kafka: its handlers on a real database, and what came of it."""

    def __init__(self, database: Database, rules: Rules) -> None:
        self.database = database
        self.bus = MemoryBus()
        answers = Answers(reopen_days=rules.windows.reopening.days)
        self.codes = TrackingCodes(database, KEY)
        self.time = build_working_time(database)
        self.clocks = self.time.clocks
        self.intake = Intake(database, self.codes, answers, rules, self.clocks)
        self.access = build_access(database, AccessSettings(), KEY)
        self.work = build_casework(
            database, self.codes, answers, rules, self.clocks, self.access.witness, fresh_seconds=0
        )
        self.cases, self.staff = self.work.cases, self.work.staff
        self.deliveries = Deliveries(database)
        self.dead_letters = DeadLetters(database)
        self.objects = objects_at("memory:///")
        self.consulting = build_consulting(
            database, self.clocks, self.objects, self.access.witness, most_file_bytes=1_000_000
        )
        self.citizens = Citizens(database, self.objects, reopening=rules.windows.reopening)
        self.knowledge = build_knowledge(database, self.access.witness)
        self.submissions = Submissions(database, self.clocks)
        self.webhooks = build_webhooks(database, KEY)
        self.outbox = Outbox(database, self.bus, rules)

    @property
    def handlers(self) -> "Handlers":
        """What the routes are built on."""
        from case_store.routes import Handlers  # noqa: PLC0415  (most tests go without the routes)

        return Handlers(
            access=self.access,
            time=self.time,
            consulting=self.consulting,
            knowledge=self.knowledge,
            cases=self.cases,
            citizens=self.citizens,
            work=self.work,
            dead_letters=self.dead_letters,
            codes=self.codes,
            announcements=Announcements(self.database),
            partners=self.access.partners,
            submissions=self.submissions,
            webhooks=self.webhooks,
        )

    async def file(self, *messages: RoutedMessage) -> None:
        await self.intake.file_messages(messages)

    async def rows(self, sql: str, *arguments: object) -> list[dict[str, Any]]:
        async with self.database.transaction() as tx:
            return [dict(row) for row in await tx.raw.fetch(sql, *arguments)]

    async def count(self, table: str) -> int:
        async with self.database.transaction() as tx:
            return int(await tx.raw.fetchval(f"SELECT count(*) FROM {table}"))  # noqa: S608

    async def case(self, tracking_code: str) -> Mapping[str, Any]:
        return await self.cases.find(service(), tracking_code)

    async def publish_all(self) -> None:
        while await self.outbox.publish_next():
            pass

    async def a_member(
        self,
        roles: Collection[Role] = (Role.AGENT,),
        units: Collection[str] = ("retirement",),
        *,
        name: str | None = None,
    ) -> tuple[Actor, str]:
        """Somebody employed in these units, as the guard would know them, and the token of their session."""
        await self.access.organisation.load_defaults()
        staff_id, now = uuid4(), datetime.now(UTC)
        username = f"u{staff_id.hex[:12]}"
        async with self.database.transaction() as tx:
            await tx.raw.execute(
                "INSERT INTO staff (id, username, name, roles, created_at) VALUES ($1, $2, $3, $4, $5)",
                *(staff_id, username, name or username, list(roles), now),
            )
            await tx.raw.executemany(
                "INSERT INTO staff_unit (staff_id, unit_id) VALUES ($1, $2)",
                [(staff_id, unit) for unit in units],
            )
            token, _ = await self.access.sessions.begin(tx, staff_id, now)
        return await self.access.sessions.who(token), token


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database, Rules())


def routed(  # noqa: PLR0913
    text: str = TEXT,
    *,
    sender: str = "+989120000001",
    topic: Topic = Topic.PENSION_PAYMENT,
    intent: Intent = Intent.MESSAGE,
    desk: str | None = None,
    at: datetime | None = None,
    code: str | None = None,
    cites: tuple[str, ...] = (),
    kind: Kind = Kind.QUESTION,
    channel: Channel = Channel.SMS,
    account: bool = False,
    provider_id: str | None = None,
    language: Language = Language.FA,
    chosen: bool = False,
    stars: int | None = None,
    refers_to: str | None = None,
    attachments: tuple[Attachment, ...] = (),
    partner: str | None = None,
    reference: str | None = None,
) -> RoutedMessage:
    """A message as the router hands it over; with `partner` it was handed in by the API.

    `chosen` tells whether the person picked the topic in a menu, `stars` what they chose in a form of rating.
    """
    provider_id = provider_id or uuid4().hex
    at = at or datetime.now(UTC)
    provider, line = (partner, "api") if partner else ("kavenegar", LINE)
    channel = Channel.API if partner else channel
    message_id = message_id_of(channel, line, provider, provider_id)
    envelope = Envelope(
        message_id=message_id,
        channel=channel,
        provider=provider,
        provider_message_id=provider_id,
        line=line,
        sender=Address(kind=AddressKind.ACCOUNT if account else AddressKind.MSISDN, value=sender),
        text=text,
        declared=Declared(topic=topic if chosen else None, rating=stars) if chosen or stars else None,
        attachments=attachments,
        tracking_code=code,
        refers_to=refers_to,
        reference=reference,
        occurred_at=at,
        received_at=at,
        correlation_id=UUID(int=message_id.int ^ 1),
    )
    classification = Classification(
        topic=topic,
        section=SECTION_OF[topic],
        kind=kind,
        audience=Audience.UNKNOWN,
        confidence=0.9,
        source=DecisionSource.RULES,
        version="test",
    )
    return RoutedMessage(
        envelope=envelope,
        classification=classification,
        intent=intent,
        cited_codes=cites,
        desk=desk or SECTION_OF[topic],
        language=language,
        normalized_text=text,
        routed_at=at,
    )
