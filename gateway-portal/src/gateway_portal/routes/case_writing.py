"""More to say in a case, with files, and a rating: what cannot be taken comes back in its form."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from fastapi import APIRouter, Request, Response

from bus.errors import NotAcceptedError
from envelope.models import Attachment
from gateway_portal.errors import StoreAwayError, TooManyError
from gateway_portal.handlers.enclosing import Enclosing
from gateway_portal.handlers.following import Following
from gateway_portal.pages import language_of
from gateway_portal.routes.case_pages import LONGEST_WORDS, CasePages, stars_of
from gateway_portal.routes.guard import SignedIn
from gateway_portal.routes.typed import Typed
from gateway_portal.routes.uploading import LONGEST_TEXT, MOST_FILES, TOO_LARGE, Uploaded, uploaded
from gateway_portal.words import say
from objects.errors import FileRefusedError, FileTooLargeError, ObjectsUnavailableError

_AWAY: Final = (StoreAwayError, NotAcceptedError, TooManyError)
_APART: Final = "\u2068{}\u2069"
"""A file's name must not turn the sentence around it."""
_LONGEST_NAME: Final = 60


class Files(NamedTuple):
    """What came of the files of a form."""

    kept: Sequence[Attachment]
    faults: Sequence[str]
    """In sentences."""


def build(shown: CasePages, following: Following, enclosing: Enclosing) -> APIRouter:
    """The routes under `/cases/{code}` that take something."""
    router = APIRouter(prefix="/cases")
    _adding(router, shown, following, enclosing)
    _rating(router, shown, following)
    return router


def _adding(router: APIRouter, shown: CasePages, following: Following, enclosing: Enclosing) -> None:
    @router.post("/{code}/messages")
    async def add(request: Request, person: SignedIn, code: str) -> Response:
        async with uploaded(request, enclosing.most_bytes, MOST_FILES) as told:
            typed = {name: told.get(name) for name in ("form", "text")}
            text = _lines(typed["text"])
            faults = _too_long(request, "text", text, LONGEST_TEXT)
            if not text and not told.files:
                faults["text"] = say(language_of(request), "cases.text_missing")
            try:
                case = await following.case(person, code)
                following.let_through(person)
                files = await _enclosed(request, enclosing, told)
                if told.files and (faults or files.faults):
                    again = say(language_of(request), "cases.files_again")
                    files = files._replace(faults=[*files.faults, again])
                if files.faults:
                    faults["files"] = " ".join(files.faults)
                if faults:
                    return shown.case(request, case, typed=typed, faults=faults)
                await following.add(person, case, typed["form"], text, files.kept)
            except _AWAY as error:
                return shown.again(request, code, typed, error)
        return shown.told(request, case, "added")


def _rating(router: APIRouter, shown: CasePages, following: Following) -> None:
    @router.post("/{code}/rating")
    async def rate(request: Request, person: SignedIn, code: str, typed: Typed) -> Response:
        stars, words = stars_of(typed), _lines(typed.get("words", ""))
        faults = _too_long(request, "words", words, LONGEST_WORDS)
        if stars is None:
            faults["stars"] = say(language_of(request), "cases.stars_missing")
        try:
            case = await following.case(person, code)
            if stars is None or faults:
                return shown.case(request, case, typed=typed, faults=faults)
            if case.undecided:
                return shown.told(request, case)
            following.let_through(person)
            await following.rate(person, case, typed.get("form", ""), stars, words)
        except _AWAY as error:
            return shown.again(request, code, typed, error, rating=True)
        return shown.told(request, case, "rated")


def _lines(typed: str) -> str:
    """As typed, with its lines ended as everywhere else."""
    return typed.replace("\r\n", "\n").strip()


def _too_long(request: Request, field: str, text: str, longest: int) -> dict[str, str]:
    if len(text) <= longest:
        return {}
    return {field: say(language_of(request), "cases.text_long", n=longest)}


async def _enclosed(request: Request, enclosing: Enclosing, told: Uploaded) -> Files:
    """The files, kept; where one is not taken, all are to be chosen again, and nothing is sent."""
    kept: dict[str, Attachment] = {}
    faults: list[str] = []

    def wrong(key: str, **gaps: object) -> None:
        faults.append(say(language_of(request), key, **gaps))

    if told.fault is not None:
        wrong("ask.fault.files_total" if told.fault == TOO_LARGE else "ask.fault.files_cut")
    if len(told.files) > MOST_FILES:
        wrong("cases.files_many", n=MOST_FILES)
    for file in told.files[:MOST_FILES]:
        name = _APART.format((file.filename or "")[:_LONGEST_NAME])
        try:
            attachment = await enclosing.keep(file.file)
            kept[attachment.sha256] = attachment
        except FileTooLargeError:
            wrong("ask.fault.file_large", name=name, mb=enclosing.most_bytes // 1_000_000)
        except FileRefusedError as error:
            why = "empty" if file.size == 0 else error.members.get("why", "kind")
            wrong(f"ask.fault.file_{why}", name=name)
        except ObjectsUnavailableError:
            wrong("ask.fault.files_away")
            break
    return Files([*kept.values()], faults)
