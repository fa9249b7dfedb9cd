"""HTTP calls to one service: bounded in number, time and size, behind its circuit, each measured."""

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import httpx
from pydantic_core import from_json

from gateway_ussd.clients.circuit import Circuit
from gateway_ussd.clients.source import LONGEST_ANSWER, refused
from gateway_ussd.metrics import LOOKUP_SECONDS

_MOST_AT_ONCE: Final = 200


class Calls:
    """The connections to one service; they live as long as the gateway."""

    def __init__(self, name: str, http: httpx.AsyncClient) -> None:
        """`name` as it is counted; `http` with its time-out and credentials."""
        self.name = name
        self._http = http
        self._circuit = Circuit(name, time.monotonic)
        self._under_way = 0

    async def start(self) -> None:
        """Connections are made when they are needed."""

    async def stop(self) -> None:
        """Close them."""
        await self._http.aclose()

    def health(self) -> str | None:
        """Its absence shows in each lookup and in the metrics; the gateway lives without it."""
        return None

    async def ask(self, method: str, url: str, body: object = None) -> Mapping[str, Any] | None:
        """The JSON object that it answers; None where it does not know of such a thing (404).

        Raises:
            LookupAwayError: no answer, or none that can be used.
        """
        if self._under_way >= _MOST_AT_ONCE or not self._circuit.admit():
            raise refused(self.name, "left alone for a while")
        self._under_way += 1
        began, outcome = time.monotonic(), "failed"
        try:
            found = await self._read(method, url, body)
            outcome = "answered"
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise refused(self.name, type(error).__name__) from None
        finally:
            self._under_way -= 1
            LOOKUP_SECONDS.labels(self.name, outcome).observe(time.monotonic() - began)
            if outcome == "answered":
                self._circuit.succeed()
            else:
                self._circuit.fail()
        return found

    async def _read(self, method: str, url: str, body: object) -> Mapping[str, Any] | None:
        async with self._http.stream(method, url, json=body) as answer:
            if answer.status_code == HTTPStatus.NOT_FOUND:
                return None
            answer.raise_for_status()
            content = bytearray()
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > LONGEST_ANSWER:
                    message = "too long"
                    raise ValueError(message)
        found = from_json(content)
        if not isinstance(found, dict):
            message = "not an object"
            raise ValueError(message)  # noqa: TRY004  (a fault of theirs, not of a type of ours)
        return found
