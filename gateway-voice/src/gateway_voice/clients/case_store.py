"""The case store, asked two things: whether somebody works now, and how a case stands."""

import asyncio
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import httpx
import structlog
from pydantic import AwareDatetime, BaseModel, ValidationError

from gateway_voice.errors import CaseStoreAwayError
from minting.settings import CaseStoreSettings

_SECONDS: Final = 2.0
"""Somebody holds a telephone to their ear."""
_FRESH_SECONDS: Final = 2.0
"""However many call at once, the calendar is asked once."""
_log = structlog.get_logger()


class _Standing(BaseModel):
    """Of `GET /api/v1/calendar/open`, what is needed."""

    open: bool
    until: AwareDatetime | None


class _Known(NamedTuple):
    """The newest answer; good for as long as nobody can be asked."""

    open: bool
    until: datetime | None


class CaseStore:
    """A part; when the case store is away, the calendar goes on as it was told last."""

    name = "case-store"

    def __init__(
        self, settings: CaseStoreSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=str(settings.url),
            headers={"Authorization": f"Bearer {settings.token.get_secret_value()}"},
            timeout=_SECONDS,
            transport=transport,
            trust_env=False,
        )
        self._known: _Known | None = None
        self._asking = asyncio.Lock()
        self._ask_again_at = 0.0

    async def start(self) -> None:
        """Connections are made when they are needed."""

    async def stop(self) -> None:
        """Close them."""
        await self._http.aclose()

    def health(self) -> str | None:
        """Calls are answered without it, too."""
        return None

    async def is_staffed(self) -> bool:
        """Whether somebody works now; where nobody can tell, a message is taken."""
        async with self._asking:
            if time.monotonic() < self._ask_again_at:
                return self._as_told_last()
            try:
                found = await self._ask("/api/v1/calendar/open")
                standing = _Standing.model_validate(found)
            except (CaseStoreAwayError, ValidationError) as error:
                _log.warning("calendar_away", error=type(error).__name__)
            else:
                self._known = _Known(standing.open, standing.until)
            self._ask_again_at = time.monotonic() + _FRESH_SECONDS
            return self._as_told_last()

    async def state_of(self, code: str, number: str) -> str | None:
        """The state of a case; None for an unknown code and for another person's alike.

        Raises:
            CaseStoreAwayError: no answer, or none that can be used.
        """
        case = await self._ask(f"/api/v1/cases/{code}")
        if case is None:
            return None
        try:
            if number not in [address["value"] for address in case["person"]["addresses"]]:
                return None
            return str(case["state"])
        except (KeyError, TypeError) as error:
            raise CaseStoreAwayError(type(error).__name__) from None

    def _as_told_last(self) -> bool:
        known = self._known
        if known is None or not known.open:
            return False
        return known.until is None or datetime.now(UTC) < known.until

    async def _ask(self, path: str) -> Any:  # noqa: ANN401  (as the case store has it)
        try:
            answer = await self._http.get(path)
            if answer.status_code == HTTPStatus.NOT_FOUND:
                return None
            answer.raise_for_status()
            return answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise CaseStoreAwayError(type(error).__name__) from None
