"""What several routes of the API take: an idempotency key, a version, a page, a tracking code."""

import re
from typing import Annotated, Final

from fastapi import Header, Path, Query, Request

from chassis.problems import Problem
from envelope.tracking import parse
from gateway_portal.errors import ChangedError, NotThereError
from gateway_portal.routes.api.problems import MALFORMED_KEY

_KEY: Final = re.compile(
    r'"(?P<quoted>[\x20\x21\x23-\x5b\x5d-\x7e]{1,200})"|(?P<bare>[\x21\x23-\x7e]{1,200})'
)
_TAG: Final = re.compile(r'"([0-9]{1,18})"')
_LONGEST: Final = 40

Limit = Annotated[int, Query(ge=1, le=200, description="Rows a page.")]
Cursor = Annotated[
    str | None, Query(min_length=1, max_length=100, description="`next_cursor` of the page before.")
]
OwnName = Annotated[
    str | None,
    Query(min_length=1, max_length=100, description="Only what you handed in under this `reference`."),
]
Code = Annotated[
    str,
    Path(
        max_length=_LONGEST,
        description="As the receipt gave it. Persian digits, spaces and dashes are taken.",
        examples=["1234567894"],
    ),
]
IfNoneMatch = Annotated[str | None, Header(description="The ETag you know: 304 if it still holds.")]
IfMatch = Annotated[str | None, Header(description="The ETag you read: 412 if it has changed since.")]


def idempotency_key(request: Request) -> str:
    """The key, quoted as a structured header or not.

    Raises:
        Problem: there is none, more than one, or none that can be read (400).
    """
    given = request.headers.getlist("idempotency-key")
    key = _KEY.fullmatch(given[0].strip()) if len(given) == 1 else None
    if key is None:
        title = "An idempotency key is needed" if not given else "The idempotency key is malformed"
        words = "Send `Idempotency-Key` with 1 to 200 visible ASCII characters, quoted or not."
        raise Problem(400, title, words, type=MALFORMED_KEY)
    return str(key["quoted"] or key["bare"])


def code_of(typed: str) -> str:
    """A tracking code however it was typed.

    Raises:
        NotThereError: it is none, so there is nothing under it.
    """
    code = parse(typed)
    if code is None:
        message = "there is no such submission of yours"
        raise NotThereError(message)
    return code


def tag_of(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def holds(if_none_match: str | None, version: int) -> bool:
    """Whether what the caller knows is what there is."""
    if if_none_match is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or tag_of(version) in tags


def version_of(if_match: str | None) -> int | None:
    """`"7"` → 7; `*` and nothing → None.

    Raises:
        ChangedError: it is no ETag of ours.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tag = _TAG.fullmatch(if_match.strip())
    if tag is None:
        message = "If-Match takes the ETag of a case as you read it"
        raise ChangedError(message)
    return int(tag[1])
