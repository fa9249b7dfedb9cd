"""How a whisper server answers: `verbose_json`, as OpenAI, speaches and whisper.cpp write it.

Each has fields of its own and leaves some of OpenAI's out; a plain `{"text": …}` will do as well.
"""

from collections.abc import Sequence
from math import exp, isfinite
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

_SILENT: Final = 0.6
"""`no_speech_prob` above which a segment that is unlikely besides is no speech: whisper's own threshold."""
_UNLIKELY: Final = -1.0
"""`avg_logprob` below which a segment is a guess."""
_LOOPING: Final = 2.4
"""`compression_ratio` above which the machine repeats itself: whisper's own threshold."""


class Segment(BaseModel):
    """Some seconds of it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    text: str = ""
    avg_logprob: float | None = None
    no_speech_prob: float | None = None
    compression_ratio: float | None = None

    @property
    def likelihood(self) -> float | None:
        """How sure the machine was that these words were said, 0 to 1."""
        sure, mute = _number(self.avg_logprob), _number(self.no_speech_prob) or 0.0
        return None if sure is None else min(1.0, exp(min(sure, 0.0))) * (1 - min(1.0, max(0.0, mute)))

    @property
    def invented(self) -> bool:
        """Words that a machine makes up where nobody speaks, or one over and over."""
        sure, mute = _number(self.avg_logprob), _number(self.no_speech_prob)
        silent = mute is not None and mute > _SILENT and (sure is None or sure < _UNLIKELY)
        ratio = _number(self.compression_ratio)
        return silent or (ratio is not None and ratio > _LOOPING)


class Answer(BaseModel):
    """Of the answer, what is needed."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    text: str
    language: str | None = None
    """`fa`, or `persian`."""
    segments: Annotated[tuple[Segment, ...], Field(max_length=50_000)] | None = None

    def words(self) -> str:
        """All that was said, without what was made up."""
        if not self.segments:
            return self.text
        return " ".join(segment.text.strip() for segment in self._kept())

    def confidence(self) -> float | None:
        """Of the whole: each segment counts by its letters. None where the server does not say."""
        told = [(len(one.text), sure) for one in self._kept() if (sure := one.likelihood) is not None]
        letters = sum(length for length, _ in told)
        return round(sum(length * sure for length, sure in told) / letters, 3) if letters else None

    def _kept(self) -> Sequence[Segment]:
        return [segment for segment in self.segments or () if not segment.invented]


def _number(value: float | None) -> float | None:
    """JSON as some servers write it has `NaN` in it."""
    return value if value is not None and isfinite(value) else None
