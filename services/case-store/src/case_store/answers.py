"""What we write to people by ourselves: one Jinja file a language and purpose, as short as it can be said.

Every SMS part costs money: 70 UCS-2 units are one part, 67 each from the second on. A test holds the sizes.
Whom we ring is greeted, told, and hears the tracking code twice: they have nothing to read it from.
"""

from enum import StrEnum
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.runtime import Context

from case_store.model import Case
from envelope.models import Language
from envelope.tracking import spaced
from persian.dates import gregorian, jalali
from persian.digits import persian_digits
from persian.speech import spoken

LONGEST_HEARD: Final = 900
"""The provider's own limit for a text that is read out, in characters."""


class Answer(StrEnum):
    """The name of a template, the same in every language."""

    ACKNOWLEDGEMENT = "acknowledgement"
    JOINED = "joined"
    STATUS = "status"
    NO_CASE = "no_case"
    HELP = "help"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    CLOSED = "closed"
    NOT_REACHED = "not_reached"


class Answers:
    """The templates, compiled once."""

    def __init__(self, *, reopen_days: int) -> None:
        """Compile every template; a missing or broken one shows at start."""
        environment = Environment(
            loader=PackageLoader("case_store"),
            autoescape=False,  # noqa: S701  (an SMS is plain text; markup in it is what the person wrote)
            undefined=StrictUndefined,
        )
        environment.filters["persian"] = persian_digits
        environment.filters["grouped"] = spaced
        environment.filters["jalali"] = jalali
        environment.filters["gregorian"] = gregorian
        self._environment = environment
        self._reopen_days = reopen_days
        names = (*Answer, *(f"heard/{name}" for name in (*Answer, "reply", "frame")))
        self._templates = {
            (language, str(name)): environment.get_template(f"{language}/{name}.txt")
            for language in Language
            for name in names
        }

    def write(
        self, answer: Answer, language: Language, case: Case | None = None, *, shown: str | None = None
    ) -> str:
        """The text as the person will read it; `shown` is the code they were shown, if not the case's own."""
        return self._filled(language, answer, case=case, code=shown or (case and case.tracking_code))

    def say(
        self, answer: Answer, language: Language, case: Case | None = None, *, shown: str | None = None
    ) -> str:
        """The same, as it is given to a voice that rings the person."""
        code = shown or (case.tracking_code if case else None)
        return self._framed(language, self._filled(language, f"heard/{answer}", case=case, code=code), code)

    def read_out(self, reply: str, case: Case) -> str:
        """A reply that somebody wrote, as it is given to a voice; it may come out longer than may be read."""
        text = self._filled(case.language, "heard/reply", text=reply)
        return self._framed(case.language, text, case.tracking_code)

    def _framed(self, language: Language, text: str, code: str | None) -> str:
        return spoken(self._filled(language, "heard/frame", text=text, code=code), language)

    def _filled(self, language: Language, name: str, **told: object) -> str:
        template = self._templates[language, name]
        # A context without Jinja's own globals: copying them in is most of the price of a short text.
        context = Context(self._environment, {**told, "reopen_days": self._reopen_days}, template.name, {})
        return "".join(template.root_render_func(context)).strip()
