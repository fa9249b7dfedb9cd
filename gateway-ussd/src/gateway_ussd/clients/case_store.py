"""The case store, asked for what a person may see at a phone: their own cases, and the standard answers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import httpx

from chassis.turns import InTurns
from envelope.taxonomy import SECTION_OF, Topic
from gateway_ussd.clients.calls import Calls
from gateway_ussd.clients.source import Asked, Source, refused
from minting.settings import CaseStoreSettings
from persian.dates import gregorian, jalali
from persian.digits import persian_digits

_LONGEST_WAIT: Final = 10.0
_MOST_CASES: Final = 5
_MOST_ANSWERS: Final = 200
_STATES: Final[Mapping[str, Mapping[str, str]]] = {
    "fa": {
        "new": "در نوبت بررسی",
        "triage": "در نوبت بررسی",
        "open": "در دست بررسی",
        "referred": "در دست بررسی",
        "answered": "پاسخ داده شد",
        "closed": "بسته شد",
    },
    "en": {
        "new": "waiting for review",
        "triage": "waiting for review",
        "open": "under review",
        "referred": "under review",
        "answered": "answered",
        "closed": "closed",
    },
}
"""The store's states in the words of its own text messages."""


class MyCase:
    """How a case stands, told to nobody but the number it belongs to."""

    name = "my_case"
    fresh_seconds = 10.0
    stale_seconds = 60.0
    shared = False

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def key(self, asked: Asked) -> str:
        """The person is part of the question."""
        return "\0".join((asked.msisdn, asked.arguments.get("code", ""), asked.language))

    async def fetch(self, asked: Asked) -> Mapping[str, Any]:
        """`{state, words, due}`; empty for an unknown code and for another person's alike."""
        case = await self._calls.ask("GET", f"/api/v1/cases/{asked.arguments.get('code', '')}")
        if case is None:
            return {}
        try:
            addresses = [address["value"] for address in case["person"]["addresses"]]
            if asked.msisdn not in addresses:
                return {}
            return {
                "state": case["state"],
                "words": _STATES[asked.language][case["state"]],
                "due": _day(case["due_at"], asked.language),
            }
        except (KeyError, TypeError, ValueError) as error:
            raise refused(self.name, type(error).__name__) from None

    def pick(self, found: Mapping[str, Any], asked: Asked) -> Mapping[str, Any]:  # noqa: ARG002  (nothing to choose)
        """All of it."""
        return found


class MyCases:
    """The last cases of a number."""

    name = "my_cases"
    fresh_seconds = 10.0
    stale_seconds = 60.0
    shared = False

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def key(self, asked: Asked) -> str:
        """The person is the question."""
        return f"{asked.msisdn}\0{asked.language}"

    async def fetch(self, asked: Asked) -> Mapping[str, Any]:
        """`{cases: [{code, words}]}`, the newest first; empty for somebody who never wrote."""
        person = await self._calls.ask("POST", "/api/v1/contacts/search", {"address": asked.msisdn})
        if person is None:
            return {}
        try:
            query = f"contact={person['merged_into'] or person['id']}&limit={_MOST_CASES}"
            page = await self._calls.ask("GET", f"/api/v1/cases?{query}") or {"cases": []}
            states = _STATES[asked.language]
            cases = [
                {"code": case["tracking_code"], "words": states[case["state"]]} for case in page["cases"]
            ]
        except (KeyError, TypeError) as error:
            raise refused(self.name, type(error).__name__) from None
        return {"cases": cases} if cases else {}

    def pick(self, found: Mapping[str, Any], asked: Asked) -> Mapping[str, Any]:  # noqa: ARG002  (nothing to choose)
        """All of it."""
        return found


class Answers:
    """The standard answers of a section, those used most first; all sections are one question."""

    name = "answers"
    fresh_seconds = 60.0
    stale_seconds = 86_400.0
    shared = True

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def key(self, asked: Asked) -> str:
        """The language; the section is picked from the whole."""
        return asked.language

    async def fetch(self, asked: Asked) -> Mapping[str, Any]:
        """`{section: {answers: [{title, text}]}}`."""
        query = f"state=approved&language={asked.language}&limit={_MOST_ANSWERS}"
        page = await self._calls.ask("GET", f"/api/v1/answers?{query}") or {"answers": []}
        try:
            return dict(_by_section(page["answers"]))
        except (KeyError, TypeError, ValueError) as error:
            raise refused(self.name, type(error).__name__) from None

    def pick(self, found: Mapping[str, Any], asked: Asked) -> Mapping[str, Any]:
        """Of one section; empty where it has none."""
        section: Mapping[str, Any] = found.get(asked.arguments.get("section", ""), {})
        return section


def case_store(settings: CaseStoreSettings, transport: httpx.AsyncBaseTransport | None = None) -> Calls:
    """The connections to the case store."""
    http = httpx.AsyncClient(
        base_url=str(settings.url),
        headers={"Authorization": f"Bearer {settings.token.get_secret_value()}"},
        timeout=_LONGEST_WAIT,
        transport=transport or InTurns(),
    )
    return Calls("case-store", http)


def sources_of(calls: Calls) -> Sequence[Source]:
    """What the case store is asked."""
    return MyCase(calls), MyCases(calls), Answers(calls)


def _by_section(answers: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    offered = sorted((each for each in answers if each["offered"]), key=lambda each: -each["uses"])
    for section in set(SECTION_OF.values()):
        fitting = [
            {"title": each["title"], "text": each["text"]}
            for each in offered
            if SECTION_OF[Topic(each["topic"])] is section
        ]
        if fitting:
            yield section.value, {"answers": fitting}


def _day(moment: str | None, language: str) -> str:
    if moment is None:
        return ""
    due = datetime.fromisoformat(moment)
    return persian_digits(jalali(due)) if language == "fa" else gregorian(due)
