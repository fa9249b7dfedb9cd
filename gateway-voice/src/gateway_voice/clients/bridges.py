"""Calls that we make in Asterisk: a telephone rung, two of them joined, what they say recorded."""

from contextlib import suppress
from http import HTTPStatus
from urllib.parse import quote

from gateway_voice.clients.ari import Ari
from gateway_voice.errors import AsteriskRefusedError, GoneError


class Bridges:
    """The orders of two-legged calls, beside those of `Ari`; each raises what `Ari.order` does."""

    def __init__(self, ari: Ari, app: str) -> None:
        """`app`: to whom the channels report."""
        self._ari = ari
        self._app = app

    async def ring(self, channel: str, endpoint: str, line: str, seconds: int, **like: str) -> None:
        """Have it rung, from our line, for so many seconds; it comes to us once it is picked up.

        `like` says in what its sound is: `originator=<channel>` as that one, `formats=slin` as named.
        """
        try:
            await self._ari.ask(
                "/channels",
                {
                    "endpoint": endpoint,
                    "app": self._app,
                    "channelId": channel,
                    "callerId": line,
                    "timeout": seconds,
                    **like,
                },
            )
        except AsteriskRefusedError as error:
            # Ordered before, and the answer was lost: it rings.
            if str(error) != str(HTTPStatus.CONFLICT.value):
                raise

    async def comfort(self, channel: str) -> None:
        """Let it hear how it rings at the other end."""
        await self._ari.order("POST", f"/channels/{_safe(channel)}/ring")

    async def join(self, bridge: str, *channels: str) -> None:
        """Let them hear each other, and ringing no more."""
        for channel in channels:
            with suppress(AsteriskRefusedError):
                await self._ari.order("DELETE", f"/channels/{_safe(channel)}/ring")
        await self._ari.order("POST", f"/bridges/{_safe(bridge)}", type="mixing")
        await self._ari.order("POST", f"/bridges/{_safe(bridge)}/addChannel", channel=",".join(channels))

    async def play(self, bridge: str, playback: str, media: str) -> None:
        """To all in it."""
        await self._ari.order("POST", f"/bridges/{_safe(bridge)}/play/{_safe(playback)}", media=media)

    async def record(self, bridge: str, name: str, longest: int) -> None:
        """All that is said in it from now on, until it is left by all or after `longest` seconds."""
        await self._ari.order(
            "POST",
            f"/bridges/{_safe(bridge)}/record",
            name=name,
            format="wav",
            maxDurationSeconds=longest,
            ifExists="fail",
            beep="false",
            terminateOn="none",
        )

    async def part(self, bridge: str) -> None:
        """Let go of it; fine if it is no more."""
        try:
            await self._ari.order("DELETE", f"/bridges/{_safe(bridge)}")
        except GoneError:
            return

    async def all(self) -> list[str]:
        """The ids of all bridges, ours or not."""
        return [str(each["id"]) for each in await self._ari.order("GET", "/bridges") or ()]


def _safe(name: str) -> str:
    return quote(name, safe="")
