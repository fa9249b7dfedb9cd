"""The page of a case, and its forms when they come back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from fastapi import Request, Response

from envelope.addresses import latin_digits
from envelope.errors import PayamError
from envelope.tracking import parse
from gateway_portal.errors import NotThereError, TooManyError
from gateway_portal.handlers.following import RATINGS
from gateway_portal.pages import Pages
from gateway_portal.routes.uploading import LONGEST_TEXT, MOST_FILES
from gateway_portal.schemas import CaseState, CitizenCase, Entry

LONGEST_WORDS: Final = 1_000
"""Letters beside a rating."""
_UUID_LETTERS: Final = 36
_TOLD: Final = frozenset({"added", "rated"})
"""What the page may say after a form, by the word in its address."""


class CasePages:
    """Shows a case with its forms, filled in where they come back."""

    def __init__(self, pages: Pages, largest_file_mb: int) -> None:
        """`largest_file_mb` is told beside the files."""
        self._pages = pages
        self._largest_file_mb = largest_file_mb

    def case(
        self,
        request: Request,
        case: CitizenCase,
        *,
        typed: Mapping[str, str] | None = None,
        faults: Mapping[str, str] | None = None,
        on_its_way: Sequence[Entry] = (),
    ) -> Response:
        """The case, with what was just added to it, and what was typed and is wrong."""
        now = datetime.now(UTC)
        told = request.query_params.get("told")
        closed = case.state is CaseState.CLOSED
        reopens = closed and case.reopen_until is not None and now < case.reopen_until
        return self._pages.render(
            *(request, "cases/case.html", HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK),
            **self._form(typed or {}),
            path=f"/cases/{case.tracking_code}",
            case=case,
            on_its_way=on_its_way,
            told=told if told in _TOLD else None,
            faults=faults or {},
            now=now,
            may_add=not closed or reopens,
            reopens=reopens,
            may_rate=not case.undecided,
        )

    def told(self, request: Request, case: CitizenCase, told: str | None = None) -> Response:
        """Back to the case, which says what has happened."""
        query = {} if told is None else {"told": told}
        return self._pages.redirect(request, f"/cases/{case.tracking_code}", **query)

    def again(
        self,
        request: Request,
        typed_code: str,
        typed: Mapping[str, str],
        error: PayamError,
        *,
        rating: bool = False,
    ) -> Response:
        """The form alone, with what was typed: something is away, and nothing has happened."""
        code = parse(typed_code)
        if code is None:
            message = "no such case"
            raise NotThereError(message)
        status, seconds = HTTPStatus.SERVICE_UNAVAILABLE, 60
        if isinstance(error, TooManyError):
            status, seconds = HTTPStatus.TOO_MANY_REQUESTS, error.seconds
        return self._pages.render(
            *(request, "cases/again.html", status, {"Retry-After": str(seconds)}),
            **self._form(typed),
            path=f"/cases/{code}",
            code=code,
            rating=rating,
            faults={},
            why="too_many" if status == HTTPStatus.TOO_MANY_REQUESTS else "away",
        )

    def _form(self, typed: Mapping[str, str]) -> dict[str, Any]:
        """What a form shows again; a new one has an id, so that sent twice it is one message."""
        return {
            "form": typed.get("form", "")[:_UUID_LETTERS] or str(uuid4()),
            "text": typed.get("text", ""),
            "words": typed.get("words", ""),
            "stars": stars_of(typed),
            "ratings": RATINGS,
            "longest": LONGEST_TEXT,
            "longest_words": LONGEST_WORDS,
            "most_files": MOST_FILES,
            "largest_file_mb": self._largest_file_mb,
        }


def stars_of(typed: Mapping[str, str]) -> int | None:
    """The rating that was chosen, if it is one."""
    told = latin_digits(typed.get("stars", ""))
    return next((stars for stars in RATINGS if told == str(stars)), None)
