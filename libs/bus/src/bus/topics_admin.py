"""Topics are made once, with their dead-letter twins; making them again changes nothing."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from bus.errors import BusUnavailableError
from bus.settings import KafkaSettings
from envelope.topics import TOPICS, dead_letter_topic


async def ensure_topics(settings: KafkaSettings) -> None:
    """Create every topic of `envelope.topics` that is not there yet.

    Raises:
        BusUnavailableError: the broker cannot be reached or refuses.
    """
    live = {name: settings.partitions or count for name, count in TOPICS.items()}
    wanted = live | {dead_letter_topic(name): 1 for name in TOPICS}
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
    try:
        await admin.start()
        answer = await admin.create_topics(
            [NewTopic(name, count, settings.replication_factor) for name, count in wanted.items()]
        )
    except (KafkaError, OSError) as error:
        message = f"topics cannot be made ({type(error).__name__})"
        raise BusUnavailableError(message) from None
    finally:
        await admin.close()
    for topic, code, *_ in answer.topic_errors:
        problem = for_code(code)
        if code and problem is not TopicAlreadyExistsError:
            message = f"topic {topic} cannot be made ({problem.__name__})"
            raise BusUnavailableError(message)


async def existing_topics(settings: KafkaSettings) -> set[str]:
    """The names of the topics that the broker has now."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
    try:
        await admin.start()
        return set(await admin.list_topics())
    except (KafkaError, OSError) as error:
        message = f"Kafka cannot be reached ({type(error).__name__})"
        raise BusUnavailableError(message) from None
    finally:
        await admin.close()
