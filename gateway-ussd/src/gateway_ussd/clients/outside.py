"""A service of another organisation, asked by a URL with the arguments in it."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import httpx

from gateway_ussd.clients.calls import Calls
from gateway_ussd.clients.source import Asked, refused
from gateway_ussd.settings import LookupSettings

_ARGUMENT: Final = re.compile(r"\{(\w+)\}")
_LONGEST_WAIT: Final = 10.0
"""Nobody waits so long at the phone; what comes in time for an SMS is still of use."""


class Outside:
    """One lookup of the settings; its answer is the service's own JSON object."""

    shared = True

    def __init__(
        self, name: str, settings: LookupSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.name = name
        self.fresh_seconds = settings.fresh_seconds
        self.stale_seconds = settings.stale_seconds
        self._url = settings.url
        token = settings.token.get_secret_value()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.calls = Calls(
            name, httpx.AsyncClient(headers=headers, timeout=_LONGEST_WAIT, transport=transport)
        )

    def key(self, asked: Asked) -> str:
        """What is asked, whoever asks."""
        return "\0".join(f"{name}={value}" for name, value in sorted(asked.arguments.items()))

    async def fetch(self, asked: Asked) -> Mapping[str, Any]:
        """See `Source.fetch`."""

        def given(place: re.Match[str]) -> str:
            return quote(asked.arguments[place[1]], safe="")

        try:
            url = _ARGUMENT.sub(given, self._url)
        except KeyError:
            raise refused(self.name, "the URL asks for an argument that the menu does not give") from None
        return await self.calls.ask("GET", url) or {}

    def pick(self, found: Mapping[str, Any], asked: Asked) -> Mapping[str, Any]:  # noqa: ARG002  (nothing to choose)
        """All of it."""
        return found
