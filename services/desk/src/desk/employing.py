"""The form of a member of the staff: a tick for each role and unit. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from desk.forms import Form
from envelope.addresses import latin_digits

ROLES: Final = ("agent", "expert", "liaison", "supervisor", "administrator", "auditor")
_TICKED: Final = "yes"
_EXTENSION: Final = re.compile(r"[0-9]{2,10}")


def read_employed(form: Form, units: Iterable[str]) -> dict[str, object]:
    """The body of somebody new."""
    return {"username": form.text("username", most=60), **_told(form, units)}


def read_change(form: Form, units: Iterable[str]) -> dict[str, object]:
    """The body of a change: everything that the form shows."""
    return {**_told(form, units), "active": form["active"] == _TICKED}


def typed_of(member: Mapping[str, Any]) -> dict[str, str]:
    """Somebody as the form shows them."""
    told_extension = {"extension": member.get("extension") or ""}
    ticks = [f"role_{role}" for role in member["roles"]] + [f"unit_{unit}" for unit in member["units"]]
    told = {name: str(member[name]) for name in ("username", "name", "language", "version")}
    return (
        told
        | told_extension
        | dict.fromkeys(ticks, _TICKED)
        | ({"active": _TICKED} if member["active"] else {})
    )


def _told(form: Form, units: Iterable[str]) -> dict[str, object]:
    roles = [role for role in ROLES if form[f"role_{role}"] == _TICKED]
    if not roles:
        form.wrong("roles", "organisation.roles_missing")
    extension = latin_digits(form["extension"]).strip()
    if extension and not _EXTENSION.fullmatch(extension):
        form.wrong("extension", "organisation.extension_wrong")
    return {
        "extension": extension or None,
        "name": form.text("name", most=100),
        "roles": roles,
        "units": [unit for unit in units if form[f"unit_{unit}"] == _TICKED],
        "language": form["language"] or "fa",
    }
