"""The forms of partners: themselves, their keys, where they are told. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from desk.forms import Form
from desk.typed import typed_number

SCOPES: Final = ("messages:write", "messages:vouch", "cases:read", "cases:cancel", "webhooks:manage")
TYPES: Final = (
    *("opened", "referred", "answered", "waiting"),
    *("closed", "reopened", "withdrawn", "official-reply"),
)
"""Of the events that a partner is told; the store calls them `ir.payam.case.…`."""
OVERLAPS: Final[Mapping[str, timedelta]] = {
    "now": timedelta(),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}
"""How long a key that is taken back is still good, as the page offers it."""
_PREFIX: Final = "ir.payam.case."
_TICKED: Final = "yes"
_LONGEST_NAME: Final = 100
_MOST: Final = 10_000_000
_MOST_DAYS: Final = 3_650


def read_made(form: Form) -> dict[str, object]:
    """The body of a new partner."""
    return {"id": form.text("id", most=40), **_told(form)}


def read_change(form: Form) -> dict[str, object]:
    """The body of a change: everything that the form shows."""
    return {**_told(form), "state": "active" if form["active"] == _TICKED else "suspended"}


def typed_of(partner: Mapping[str, Any]) -> dict[str, str]:
    """A partner as the form shows it."""
    told = {name: str(partner[name]) for name in ("name", "per_minute", "per_day", "version")}
    return told | ({"active": _TICKED} if partner["state"] == "active" else {})


def read_key(form: Form, now: datetime) -> dict[str, object]:
    """The body of a new key."""
    scopes = [scope for scope in SCOPES if form[f"scope_{scope}"] == _TICKED]
    if not scopes:
        form.wrong("scopes", "partners.scopes_missing")
    days = (
        form.read("days", partial(typed_number, least=1, most=_MOST_DAYS)) if form["days"].strip() else None
    )
    return {
        "label": form.text("label", most=_LONGEST_NAME),
        "scopes": scopes,
        "sandbox": form["sandbox"] == _TICKED,
        "expires_at": (now + timedelta(days=days)).isoformat() if days else None,
    }


def read_revocation(form: Form, now: datetime) -> dict[str, object]:
    """When a key ends, of what the page offers; at once if it offers no such time."""
    left = OVERLAPS.get(form["when"], timedelta())
    return {"at": (now + left).isoformat() if left else None}


def read_webhook(form: Form) -> dict[str, object]:
    """The body of a new endpoint."""
    return {
        "url": form.text("url", most=2_000),
        "types": [_PREFIX + name for name in TYPES if form[f"type_{name}"] == _TICKED],
        "sandbox": form["sandbox"] == _TICKED,
    }


def shown_type(kind: str) -> str:
    """`ir.payam.case.opened` → `opened`; `ir.payam.webhook.test` → `test`."""
    return kind.rsplit(".", 1)[-1]


def _told(form: Form) -> dict[str, object]:
    quota = partial(typed_number, least=1, most=_MOST)
    return {
        "name": form.text("name", most=_LONGEST_NAME),
        "per_minute": form.read("per_minute", quota),
        "per_day": form.read("per_day", quota),
    }
