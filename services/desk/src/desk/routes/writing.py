"""Sends what a form says to the store; what the store refuses comes back onto the form, not over it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from desk.errors import ChangedError, InvalidError, TakenError
from desk.forms import Form

Send = Callable[[], Awaitable[Any]]


class Taken(NamedTuple):
    """What a 409 means here: this field holds something that somebody else has already."""

    field: str
    sentence: str


async def written(
    form: Form, send: Send, *, refusals: Mapping[str, str] | None = None, taken: Taken | None = None
) -> Any | None:  # noqa: ANN401  (the store's JSON)
    """The store's answer; None where something is wrong, which then stands on the form.

    Args:
        form: As typed and read; nothing is sent while it has faults.
        send: The call.
        refusals: Field → our sentence for what the store finds wrong with it.
        taken: What a 409 means; without it, that things changed meanwhile.
    """
    if not form.right:
        return None
    try:
        return await send()
    except InvalidError as error:
        form.refused(error.faults, refusals)
    except ChangedError:
        form.changed = True
    except TakenError:
        if taken:
            form.wrong(*taken)
        form.changed = taken is None
    return None
