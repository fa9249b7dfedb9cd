"""One file read through once: what it is, how long and how loud; and its small copy for browsers.

Runs in a process of its own (`child.py`). Only demuxers and decoders that recordings need are ever opened, by
what the first bytes say: a file that is a playlist reaches no other file and no address.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from fractions import Fraction
from typing import IO, Final, cast

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.filter import Graph

from envelope.models import SoundFault
from gateway_voice.audio.heard import Heard
from gateway_voice.audio.levels import Levels
from objects.kinds import HEAD, sniff

_DEMUXERS: Final[Mapping[str, str]] = {
    "audio/wav": "wav",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/amr": "amr",
    "audio/mp4": "mp4",
}
_DECODERS: Final = frozenset(
    (
        *("pcm_s16le", "pcm_u8", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_alaw", "pcm_mulaw"),
        *("gsm_ms", "adpcm_ms", "adpcm_ima_wav", "g726", "g729", "mp3", "mp3float", "flac", "aac", "alac"),
        *("opus", "libopus", "vorbis", "speex", "libspeex", "amrnb", "amrwb"),
        *("libopencore_amrnb", "libopencore_amrwb"),
    )
)
_RATES: Final = (8_000, 16_000, 24_000)
"""Of the copy: the first that is not below the original's, else the last."""
_BIT_RATE: Final = 20_000
_NOTHING_HEARD: Final = -69.9
"""LUFS: what `ebur128` says where its gate never opened is -70."""
_MOST_ERRORS: Final = 200
"""Broken packets after which the rest is not looked at."""


class _TooLongError(Exception):
    """More sound than a recording may have."""


def listen(content: IO[bytes], copy: IO[bytes], longest_seconds: float) -> Heard:
    """What a file is; where it can be played, `copy` has Ogg Opus afterwards.

    What was said before a file breaks off is heard and copied.
    """
    head = content.read(HEAD)
    content.seek(0)
    media = sniff(head)
    demuxer = _DEMUXERS.get(media.type) if media else None
    if media is None or demuxer is None:
        return Heard(fault=SoundFault.UNKNOWN if head else SoundFault.EMPTY)
    try:
        return _heard(content, copy, longest_seconds, demuxer, media.type)
    except _TooLongError:
        return Heard(fault=SoundFault.TOO_LONG)
    except (av.error.FFmpegError, ValueError, OverflowError, ArithmeticError):
        return Heard(fault=SoundFault.BROKEN)


def _heard(
    content: IO[bytes], copy: IO[bytes], longest_seconds: float, demuxer: str, media_type: str
) -> Heard:
    with ExitStack() as stack:
        source: InputContainer = av.open(
            content, "r", format=demuxer, metadata_errors="ignore", io_open=_nothing_else
        )
        stack.enter_context(source)
        stream = next(iter(source.streams.audio), None)
        # Typed as always there; a stream that nothing here decodes has none.
        decoder = cast("AudioCodecContext | None", stream and stream.codec_context)
        if stream is None or decoder is None or decoder.name not in _DECODERS:
            return Heard(fault=SoundFault.UNKNOWN if stream else SoundFault.BROKEN)
        rate = next((known for known in _RATES if known >= stream.rate), _RATES[-1])
        levels, loudness = Levels(rate), _Loudness(rate)
        target = stack.enter_context(av.open(copy, "w", format="ogg"))
        written = _copy_stream(target, rate)
        faults = _Faults()
        for frame in _mono(_decoded(source.demux(stream), faults), rate):
            levels.add(memoryview(frame.planes[0]).cast("B").cast("h")[: frame.samples])
            if levels.seconds > longest_seconds:
                raise _TooLongError
            loudness.add(frame)
            target.mux(written.encode(frame))
        if not levels.samples:
            return Heard(fault=SoundFault.BROKEN if faults.count else SoundFault.EMPTY)
        target.mux(written.encode(None))
        levels.end()
    return Heard(
        media_type=media_type,
        seconds=round(levels.seconds, 3),
        peaks=levels.peaks(),
        loudness=loudness.integrated(),
        silent=levels.silent(),
    )


def _nothing_else(*_asked: object) -> IO[bytes]:
    """A recording is one file: whatever else it asks for is not opened."""
    message = "a recording opens no other file"
    raise ValueError(message)


class _Faults:
    """How many packets could not be read."""

    def __init__(self) -> None:
        self.count = 0


def _decoded(packets: Iterator["av.Packet[AudioStream]"], faults: _Faults) -> Iterator[AudioFrame]:
    """What can be decoded; a file that breaks off in the middle, or has a bad spot, is heard around it."""
    while faults.count < _MOST_ERRORS:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError:
            faults.count += 1
            return
        if packet is None:
            return
        try:
            yield from packet.decode()
        except av.error.FFmpegError:
            faults.count += 1


def _mono(frames: Iterator[AudioFrame], rate: int) -> Iterator[AudioFrame]:
    """All of it at one rate, whatever the frames say from one to the next."""
    resampler, shape = None, None
    for frame in frames:
        told = (frame.format.name, frame.layout.name, frame.sample_rate)
        if resampler is None or told != shape:
            if resampler is not None:
                yield from resampler.resample(None)
            resampler, shape = AudioResampler("s16", "mono", rate), told
        frame.pts = None
        yield from resampler.resample(frame)
    if resampler is not None:
        yield from resampler.resample(None)


def _copy_stream(target: OutputContainer, rate: int) -> AudioStream:
    options = {"application": "voip", "compression_level": "0", "frame_duration": "60"}
    written = target.add_stream("libopus", rate=rate, options=options)
    written.bit_rate = _BIT_RATE
    written.layout = "mono"
    return written


class _Loudness:
    """EBU R 128 over the whole of it."""

    def __init__(self, rate: int) -> None:
        self._graph = Graph()
        source = self._graph.add_abuffer(
            sample_rate=rate, format="s16", layout="mono", time_base=Fraction(1, rate)
        )
        meter = self._graph.add("ebur128", "metadata=1:framelog=quiet")
        sink = self._graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        self._graph.configure()
        self._told: float | None = None

    def add(self, frame: AudioFrame) -> None:
        """More of it."""
        self._graph.push(frame)
        self._pull()

    def integrated(self) -> float | None:
        """LUFS; None where the gate never opened: too short, or nothing to hear."""
        self._graph.push(None)
        self._pull()
        return None if self._told is None or self._told <= _NOTHING_HEARD else round(self._told, 1)

    def _pull(self) -> None:
        while True:
            try:
                frame = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if told := frame.metadata.get("lavfi.r128.I"):
                self._told = float(told)
