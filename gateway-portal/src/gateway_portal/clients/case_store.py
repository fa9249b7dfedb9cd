"""The case store, asked for one thing: what stands behind a verification code."""

from http import HTTPStatus

import httpx
from pydantic import ValidationError

from gateway_portal.errors import StoreAwayError
from gateway_portal.schemas import Verdict
from gateway_portal.settings import GatewayPortalSettings

_AWAY = "the case store does not answer"


class CaseStore:
    """The connections to the store; lives as long as the portal."""

    name = "case-store"

    def __init__(
        self, settings: GatewayPortalSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`settings` say where it is and how long to wait; a test brings its own way there."""
        self._trouble: str | None = None
        self._http = httpx.AsyncClient(
            base_url=settings.case_store_url,
            headers={"Authorization": f"Bearer {settings.case_store_token.get_secret_value()}"},
            timeout=httpx.Timeout(settings.call_timeout_seconds, connect=2),
            transport=transport,
        )

    async def start(self) -> None:
        """Connections are made when they are needed."""

    async def stop(self) -> None:
        """Close them."""
        await self._http.aclose()

    def health(self) -> str | None:
        """Why the last call failed, if it did."""
        return self._trouble

    async def verify(self, code: str) -> Verdict:
        """What stands behind a code, however it was typed.

        Raises:
            StoreAwayError: no answer in time, or none that can be read.
        """
        try:
            answer = await self._http.post("/api/v1/verifications", json={"code": code})
            if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
                return Verdict(known=False, genuine=False)
            verdict = Verdict.model_validate_json(answer.raise_for_status().content)
        except (httpx.HTTPError, ValidationError) as error:
            self._trouble = type(error).__name__
            raise StoreAwayError(_AWAY) from None
        self._trouble = None
        return verdict
