"""A face of the case store: connections as long-lived as the portal, answers read or taken for none."""

from typing import Final, NoReturn, TypeVar

import httpx
from pydantic import ValidationError

from chassis.turns import InTurns
from gateway_portal.errors import StoreAwayError
from gateway_portal.schemas.shown import Shown
from gateway_portal.settings import GatewayPortalSettings

S = TypeVar("S", bound=Shown)
_AWAY: Final = "the case store does not answer"


class Asked:
    """What asks the store; its trouble is told by whoever asks all the time."""

    name: str

    def __init__(
        self, settings: GatewayPortalSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`settings` say where it is and how long to wait; a test brings its own way there."""
        self._http = httpx.AsyncClient(
            base_url=f"{str(settings.case_store.url).rstrip('/')}/api/v1/",
            headers={"Authorization": f"Bearer {settings.case_store.token.get_secret_value()}"},
            timeout=httpx.Timeout(settings.call_timeout_seconds, connect=2),
            transport=transport or InTurns(),
        )

    async def start(self) -> None:
        """Connections are made when they are needed."""

    async def stop(self) -> None:
        """Close them."""
        await self._http.aclose()

    def health(self) -> str | None:
        """Nothing of its own."""
        return None

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._http.send(request)
        except httpx.HTTPError:
            self._fail()

    def _expect(self, answer: httpx.Response) -> None:
        if not answer.is_success:
            self._fail()

    def _read(self, schema: type[S], answer: httpx.Response) -> S:
        try:
            return schema.model_validate_json(answer.content)
        except ValidationError:
            self._fail()

    def _fail(self) -> NoReturn:
        raise StoreAwayError(_AWAY) from None
