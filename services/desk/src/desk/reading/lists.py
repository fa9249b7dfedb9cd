"""A list of cases as an address tells it: which queue, what of it, and how the store is asked. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

SHOWS: Final[Mapping[str, Mapping[str, str]]] = {
    "undecided": {"undecided": "true", "order": "due"},
    "unclaimed": {"undecided": "true", "assignee": "none", "order": "due"},
    "overdue": {"overdue": "true", "order": "due"},
    "to_call": {"to_call": "true", "order": "due"},
    "new": {"state": "new", "order": "due"},
    "triage": {"state": "triage", "order": "due"},
    "open": {"state": "open", "order": "due"},
    "referred": {"state": "referred", "order": "due"},
    "answered": {"state": "answered"},
    "closed": {"state": "closed"},
}
"""What the chips above a list stand for, in the store's words; the first is what one sees at first."""
NARROWINGS: Final = ("kind", "topic", "channel", "province")
"""What a list may be narrowed by further."""
ALL: Final = "all"
MINE: Final = "mine"


@dataclass(frozen=True, slots=True)
class ListView:
    """One list; two with the same address are the same."""

    name: str = ALL
    """A desk, or `all`, or `mine`."""
    show: str = "undecided"
    narrowed: Mapping[str, str] = field(default_factory=dict)

    @property
    def page(self) -> str:
        """The page that it is the list of."""
        return "/mine" if self.name == MINE else "/queues"

    @property
    def shows(self) -> list[str]:
        """The chips that make sense for it."""
        return [show for show in SHOWS if not (self.name == MINE and show in {"unclaimed", "new", "triage"})]

    def asked(self) -> dict[str, str]:
        """The store's parameters."""
        told = {**SHOWS[self.show], **self.narrowed}
        if self.name == MINE:
            told["assignee"] = "me"
        elif self.name != ALL:
            told["desk"] = self.name
        return told

    def query(self, **changes: str) -> str:
        """Its address behind the `?`, with changes; an empty change leaves a thing out."""
        told = {"list": self.name, "show": self.show, **self.narrowed, **changes}
        return urlencode({name: value for name, value in told.items() if value})

    def link(self, **changes: str) -> str:
        """The address of the list, with changes."""
        page = "/mine" if changes.get("list", self.name) == MINE else "/queues"
        return f"{page}?{self.query(**changes)}"


def list_of(told: Mapping[str, str]) -> ListView | None:
    """From an address; None where it names no list."""
    return named_list(told, told["list"]) if told.get("list") else None


def named_list(told: Mapping[str, str], name: str) -> ListView:
    """From an address, of this name where it tells none."""
    name = told.get("list") or name
    show = told.get("show", "")
    narrowed = {key: told[key] for key in NARROWINGS if told.get(key)}
    return ListView(name, show if show in SHOWS else "undecided", narrowed)
