"""A picture drawn again from its pixels: what stood beside and behind them is left out."""

import io
from collections.abc import Mapping
from typing import IO, Any, Final

from PIL import Image, ImageOps

from gateway_portal.images.refusing import BROKEN, HUGE, refused
from objects.errors import FileRefusedError

MOST_PIXELS: Final = 40_000_000
"""More than any telephone takes, and little enough to be held in memory."""
_MOST_SCANS: Final = 200
"""A JPEG comes in a dozen at most; each is a pass over all pixels."""
_SCAN: Final = b"\xff\xda"
_SAVED: Final[Mapping[str, Mapping[str, Any]]] = {
    "JPEG": {"quality": 88},
    "PNG": {},
    "WEBP": {"quality": 88},
    "GIF": {},
}
_JPEG_MODES: Final = frozenset({"L", "RGB"})


def redrawn(content: IO[bytes], form: str) -> IO[bytes]:
    """The first frame, upright, in the same form.

    Raises:
        FileRefusedError: it cannot be drawn.
    """
    try:
        return _redrawn(content, form)
    except FileRefusedError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise refused(HUGE) from None
    except Exception:  # noqa: BLE001  (what decoders raise over hostile bytes is in no list)
        raise refused(BROKEN) from None


def _redrawn(content: IO[bytes], form: str) -> IO[bytes]:
    if form == "JPEG":
        if content.read().count(_SCAN) > _MOST_SCANS:
            raise refused(HUGE)
        content.seek(0)
    with Image.open(content, formats=(form,)) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise refused(HUGE)
        ImageOps.exif_transpose(picture, in_place=True)
        # What is left here would be written again: comments, profiles, the place.
        kept = {"transparency": picture.info["transparency"]} if "transparency" in picture.info else {}
        drawn: Image.Image = picture
        if form == "JPEG" and picture.mode not in _JPEG_MODES:
            drawn, kept = picture.convert("RGB"), {}
        drawn.info.clear()
        drawn.info.update(kept)
        written = io.BytesIO()
        drawn.save(written, form, **_SAVED[form])
    written.seek(0)
    return written
