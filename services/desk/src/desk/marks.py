"""The small pieces that stand a hundred times on a page: functions, for a macro of Jinja's costs more.

Templates reach them as `mark.icon("inbox")`; larger pieces are macros in `macros.html`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from markupsafe import Markup, escape

from desk.reading import moments
from desk.words import say
from envelope.tracking import spaced
from persian.digits import persian_digits

_CHANNEL_ICONS: Final[Mapping[str, str]] = {
    "sms": "smartphone",
    "ussd": "hash",
    "voice": "mic",
    "portal": "globe",
    "api": "link",
    "phone": "phone",
    "in_person": "store",
}
_CHOSEN: Final = Markup(" selected")


@dataclass(frozen=True)
class Marks:
    """In one language."""

    language: str
    icons: str
    """The address of the sheet of icons."""

    def icon(self, name: str, *, flip: bool = False) -> Markup:
        """An icon of the sheet; `flip` turns it round where one reads from the right."""
        return _icon(self.icons, name, flip)

    def channel_icon(self, channel: str) -> Markup:
        """The icon of a channel."""
        return _icon(self.icons, _CHANNEL_ICONS.get(channel, "message"), flip=False)

    def code(self, value: str) -> Markup:
        """A tracking code as people read it."""
        shown = spaced(value)
        return Markup('<bdi class="code" dir="ltr">{}</bdi>').format(
            shown if self.language == "en" else persian_digits(shown)
        )

    def moment(self, value: str) -> Markup:
        """A moment of the store's; the whole of it as a tooltip."""
        return Markup(  # noqa: S704  (every part is escaped)
            f'<time datetime="{escape(value)}" title="{moments.whole(value, self.language)}">'
            f"{moments.when(value, self.language)}</time>"
        )

    def due(self, value: str | None, *, paused: bool = False) -> Markup:
        """A deadline that ticks: the words are right at once, and the script keeps them so."""
        if value:
            return Markup(  # noqa: S704  (every part is escaped)
                f'<time class="due {moments.pressing(value)}" datetime="{escape(value)}"'
                f' title="{moments.whole(value, self.language)}" data-ticking>'
                f"{self.icon('clock')}<span>{moments.left(value, self.language)}</span></time>"
            )
        if paused:
            waiting = escape(say(self.language, "common.waiting"))
            return Markup(f'<span class="due none">{self.icon("hourglass")}<span>{waiting}</span></span>')  # noqa: S704
        return Markup("")

    def state(self, value: str) -> Markup:
        """How a case stands."""
        return _state(self.language, value)

    def tag(self, words: str, tone: str = "plain", icon: str = "") -> Markup:
        """A word on a coloured ground."""
        shown = self.icon(icon) if icon else ""
        return Markup(f'<span class="tag {escape(tone)}">{shown}{escape(words)}</span>')  # noqa: S704  (escaped)

    def options(self, offered: Iterable[tuple[str, str]], chosen: object) -> Markup:
        """What a select offers, as (value, words)."""
        one = Markup('<option value="{}"{}>{}</option>')
        return Markup().join(
            one.format(value, Markup(" selected") if value == chosen else "", words)
            for value, words in offered
        )


@cache
def _icon(sheet: str, name: str, flip: bool) -> Markup:  # noqa: FBT001  (a key of the cache)
    return Markup(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
    ).format(" flip" if flip else "", sheet, name)


@cache
def _state(language: str, value: str) -> Markup:
    return Markup('<span class="tag state-{}">{}</span>').format(
        value, say(language, f"common.state.{value}")
    )
