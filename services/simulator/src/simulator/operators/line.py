"""The wire from every operator to our gateway: one HTTP client, 200 in time or nothing."""

from collections.abc import Mapping
from http import HTTPStatus

import httpx

from simulator.errors import NetworkError
from simulator.settings import SimulatorSettings


class Line:
    """A part: connections to gateway-ussd, shared by the operators that speak HTTP."""

    name = "ussd-line"

    def __init__(self, settings: SimulatorSettings) -> None:
        """Call the gateway of the settings."""
        self._base = str(settings.ussd_url).rstrip("/")
        limits = httpx.Limits(max_connections=None)
        self._client = httpx.AsyncClient(timeout=settings.ussd_answer_seconds, limits=limits, trust_env=False)

    async def start(self) -> None:
        """Connections open as they are needed."""

    async def stop(self) -> None:
        """Hang up."""
        await self._client.aclose()

    def health(self) -> str | None:
        """A gateway that is away is no fault of the world's."""
        return None

    async def post(
        self, provider: str, *, headers: Mapping[str, str] | None = None, **body: object
    ) -> httpx.Response:
        """A POST with `data`, `json` or `content`.

        Raises:
            NetworkError: no 200 came in time.
        """
        request = self._client.build_request("POST", self._url(provider), headers=headers, **body)  # type: ignore[arg-type]  # httpx's own names
        return await self._call(request)

    async def get(self, provider: str, query: Mapping[str, str]) -> httpx.Response:
        """A GET.

        Raises:
            NetworkError: no 200 came in time.
        """
        return await self._call(self._client.build_request("GET", self._url(provider), params=query))

    def _url(self, provider: str) -> str:
        return f"{self._base}/ussd/{provider}"

    async def _call(self, request: httpx.Request) -> httpx.Response:
        try:
            answer = await self._client.send(request)
        except httpx.HTTPError as error:
            message = f"the gateway cannot be reached: {type(error).__name__}"
            raise NetworkError(message) from None
        if answer.status_code != HTTPStatus.OK:
            message = f"the gateway answers {answer.status_code}"
            raise NetworkError(message)
        return answer
