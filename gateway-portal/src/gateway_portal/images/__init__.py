"""Files that people send, made anew so that only what is meant to be seen goes on.

A picture is drawn again from its pixels: no place, no camera, no tail, one frame. A PDF is written again
without what runs, what is hidden in it, and who wrote it. Sound and text stay as they are. What
cannot be read is refused, with its reason in `why`.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import IO, Final

from gateway_portal.images.papers import guard_memory, rewritten
from gateway_portal.images.pictures import redrawn

_CLEANERS: Final[Mapping[str, Callable[[IO[bytes]], IO[bytes]]]] = {
    "image/jpeg": partial(redrawn, form="JPEG"),
    "image/png": partial(redrawn, form="PNG"),
    "image/webp": partial(redrawn, form="WEBP"),
    "image/gif": partial(redrawn, form="GIF"),
    "application/pdf": rewritten,
}

__all__ = ["cleaned", "guard_memory"]


def cleaned(content: IO[bytes], media_type: str) -> IO[bytes]:
    """The same file without what nobody meant to send; itself, where there is nothing to clean.

    Raises:
        FileRefusedError: it cannot be read, is locked, or unfolds into far more than it looks.
    """
    cleaner = _CLEANERS.get(media_type)
    return content if cleaner is None else cleaner(content)
