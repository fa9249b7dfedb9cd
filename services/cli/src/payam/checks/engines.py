"""The engines: reachable, new enough, with topics and migrations, and a clock that agrees with ours."""

from collections.abc import AsyncIterator, Mapping

from envelope.topics import TOPICS, dead_letter_topic
from payam.checks.finding import Finding
from payam.probes import database_facts, kafka_topics, redis_version

OLDEST_POSTGRES = 16
OLDEST_REDIS = (6, 2)
CLOCKS_AGREE_SECONDS = 2.0


async def engine_findings(urls: Mapping[str, str]) -> AsyncIterator[Finding]:
    """What is seen of each engine whose URL is known: kafka, postgres, redis."""
    if "kafka" in urls:
        yield await kafka_finding(urls["kafka"])
    if "postgres" in urls:
        for finding in await database_findings(urls["postgres"]):
            yield finding
    if "redis" in urls:
        yield await redis_finding(urls["redis"])


async def kafka_finding(bootstrap_servers: str) -> Finding:
    """Whether Kafka answers and has every topic with its dead-letter twin."""
    there = await kafka_topics(bootstrap_servers)
    if there is None:
        mend = "Start it, or mend KAFKA_BOOTSTRAP_SERVERS (host:port, several by comma)."
        return Finding("Kafka", f"{bootstrap_servers} does not answer", mend)
    missing = {name for topic in TOPICS for name in (topic, dead_letter_topic(topic))} - there
    if missing:
        return Finding("Kafka", f"topics missing: {', '.join(sorted(missing))}", "Run `payam topics create`.")
    return Finding("Kafka", f"{bootstrap_servers}, every topic is there")


async def database_findings(url: str) -> list[Finding]:
    """Whether PostgreSQL lets us in, is new enough, is migrated, and agrees with us on the time."""
    facts = await database_facts(url)
    if isinstance(facts, str):
        return [Finding("PostgreSQL", facts, "Start it, or mend DATABASE_URL (postgresql+asyncpg://…).")]
    old = "" if facts.version >= OLDEST_POSTGRES else f"Upgrade to PostgreSQL {OLDEST_POSTGRES} or later."
    bare = "" if facts.migrated_to else "Run `payam migrate`."
    wrong = "" if abs(facts.seconds_ahead) <= CLOCKS_AGREE_SECONDS else "Set both clocks by NTP."
    return [
        Finding("PostgreSQL", f"version {facts.version}", old),
        Finding("migrations", facts.migrated_to or "none on this database", bare),
        Finding("clock", f"the database is {facts.seconds_ahead:+.2f} s from us", wrong),
    ]


async def redis_finding(url: str) -> Finding:
    """Whether Redis or Valkey answers and is new enough."""
    version = await redis_version(url)
    if version is None:
        return Finding("Redis", "it does not answer, or refuses our password", "Start it, or mend REDIS_URL.")
    mend = "" if version >= OLDEST_REDIS else "Upgrade to Redis 6.2 or Valkey 8."
    return Finding("Redis", "version {}.{}".format(*version), mend)
