"""The form of a push, read from disk: its audio to a file of its own, its facts as ours."""

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final, NoReturn

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from envelope.addresses import latin_digits, parse_msisdn
from gateway_voice.errors import UnreadableError
from gateway_voice.metrics import CALLERS_UNKNOWN
from gateway_voice.model import Recording
from objects.disk import Disk

PROVIDER: Final = "pbx"
_AUDIO: Final = "audio"
_FIELDS: Final = frozenset({"caller", "called", "at", "id"})
_PIECE: Final = 256 * 1024
_LONGEST_FIELD: Final = 200
"""Bytes."""
_LONGEST_LINE: Final = 20
_OF_A_LINE: Final = frozenset("+0123456789*#")
_WITHHELD: Final = frozenset({"", "anonymous", "unknown", "unavailable", "private", "withheld", "restricted"})
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)


def read_form(content_type: str, body: Path, audio: Path, disk: Disk) -> Recording:
    """The recording that a form holds, its audio at `audio`.

    Raises:
        UnreadableError: the form is not as documented.
    """
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        _refuse("send it as multipart/form-data")
    with ExitStack() as stack:
        parts = _Parts(stack.enter_context(disk.write(audio)))
        try:
            parser = MultipartParser(boundary, parts.callbacks())  # type: ignore[arg-type]  # its own TypedDict
            with disk.read(body) as content:
                while piece := content.read(_PIECE):
                    parser.write(piece)
            parser.finalize()
        except FormParserError:
            _refuse("the form is broken")
    if not parts.ended:
        _refuse("the form was cut off")
    if not parts.has_audio:
        _refuse("there must be a file in the field `audio`")
    return _recording(parts.texts, audio)


class _Parts:
    """Takes the parser's calls, and holds what came."""

    def __init__(self, audio: IO[bytes]) -> None:
        self.texts: dict[str, bytearray] = {}
        self.has_audio = False
        self.ended = False
        self._audio = audio
        self._name = ""
        self._header, self._value = bytearray(), bytearray()

    def callbacks(self) -> Mapping[str, object]:
        """By the names that the parser has for them."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._named,
            "on_part_data": self._take,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._name = ""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._value))
            self._name = options.get(b"name", b"").decode("ascii", "replace")
        self._header.clear()
        self._value.clear()

    def _named(self) -> None:
        if self._name == _AUDIO and not self.has_audio:
            self.has_audio = True
        elif self._name in _FIELDS and self._name not in self.texts:
            self.texts[self._name] = bytearray()
        else:
            _refuse("a field has no name, is none of ours, or came twice")

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._name == _AUDIO:
            self._audio.write(data[start:end])
            return
        text = self.texts[self._name]
        text += data[start:end]
        if len(text) > _LONGEST_FIELD:
            _refuse(f"the field `{self._name}` is longer than {_LONGEST_FIELD} bytes")

    def _end(self) -> None:
        self.ended = True


def _recording(sent: Mapping[str, bytearray], audio: Path) -> Recording:
    texts = {name: _text(name, raw) for name, raw in sent.items()}
    if missing := sorted(_FIELDS - texts.keys()):
        _refuse(f"missing: {', '.join(missing)}")
    if not texts["id"]:
        _refuse("the field `id` is empty")
    return Recording(
        provider=PROVIDER,
        id=texts["id"],
        audio=audio,
        caller=_caller(texts["caller"]),
        called=_called(texts["called"]),
        at=_time(texts["at"]),
    )


def _text(name: str, raw: bytearray) -> str:
    try:
        text = raw.decode().strip()
    except UnicodeDecodeError:
        text = "\0"
    if not text.isprintable():
        _refuse(f"the field `{name}` is no text in UTF-8")
    return text


def _caller(told: str) -> str | None:
    """None where it is no number that can be called back: what was said counts all the same."""
    caller = parse_msisdn(told)
    if caller is None:
        CALLERS_UNKNOWN.labels("withheld" if told.lower() in _WITHHELD else "no number").inc()
    return caller


def _called(told: str) -> str:
    line = latin_digits(told).replace(" ", "")
    if not 0 < len(line) <= _LONGEST_LINE or not set(line) <= _OF_A_LINE:
        _refuse("the field `called` is no number of ours")
    return line


def _time(told: str) -> datetime:
    try:
        at = datetime.fromtimestamp(float(told), UTC) if told.replace(".", "", 1).isdecimal() else None
        at = at or datetime.fromisoformat(told)
    except (ValueError, OverflowError, OSError):
        at = None
    if at is None or at.tzinfo is None or at < _EARLIEST:
        _refuse("the field `at` is no time with a zone, and no seconds since 1970")
    return at.astimezone(UTC)


def _refuse(why: str) -> NoReturn:
    raise UnreadableError(why) from None
