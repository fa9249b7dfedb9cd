"""The calls that agents ask for at the desk: claimed from the case store, and told how they go (ADR 31)."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final
from uuid import UUID

import httpx
import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from envelope.models import Attachment
from gateway_voice.calls.two_legs import Result, Stage
from gateway_voice.errors import CallUnknownError, CaseStoreAwayError
from minting.settings import CaseStoreSettings

_SECONDS: Final = 5.0
_UNKNOWN: Final = frozenset(
    {
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.GONE,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)
"""Answers that the same words will get again."""
_log = structlog.get_logger()


class Asked(BaseModel):
    """A call that an agent asked for."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: UUID
    extension: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]
    """Of the agent; no more than a name, since it becomes part of what Asterisk dials."""
    number: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{5,14}$")]
    """E.164, of the person."""
    line: Annotated[str, Field(pattern=r"^[0-9+*#]{2,20}$")]
    """Our number, as the person sees it."""
    record: bool
    asked_at: AwareDatetime


class _Identified(BaseModel):
    id: UUID


class CallStore:
    """A part; when the case store is away nobody can ask for calls, and how one ended is told later."""

    name = "call-store"

    def __init__(
        self, settings: CaseStoreSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"{str(settings.url).rstrip('/')}/api/v1/",
            headers={"Authorization": f"Bearer {settings.token.get_secret_value()}"},
            timeout=_SECONDS,
            transport=transport,
            trust_env=False,
        )

    async def start(self) -> None:
        """Connections are made when they are needed."""

    async def stop(self) -> None:
        """Close them."""
        await self._http.aclose()

    def health(self) -> str | None:
        """Calls are taken without it, too."""
        return None

    async def claim(self, limit: int) -> list[Asked]:
        """What agents ask for, ours to make; what cannot be dialled is told to have failed.

        Raises:
            CaseStoreAwayError: no answer, or none that can be used.
        """
        try:
            answer = await self._tell("calls/claims", {"limit": limit})
            found = answer.json()["calls"]
            return [asked for each in found[:limit] if (asked := await self._read(each)) is not None]
        except (CallUnknownError, ValueError, KeyError, TypeError) as error:
            raise CaseStoreAwayError(type(error).__name__) from None

    async def progress(
        self, call: UUID, stage: Stage, result: Result | None, seconds: float | None, at: datetime
    ) -> None:
        """How it goes; `seconds` of talk, once it has ended.

        Raises:
            CallUnknownError: the case store will not have it, now or later.
            CaseStoreAwayError: no answer, or none that can be used.
        """
        told = {"state": stage, "result": result, "seconds": seconds, "at": at.isoformat()}
        await self._tell(f"calls/{call}/progress", told)

    async def keep(self, call: UUID, recording: Attachment) -> None:
        """What was recorded of it, which is in the object store.

        Raises:
            As `progress`.
        """
        await self._tell(f"calls/{call}/recording", recording.model_dump(mode="json"))

    async def _read(self, told: object) -> Asked | None:
        try:
            return Asked.model_validate(told)
        except ValidationError as error:
            fields = sorted({str(each["loc"][0]) for each in error.errors() if each["loc"]})
            _log.error("call_not_dialled", fields=fields)
        try:
            call = _Identified.model_validate(told).id
            await self.progress(call, Stage.ENDED, Result.FAILED, None, datetime.now().astimezone())
        except (ValidationError, CallUnknownError, CaseStoreAwayError) as error:
            _log.warning("call_not_reported", error=type(error).__name__)
        return None

    async def _tell(self, path: str, body: Any) -> httpx.Response:  # noqa: ANN401  (JSON)
        try:
            answer = await self._http.post(path, json=body)
            if answer.status_code in _UNKNOWN:
                raise CallUnknownError(str(answer.status_code))
            answer.raise_for_status()
        except (httpx.HTTPError, ValueError) as error:
            raise CaseStoreAwayError(type(error).__name__) from None
        return answer
