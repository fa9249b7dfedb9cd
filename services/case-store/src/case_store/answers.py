"""What we write to people by ourselves: one Jinja file a language and purpose, as short as it can be said.

Every SMS part costs money: 70 UCS-2 units are one part, 67 each from the second on. A test holds the sizes.
"""

from enum import StrEnum

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.runtime import Context

from case_store.model import Case
from envelope.models import Language
from envelope.tracking import spaced
from persian.dates import gregorian, jalali
from persian.digits import persian_digits


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
        self._templates = {
            (language, answer): environment.get_template(f"{language}/{answer}.txt")
            for language in Language
            for answer in Answer
        }

    def write(
        self, answer: Answer, language: Language, case: Case | None = None, *, shown: str | None = None
    ) -> str:
        """The text as the person will read it; `shown` is the code they were shown, if not the case's own."""
        template = self._templates[language, answer]
        # A context without Jinja's own globals: copying them in is most of the price of a short text.
        context = Context(
            self._environment,
            {"case": case, "code": shown or (case and case.tracking_code), "reopen_days": self._reopen_days},
            template.name,
            {},
        )
        return "".join(template.root_render_func(context)).strip()
