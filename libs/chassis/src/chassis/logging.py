"""One line for each thing that happened, never with a citizen's number or words, whatever a caller does."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from chassis.settings import ServiceSettings

_DIGIT_RUN: Final = re.compile(r"\+?[0-9۰-۹٠-٩]{8,}")
_PERSIAN_RUN: Final = re.compile(
    r"[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufeff]+(?:[\s\u200c]+[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufeff]+)*"
)
_SECRET_PATH: Final = re.compile(r"(/kavenegar/|/v1/)[^/\s\"']+")
_SAFE_KEYS: Final = frozenset({"timestamp", "pid", "message_id", "outbound_id", "case_id", "correlation_id"})


def mask(text: str) -> str:
    """Secrets in paths, runs of eight digits and more, and Persian words become marks."""
    text = _SECRET_PATH.sub(r"\1***", text)
    text = _DIGIT_RUN.sub("<number>", text)
    return _PERSIAN_RUN.sub("<words>", text)


def mask_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor that masks every string of an event, however deep."""
    for key, value in event.items():
        if key not in _SAFE_KEYS:
            event[key] = _masked(value)
    return event


def _masked(value: object) -> object:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, dict):
        return {key: _masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return mask(str(value))


def configure_logging(settings: ServiceSettings, service: str) -> None:
    """Send structlog and the standard library's logging through one masked pipe to standard output."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(service),
        structlog.processors.format_exc_info,
        mask_event,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.log_level.upper())),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=settings.log_level.upper(), force=True)
    # These print a line for each request or each refused connection, with addresses in it.
    for noisy in ("uvicorn.access", "httpx", "httpcore", "aiokafka"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)


def _named(service: str) -> structlog.typing.Processor:
    def add_service(
        _logger: object, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        event["service"] = service
        return event

    return add_service
