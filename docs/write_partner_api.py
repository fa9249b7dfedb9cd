"""Writes `docs/partner-api.json`, how the portal describes its API for other services; a test compares."""

import asyncio
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from gateway_portal.app import create_app
from gateway_portal.settings import GatewayPortalSettings
from minting.settings import CaseStoreSettings


async def rendered() -> str:
    """The whole file."""
    with TemporaryDirectory() as folder:
        settings = GatewayPortalSettings(
            spool_dir=Path(folder),
            objects_url=folder,
            GATEWAY_PORTAL_SECRET="00" * 32,
            TRACKING_CODE_KEY="00" * 32,
            case_store=CaseStoreSettings(token="none"),  # noqa: S106  (nobody is asked)
        )
        transport = httpx.ASGITransport(create_app(settings))
        async with httpx.AsyncClient(transport=transport, base_url="http://portal") as client:
            answer = await client.get("/api/v1/openapi.json")
    return json.dumps(answer.raise_for_status().json(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("partner-api.json").write_text(asyncio.run(rendered()), encoding="utf-8")
