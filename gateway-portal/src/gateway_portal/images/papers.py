"""A PDF written again without what runs, what is hidden in it, and who wrote it when and with what."""

import io
from collections.abc import Iterator
from typing import IO, BinaryIO, Final, cast

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream
from pikepdf.settings import set_qpdf_limits

from gateway_portal.images.refusing import BROKEN, HUGE, LOCKED, refused
from objects.errors import FileRefusedError

_MOST_UNFOLDED: Final = 20_000_000
"""Bytes that one stream of a PDF may unfold to while it is read; pages and pictures stay folded."""
_MOST_OBJECTS: Final = 100_000
_MOST_PARTS: Final = 100_000
"""Dictionaries that are looked through; a paper of a hundred pages has some thousands."""
_DEEPEST: Final = 100
"""Of things within things."""
_OF_THE_ROOT: Final = (
    *("/OpenAction", "/Collection", "/SpiderInfo", "/Perms", "/DSS", "/Legal", "/Requirements", "/URI"),
)
_OF_THE_NAMES: Final = (
    "/JavaScript",
    "/EmbeddedFiles",
    "/Renditions",
    "/AlternatePresentations",
    "/IDS",
    "/URLS",
)
_ANYWHERE: Final = frozenset(
    (
        *("/AA", "/EF", "/AF", "/FS", "/XFA", "/JS", "/Metadata", "/PieceInfo"),
        *("/RichMediaContent", "/RichMediaSettings", "/3DD", "/Movie", "/Sound"),
    )
)
_ACTIONS: Final = frozenset(
    (
        *("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/URI"),
        *("/Rendition", "/Movie", "/Sound", "/RichMediaExecute", "/GoTo3DView"),
    )
)
_RESOURCES: Final = frozenset({"/Font", "/XObject", "/Pattern", "/ExtGState"})
"""Names of resources are chosen freely, and may be those above."""
_PICTURES: Final = frozenset({"/Image", "/Form"})
_JPEG: Final = b"\xff\xd8"
_SCAN: Final = 0xDA
_COLOURS: Final = frozenset({0xE0, 0xE2, 0xEE})
"""Segments of a JPEG that programs write and that tell its colours."""
_COMMENT: Final = 0xFE
_APPLICATIONS: Final = range(0xE0, 0xF0)


def guard_memory() -> None:
    """Bound what a hostile PDF can unfold to; for the whole process, once, before the first is read."""
    set_qpdf_limits(
        flate_max_memory=_MOST_UNFOLDED,
        run_length_max_memory=_MOST_UNFOLDED,
        png_max_memory=_MOST_UNFOLDED,
        tiff_max_memory=_MOST_UNFOLDED,
        parser_max_nesting=_DEEPEST,
        parser_max_container_size=_MOST_OBJECTS,
        doc_max_warnings=1_000,
    )


def rewritten(content: IO[bytes]) -> IO[bytes]:
    """The pages as they look, links and scripts without effect.

    Raises:
        FileRefusedError: it cannot be read, has no page, or opens with a password.
    """
    try:
        return _rewritten(content)
    except FileRefusedError:
        raise
    except pikepdf.PasswordError:
        raise refused(LOCKED) from None
    except Exception:  # noqa: BLE001  (what the library raises over hostile bytes is in no list)
        raise refused(BROKEN) from None


def _rewritten(content: IO[bytes]) -> IO[bytes]:
    written = io.BytesIO()
    with Pdf.open(cast("BinaryIO", content), suppress_warnings=True) as pdf, pikepdf.explicit_conversion():
        if pdf.is_encrypted:
            raise refused(LOCKED)
        if int(pdf.trailer.get("/Size", 0)) > _MOST_OBJECTS:
            raise refused(HUGE)
        if not len(pdf.pages):
            raise refused(BROKEN)
        _strip(pdf)
        pdf.save(
            written,
            preserve_pdfa=False,
            fix_metadata_version=False,
            # Streams go over as they are: nothing is unfolded for it.
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            deterministic_id=True,
        )
    written.seek(0)
    return written


def _strip(pdf: Pdf) -> None:
    _drop(pdf.trailer, ("/Info", "/ID"))
    _drop(pdf.Root, _OF_THE_ROOT)
    names = pdf.Root.get("/Names")
    if isinstance(names, Dictionary):
        _drop(names, _OF_THE_NAMES)
    for page in pdf.pages:
        _drop(page.obj, ("/Thumb",))
    parts = 0
    for thing in pdf.objects:
        for each in _within(thing):
            _defuse(each)
            parts += 1
            if parts > _MOST_PARTS:
                raise refused(HUGE)
        if isinstance(thing, Stream):
            _bare_picture(thing)


def _defuse(each: Object) -> None:
    """A dictionary, wherever it stands: without its hidden parts; if it acts, without anything."""
    keys = frozenset(each.keys())
    if "/S" in keys and str(each["/S"]) in _ACTIONS and not isinstance(each, Stream):
        _drop(each, tuple(keys))
    elif hidden := _ANYWHERE & keys:
        _drop(each, tuple(key for key in hidden if not _is_resource(each[key])))


def _is_resource(value: Object) -> bool:
    if not isinstance(value, (Dictionary, Stream)):
        return False
    return str(value.get("/Type", "")) in _RESOURCES or str(value.get("/Subtype", "")) in _PICTURES


def _within(thing: Object) -> Iterator[Object]:
    """The dictionaries that stand in an object itself, the outermost first."""
    waiting = [thing]
    while waiting:
        each = waiting.pop()
        if isinstance(each, (Dictionary, Stream)):
            yield each
            inner = [value for _, value in each.items()]
        elif isinstance(each, Array):
            inner = list(each)
        else:
            continue
        waiting += [
            value for value in inner if isinstance(value, (Dictionary, Array)) and not value.is_indirect
        ]


def _drop(each: Object, keys: tuple[str, ...]) -> None:
    for key in keys:
        if key in each:
            del each[key]


def _bare_picture(stream: Stream) -> None:
    """A photograph inside a PDF knows where it was taken, too."""
    if stream.get("/Filter") != Name.DCTDecode:
        return
    raw = stream.read_raw_bytes()
    bare = bare_jpeg(raw)
    parameters = stream.get("/DecodeParms")
    if len(bare) != len(raw) and not isinstance(parameters, Array):
        kept = parameters if isinstance(parameters, Dictionary) else None
        stream.write(bare, filter=Name.DCTDecode, decode_parms=kept)


def bare_jpeg(jpeg: bytes) -> bytes:
    """A JPEG without comments and the segments of programs, its pixels untouched; anything else as it is."""
    if not jpeg.startswith(_JPEG):
        return jpeg
    kept, place = [_JPEG], len(_JPEG)
    while place + 4 <= len(jpeg) and jpeg[place] == 0xFF and jpeg[place + 1] != _SCAN:  # noqa: PLR2004  (a marker)
        marker = jpeg[place + 1]
        end = place + 2 + int.from_bytes(jpeg[place + 2 : place + 4])
        if marker in _COLOURS or not (marker in _APPLICATIONS or marker == _COMMENT):
            kept.append(jpeg[place:end])
        place = end
    return b"".join((*kept, jpeg[place:]))
