"""The case store, asked for one thing: a block of tracking codes."""

from http import HTTPStatus

import httpx

from minting.book import Block
from minting.errors import LeaseUnavailableError
from minting.settings import CaseStoreSettings


class CaseStoreClient:
    """Leases blocks of the sequence that tracking codes are made of."""

    name = "case-store-client"

    def __init__(
        self, settings: CaseStoreSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=str(settings.url),
            headers={"Authorization": f"Bearer {settings.token.get_secret_value()}"},
            timeout=5.0,
            transport=transport,
        )

    async def start(self) -> None:
        """Connections are made when they are needed."""

    async def stop(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def health(self) -> str | None:
        """Its absence matters only when codes run out, and the mint tells that."""
        return None

    async def lease(self, size: int) -> Block:
        """A block that nobody else has.

        Raises:
            LeaseUnavailableError: the case store gave none.
        """
        try:
            answer = await self._client.post("/api/v1/tracking-code-leases", json={"size": size})
            body = answer.json() if answer.status_code == HTTPStatus.CREATED else {}
            block = Block(int(body["first"]), int(body["last"]))
        except (httpx.HTTPError, ValueError, TypeError, KeyError) as error:
            message = f"the case store leased no tracking codes ({type(error).__name__})"
            raise LeaseUnavailableError(message) from None
        if not 0 <= block.first <= block.last:
            message = "the case store leased an empty block"
            raise LeaseUnavailableError(message)
        return block
