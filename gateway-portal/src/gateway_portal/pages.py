"""Every page the portal shows: a template in the reader's language, with what all pages know.

The language is in the address (`?lang=en`), so that no page needs a cookie for it; `to("/ask")` in a template
keeps it from page to page, in links and in the actions of forms.
"""

from collections.abc import Mapping
from functools import cache, partial
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment

from chassis.pages import templates
from envelope.models import Language
from envelope.taxonomy import SECTION_OF, Kind, Section, Topic
from envelope.tracking import spaced
from gateway_portal.words import LANGUAGES, phrase
from persian import dates
from persian.digits import counted, persian_digits
from persian.words import PROVINCES, word

_HEADERS: Final = {"Referrer-Policy": "same-origin"}
"""Else a browser without Sec-Fetch-Site tells no origin either, and its forms would be refused."""


class Pages:
    """Renders; one environment a language, so that filters and macros speak it."""

    def __init__(self) -> None:
        """Read all templates' surroundings once."""
        self._environments = {language: _environment(language) for language in LANGUAGES}

    def render(
        self,
        request: Request,
        template: str,
        status: int = HTTPStatus.OK,
        headers: Mapping[str, str] | None = None,
        **context: Any,  # noqa: ANN401  (for the template)
    ) -> HTMLResponse:
        """A template with its context; everywhere also: `path`, `query`, `person` (E.164 or None)."""
        language = language_of(request)
        known = {
            "path": request.url.path,
            "query": {name: value for name, value in request.query_params.items() if name != "lang"},
            "person": getattr(request.state, "person", None),
        }
        html = self._environments[language].get_template(template).render({**known, **context})
        return HTMLResponse(html, status, {**_HEADERS, **(headers or {})})

    def redirect(self, request: Request, path: str, **query: str) -> RedirectResponse:
        """After a form: 303 to a page of ours, in the same language."""
        return RedirectResponse(address(language_of(request), path, **query), HTTPStatus.SEE_OTHER)


def language_of(request: Request) -> Language:
    """What the address asks for, else Persian."""
    return Language.EN if request.query_params.get("lang") == Language.EN else Language.FA


def address(language: str, path: str, /, **query: str) -> str:
    """A path with its query, in a language."""
    told = {**query, **({"lang": "en"} if language == Language.EN else {})}
    return f"{path}?{urlencode(told)}" if told else path


@cache  # templates are compiled once a process, however many apps it makes
def _environment(language: str) -> Environment:
    persian = language == Language.FA
    filters = {
        "digits": persian_digits if persian else str,
        "counted": counted if persian else "{:,}".format,
        "grouped": (lambda code: persian_digits(spaced(code))) if persian else spaced,
        "day": dates.jalali_long if persian else dates.gregorian,
    }
    environment = templates("gateway_portal", filters)
    environment.globals |= {
        "language": language,
        "direction": "rtl" if persian else "ltr",
        "other": Language.EN if persian else Language.FA,
        "t": partial(phrase, language),
        "to": partial(address, language),
        "in_language": address,
        "term": lambda value: word(value, Language(language)),
        "kinds": list(Kind),
        "sections": list(Section),
        "topics_of": {
            section: [topic for topic in Topic if SECTION_OF[topic] is section] for section in Section
        },
        "provinces": PROVINCES,
    }
    return environment
