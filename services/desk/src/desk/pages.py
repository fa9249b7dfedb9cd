"""Every page the desk shows: a template, in the reader's language and theme, with what all pages know."""

import time
from collections.abc import Callable, Hashable, Mapping
from enum import StrEnum
from functools import cache, lru_cache, partial
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment
from markupsafe import Markup

from chassis.pages import static_folder, static_url, templates
from desk.marks import Marks
from desk.navigation import menu
from desk.reading import hearing, moments, office
from desk.settings import DeskSettings
from desk.words import LANGUAGES, phrase, words
from envelope.models import Channel, DeliveryState
from envelope.taxonomy import Audience, Kind, Section, Topic
from envelope.tracking import spaced
from persian.digits import counted, persian_digits
from persian.words import PROVINCES, word

LANGUAGE_COOKIE: Final = "payam_language"
THEME_COOKIE: Final = "payam_theme"
_FLASH_COOKIE: Final = "payam_told"
THEMES: Final = ("auto", "light", "dark")
_KEPT: Final = 4_096
"""Parts rendered and kept; a row has some 1.5 kB, and all who look at one queue read the same rows."""
_TERMS: Final[Mapping[str, type[StrEnum]]] = {
    "audience": Audience,
    "channel": Channel,
    "delivery": DeliveryState,
    "kind": Kind,
    "section": Section,
    "topic": Topic,
}
_HEADERS: Final = {"Referrer-Policy": "same-origin"}
"""Else a browser without Sec-Fetch-Site tells no origin either, and its forms would be refused."""


class Pages:
    """Renders; one environment a language, so that filters and macros speak it."""

    def __init__(self, settings: DeskSettings) -> None:
        """Read all templates' surroundings once."""
        self.settings = settings
        self._environments = {language: _environment(language) for language in LANGUAGES}

    def render(self, request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:  # noqa: ANN401
        """A template with its context; everywhere also: `staff places theme path menu told settings`.

        A sentence left by `redirect(told=…)` is shown once and forgotten.
        """
        desk = getattr(request.state, "desk", None)
        language = language_of(request)
        told = request.cookies.get(_FLASH_COOKIE, "")
        known = {
            "path": request.url.path,
            "places": getattr(request.state, "places", None),
            "settings": self.settings,
            "staff": desk.staff if desk else None,
            "theme": request.cookies.get(THEME_COOKIE, "auto"),
            "told": told if told in words(language) else "",
            "menu": menu(desk.staff, request.url.path) if desk else (),
        }
        html = self._environments[language].get_template(template).render({**known, **context})
        response = HTMLResponse(html, status, headers=_HEADERS)
        if told:
            response.delete_cookie(_FLASH_COOKIE)
        return response

    def redirect(self, to: str, told: str = "") -> RedirectResponse:
        """After a form: 303 to a page of ours, which then says the sentence with the key `told`."""
        response = RedirectResponse(to, 303)
        if told:
            response.set_cookie(_FLASH_COOKIE, told, max_age=60, httponly=True, samesite="strict")
        return response


def language_of(request: Request) -> str:
    """What the reader chose on this machine, else what their account says, else Persian."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    desk = getattr(request.state, "desk", None)
    return desk.staff.language if desk and desk.staff.language in LANGUAGES else "fa"


def wants(request: Request, target: str) -> bool:
    """Whether htmx asks for the part with this id alone."""
    return request.headers.get("hx-target") == target


@cache  # templates are compiled once a process, however many apps it makes
def _environment(language: str) -> Environment:
    filters: dict[str, Callable[..., object]] = {
        "when": partial(moments.when, language=language),
        "when_day": partial(moments.when_day, language=language),
        "whole": partial(moments.whole, language=language),
        "left": partial(moments.left, language=language),
        "pressing": moments.pressing,
        "sureness": hearing.sureness,
        "suggests": hearing.suggests,
    }
    if language == "en":
        filters |= {"digits": str, "counted": lambda number: f"{number:,}", "grouped": spaced}
    else:
        filters |= {"counted": counted, "grouped": lambda code: persian_digits(spaced(code))}
    environment = templates("desk", filters | office.filters(language))
    icons = static_url("vendor/icons.svg", static=static_folder("desk"))
    environment.globals |= {
        "fixed": _fixing(environment),
        "this_minute": lambda: int(time.time() // 60),
        "mark": Marks(language, icons),
        "language": language,
        "direction": "rtl" if language == "fa" else "ltr",
        "t": partial(phrase, language),
        "has_words": words(language).__contains__,
        "term": partial(_term, language),
        "terms": {name: list(kind) for name, kind in _TERMS.items()},
        "provinces": PROVINCES,
        "choices": partial(_choices, language),
        "topics_of_sections": office.TOPICS_OF,
    }
    return environment


def _fixing(environment: Environment) -> Callable[..., Markup]:
    """`fixed("_part.html", a="1")`: a part that shows nothing but what it is told, once for each telling."""

    @lru_cache(maxsize=_KEPT)
    def fixed(template: str, **told: Hashable) -> Markup:
        return Markup(environment.get_template(template).render(told))  # noqa: S704  (a template of ours)

    return fixed


def _choices(language: str, name: str) -> list[tuple[str, str]]:
    """What a select offers: every value of a term with its words, or every province."""
    if name == "province":
        return [(province, province) for province in PROVINCES]
    return [(value, word(value, language)) for value in _TERMS[name]]


def _term(language: str, kind: str, value: str) -> str:
    try:
        return word(_TERMS[kind](value), language)
    except (KeyError, ValueError):
        return value
