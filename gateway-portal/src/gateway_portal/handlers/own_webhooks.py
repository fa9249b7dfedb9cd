"""A partner's own webhooks: set up, changed and tried by its key, in the world of that key alone."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from gateway_portal.clients.webhook_work import WebhookWork, path_of
from gateway_portal.errors import WebhookAddressError
from gateway_portal.model import Caller
from gateway_portal.public_addresses import Networks, fits
from gateway_portal.schemas.api.webhooks import Deliveries, Delivery, Webhook, Webhooks, WebhookWithSecret

_REFUSED: Final = "webhooks go to public addresses alone, by https"


class OwnWebhooks:
    """Every method raises `NotThereError` for what is another's, or of the other world."""

    def __init__(self, work: WebhookWork, networks: Networks) -> None:
        """`networks` are private ones that webhooks may go to all the same."""
        self._work = work
        self._networks = tuple(networks)

    async def all(self, caller: Caller) -> Webhooks:
        """Every one of this world."""
        return await self._work.read_own(Webhooks, caller, "GET")

    async def make(self, caller: Caller, given: Mapping[str, Any]) -> WebhookWithSecret:
        """A new one, with its secret.

        Raises:
            WebhookAddressError: webhooks do not go there.
            WebhookStateError: there are as many as there may be.
        """
        self._demand_fit(given)
        body = {**given, "sandbox": caller.sandbox}
        return await self._work.read_own(WebhookWithSecret, caller, "POST", body=body)

    async def find(self, caller: Caller, webhook_id: UUID) -> Webhook:
        """One."""
        return await self._work.read_own(Webhook, caller, "GET", path_of(webhook_id))

    async def change(
        self, caller: Caller, webhook_id: UUID, changes: Mapping[str, Any], version: int | None
    ) -> Webhook:
        """Change one.

        Raises:
            WebhookAddressError: webhooks do not go there.
            ChangedError: it is not the one that was read.
        """
        self._demand_fit(changes)
        path = path_of(webhook_id)
        return await self._work.read_own(Webhook, caller, "PATCH", path, body=changes, version=version)

    async def remove(self, caller: Caller, webhook_id: UUID) -> None:
        """Take one away, with its log."""
        await self._work.own(caller, "DELETE", path_of(webhook_id))

    async def renew_secret(self, caller: Caller, webhook_id: UUID) -> WebhookWithSecret:
        """Another secret; the one before signs too for a day."""
        return await self._work.read_own(WebhookWithSecret, caller, "POST", path_of(webhook_id, "secret"))

    async def test(self, caller: Caller, webhook_id: UUID) -> Delivery:
        """Try it with an event that tells of nothing."""
        return await self._work.read_own(Delivery, caller, "POST", path_of(webhook_id, "test"))

    async def log(self, caller: Caller, webhook_id: UUID, query: Mapping[str, Any]) -> Deliveries:
        """What it was told, the newest first."""
        path = path_of(webhook_id, "deliveries")
        return await self._work.read_own(Deliveries, caller, "GET", path, query=query)

    async def replay(self, caller: Caller, webhook_id: UUID, delivery_id: UUID) -> Delivery:
        """Tell it again.

        Raises:
            WebhookStateError: it has ended, or this is under way.
        """
        path = path_of(webhook_id, "deliveries", delivery_id, "replay")
        return await self._work.read_own(Delivery, caller, "POST", path)

    def _demand_fit(self, given: Mapping[str, Any]) -> None:
        if "url" in given and not fits(given["url"], self._networks):
            raise WebhookAddressError(_REFUSED)
