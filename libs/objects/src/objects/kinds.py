"""What a file is, told by its own bytes, and what it may be called. Pure.

What a browser or a person claims of a file counts for nothing: the type is one of a short table of signatures
or the file is refused, and the name's ending follows the type, so that a page called a picture opens as none.
"""

import re
import unicodedata
from typing import Final, NamedTuple

from objects.errors import FileRefusedError

HEAD: Final = 64
"""So many bytes from its start tell what a file is."""
LONGEST_NAME: Final = 120
"""Letters of a name that are kept."""
UNKNOWN: Final = "bin"
"""The ending of a kind of file that is not taken."""
_FALLBACK: Final = "file"
_JOINERS: Final = "\u200c\u200d"
"""Persian words need these; every other invisible letter goes."""
_RESERVED: Final = re.compile(r'[<>:"|?*]')


class Media(NamedTuple):
    """A kind of file that is taken."""

    type: str
    endings: tuple[str, ...]
    """The first one is given to a name that has none of them."""


class Signature(NamedTuple):
    """What the first bytes of a kind of file look like."""

    pattern: re.Pattern[bytes]
    media: Media


TEXT: Final = Media("text/plain", ("txt", "csv"))
_OGG: Final = Media("audio/ogg", ("ogg", "oga", "opus"))
SIGNATURES: Final = tuple(
    Signature(re.compile(pattern, re.DOTALL), media)
    for pattern, media in (
        (rb"\xff\xd8\xff", Media("image/jpeg", ("jpg", "jpeg"))),
        (rb"\x89PNG\r\n\x1a\n", Media("image/png", ("png",))),
        (rb"GIF8[79]a", Media("image/gif", ("gif",))),
        (rb"RIFF.{4}WEBP", Media("image/webp", ("webp",))),
        (rb"%PDF-\d", Media("application/pdf", ("pdf",))),
        (rb"OggS.{24}(OpusHead|\x01vorbis|Speex   |\x7fFLAC)", _OGG),
        (rb"RIFF.{4}WAVE", Media("audio/wav", ("wav",))),
        (rb"#!AMR(-WB)?\n", Media("audio/amr", ("amr", "awb"))),
        (rb".{4}ftyp(M4A |M4B )", Media("audio/mp4", ("m4a", "m4b"))),
        (
            rb"ID3[\x02-\x04]|\xff[\xe2\xe3\xf2\xf3\xfa\xfb][^\x00-\x0f\xf0-\xff]",
            Media("audio/mpeg", ("mp3",)),
        ),
    )
)
"""Every kind of file that is taken beside plain text."""


def sniff(head: bytes) -> Media | None:
    """What a file is by its first bytes; None where they are no signature that we know."""
    return next((media for pattern, media in SIGNATURES if pattern.match(head)), None)


def ending_of(media_type: str) -> str:
    """The usual ending of a type; `UNKNOWN` of one that is none of ours."""
    kinds = (*(media for _, media in SIGNATURES), TEXT)
    return next((media.endings[0] for media in kinds if media.type == media_type), UNKNOWN)


def demand_text(decoded: str) -> None:
    """Go on only if this piece of UTF-8 is text that somebody wrote.

    Raises:
        FileRefusedError: it holds control characters.
    """
    if any(unicodedata.category(letter) == "Cc" and letter not in "\t\r\n\f" for letter in decoded):
        raise refused()


def refused() -> FileRefusedError:
    """It is none of the kinds that are taken."""
    kinds = ", ".join(sorted({media.endings[0] for _, media in SIGNATURES} | {"txt"}))
    return FileRefusedError(f"this is none of the kinds of file that are taken: {kinds}")


def clean_name(claimed: str, media: Media) -> str:
    """The name to show and to save by: no path, no control or direction letters, the ending of its type."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", claimed))[-1]
    name = "".join(letter for letter in name if _shown(letter))
    name = " ".join(_RESERVED.sub("_", name).split()).strip(". " + _JOINERS)
    stem, dot, ending = name.rpartition(".")
    if not (dot and ending.lower() in media.endings):
        stem, ending = name, media.endings[0]
    stem = stem[: LONGEST_NAME - len(ending) - 1].rstrip(". ") or _FALLBACK
    return f"{stem}.{ending}"


def _shown(letter: str) -> bool:
    """Invisible letters could make a name read backwards; separators of lines could break a header."""
    if letter in _JOINERS:
        return True
    return letter.isspace() or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
