"""The least that can answer calls over ARI: one prompt after the other, ten a call, then it hangs up."""

import asyncio
import sys
from collections import Counter
from typing import Any

import httpx
from pydantic_core import from_json
from websockets.asyncio.client import connect

PROMPTS = 10
_MOST_AT_ONCE = 16


async def serve(base: str) -> None:
    """Until the connection ends."""
    heard: Counter[str] = Counter()
    orders = asyncio.Semaphore(_MOST_AT_ONCE)
    async with (
        httpx.AsyncClient(base_url=base, timeout=30, trust_env=False) as http,
        connect(f"{base.replace('http', 'ws', 1)}/events?app=floor", proxy=None) as socket,
        asyncio.TaskGroup() as group,
    ):

        async def order(method: str, path: str) -> None:
            async with orders:
                await http.request(method, path)

        async for message in socket:
            event = from_json(message)
            if (channel := _next(event)) is None:
                continue
            heard[channel] += 1
            if heard[channel] > PROMPTS:
                del heard[channel]
                group.create_task(order("DELETE", f"/channels/{channel}"))
            else:
                playback = f"{channel}.{heard[channel]}"
                group.create_task(order("POST", f"/channels/{channel}/play/{playback}?media=sound:one"))


def _next(event: Any) -> str | None:  # noqa: ANN401  (as Asterisk has it)
    """The call that wants something now."""
    if event["type"] == "StasisStart":
        return str(event["channel"]["id"])
    if event["type"] == "PlaybackFinished":
        return str(event["playback"]["target_uri"]).removeprefix("channel:")
    return None


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
