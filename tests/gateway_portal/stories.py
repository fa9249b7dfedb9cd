"""Cases as the case store tells them to their own person, and that person's browser."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from envelope.tracking import mint
from gateway_portal.repository.redis import RedisStore
from gateway_portal.repository.sessions import Sessions
from gateway_portal.routes.guard import SESSION_COOKIE
from tests.gateway_portal.conftest import Answer, Portal

ME = "+989121234567"
SOMEBODY = "+989351112233"
CODE = "1234567894"
OTHER_CODE = mint(7, b"k")
SHA = "ab" * 32
LETTER = "K7QM93XDPRT4"
NOW = datetime.now(UTC)


def at(**away: float) -> str:
    """A moment from now, as JSON has it."""
    return (NOW + timedelta(**away)).isoformat()


def summary(code: str = CODE, **other: object) -> dict[str, Any]:
    """A case in a list."""
    known = {
        "tracking_code": code,
        "state": "open",
        "topic": "contribution_record",
        "section": "insurance",
        "kind": "question",
        "opened_at": "2026-11-21T08:05:00Z",
        "last_activity_at": "2026-11-21T09:05:00Z",
        "due_at": at(days=2),
        "closed_at": None,
        "awaits_person": False,
        "rating": None,
    }
    return {**known, **other}


def entry(text: str, *, us: bool = False, **other: object) -> dict[str, Any]:
    """One thing that was said."""
    known = {
        "at": "2026-11-21T08:05:00Z",
        "from": "us" if us else "you",
        "channel": "portal",
        "text": text,
        "attachments": [],
        "official": None,
    }
    return {**known, **other}


def story(code: str = CODE, **other: object) -> dict[str, Any]:
    """A case whole."""
    known = {
        "reopen_until": None,
        "aliases": [],
        "entries": [entry("سابقهٔ من کامل نیست.")],
        "steps": [{"at": "2026-11-21T08:05:00Z", "what": "opened"}],
    }
    return {**summary(code), **known, **other}


def answered(**other: object) -> dict[str, Any]:
    """A case with our answer."""
    entries = [entry("سابقهٔ من کامل نیست."), entry("فیش‌های حقوقی را به شعبه ببرید.", us=True)]
    return story(**{"state": "answered", "due_at": None, "awaits_person": True, "entries": entries, **other})


def closed(**other: object) -> dict[str, Any]:
    """A case that may still be opened again."""
    return answered(**{"state": "closed", "closed_at": at(days=-1), "reopen_until": at(days=13), **other})


def owned(*cases: dict[str, Any]) -> Answer:
    """The store's answer to `/citizen/case`: to this person alone, by code or alias."""

    def answer(body: dict[str, str]) -> object:
        for case in cases:
            if body["msisdn"] == ME and body["code"] in {case["tracking_code"], *case["aliases"]}:
                return case
        return httpx.Response(404, json={"title": "Not Found"})

    return answer


async def signed_in(portal: Portal, msisdn: str = ME) -> httpx.AsyncClient:
    """The browser of somebody who has proved this number."""
    redis = RedisStore(portal.settings.redis)
    token = await Sessions(redis, 600).begin(msisdn)
    await redis.stop()
    browser = portal.visit()
    browser.cookies.set(SESSION_COOKIE, token)
    return browser
