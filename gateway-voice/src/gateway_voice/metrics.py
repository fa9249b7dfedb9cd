"""What is counted: by provider and outcome, never by number, code or person."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

KEPT: Final = Counter(
    "gateway_voice_recordings", "Recordings given to us, by what came of it.", ["provider", "result"]
)
HANDED_IN: Final = Counter(
    "gateway_voice_handed_in", "Recordings that are messages now, by what they turned out to be.", ["sound"]
)
UNREADABLE: Final = Counter(
    "gateway_voice_unreadable", "ALARM: recordings that cannot be played; a person must look.", ["fault"]
)
WAITING: Final = Gauge("gateway_voice_waiting", "Recordings on disk that are no message yet.")
OLDEST: Final = Gauge("gateway_voice_waiting_seconds", "Age of the oldest that waits.")
INSPECTION_SECONDS: Final = Histogram(
    "gateway_voice_inspection_seconds",
    "Listening to a recording and making its copy.",
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60),
)
PUSHES_REFUSED: Final = Counter(
    "gateway_voice_pushes_refused", "Pushes that were not taken, by why.", ["reason"]
)
CALLERS_UNKNOWN: Final = Counter(
    "gateway_voice_callers_unknown", "Recordings of nobody who can be called back, by why.", ["why"]
)
MAILBOX: Final = Counter(
    "gateway_voice_mailbox", "Messages found in Asterisk's mailboxes, by what came of it.", ["result"]
)
ASTERISK_UP: Final = Gauge("gateway_voice_asterisk_up", "1 while Asterisk gives us calls.")
CALLS: Final = Counter("gateway_voice_calls", "Calls that ended, by how.", ["outcome"])
CALLS_LIVE: Final = Gauge("gateway_voice_calls_live", "Calls under way.")
DROPPED: Final = Counter(
    "gateway_voice_recordings_dropped", "Recordings said anew by the caller, or too short for a word."
)
FOUND: Final = Counter(
    "gateway_voice_recordings_found",
    "Recordings that Asterisk still held after their call, by what came of it.",
    ["result"],
)
STRANGE: Final = Gauge(
    "gateway_voice_recordings_strange", "ALARM: recordings in Asterisk that no call of ours made."
)
STUCK: Final = Gauge(
    "gateway_voice_recordings_stuck", "ALARM: recordings in Asterisk that could not be taken over."
)
ASKED: Final = Counter("gateway_voice_calls_asked", "Calls that agents asked for, by result.", ["result"])
ASKED_LIVE: Final = Gauge("gateway_voice_calls_asked_live", "Calls that agents asked for, under way.")
ASKED_REFUSED: Final = Counter(
    "gateway_voice_calls_refused", "What the case store would not hear of a call, by what it was.", ["what"]
)
TRANSCRIPTS: Final = Counter(
    "gateway_voice_transcripts", "Recordings given to the transcriber, by what came of it.", ["result"]
)
TRANSCRIPTS_WAITING: Final = Gauge(
    "gateway_voice_transcripts_waiting", "Recordings that wait for a transcript."
)
TRANSCRIBING_SECONDS: Final = Histogram(
    "gateway_voice_transcribing_seconds",
    "From asking the transcriber to its answer.",
    buckets=(0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300),
)
