"""What was typed into a small form; a big one is not read to its end."""

from typing import Annotated, Final
from urllib.parse import parse_qs

from fastapi import Depends, Request

from gateway_portal.errors import TooLongError

LONGEST: Final = 64 * 1024
"""Bytes of a form without files: the longest message in Persian, percent-encoded, and all beside it."""
_MOST_FIELDS: Final = 40


async def typed(request: Request) -> dict[str, str]:
    """The fields as typed; NUL, which no database holds, left out.

    Raises:
        TooLongError: more than a form of ours can hold.
    """
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST or body.count(b"&") >= _MOST_FIELDS:
            message = "more was sent than the form can hold"
            raise TooLongError(message)
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    return {name: values[0].replace("\0", "") for name, values in fields.items()}


Typed = Annotated[dict[str, str], Depends(typed)]
"""A route's parameter."""
