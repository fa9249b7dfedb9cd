"""What the case store counts; no label ever holds anything of a person."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_WAITS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 60, 600)
_TRAVELS: Final = (1, 2, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400)

ACCEPT_TO_CASE: Final = Histogram(
    "payam_accept_to_case_seconds",
    "From the gateway taking a message to its commit here.",
    ["channel"],
    buckets=_WAITS,
)
MESSAGES_FILED: Final = Counter("payam_messages_filed", "Messages stored.", ["channel", "intent"])
DUPLICATES_DROPPED: Final = Counter("payam_duplicates_dropped", "Messages that were in the store already.")
CASES: Final = Counter("payam_cases", "What messages did to cases.", ["event"])
CODES_REPLACED: Final = Counter("payam_tracking_codes_replaced", "Codes that another case had already.")
OUTBOX_DEPTH: Final = Gauge("payam_outbox_depth", "Rows that wait to be published.")
OUTBOX_AGE: Final = Gauge("payam_outbox_age_seconds", "How long the oldest of them waits.")
PUBLISHED: Final = Counter("payam_outbox_published", "Rows published.", ["topic"])
DELIVERIES: Final = Counter("payam_deliveries", "Steps that messages out have made.", ["state"])
REPORTS_ORPHANED: Final = Counter(
    "payam_delivery_reports_orphaned", "Reports kept whose message is not known yet."
)
SEND_TO_DELIVERED: Final = Histogram(
    "payam_send_to_delivered_seconds", "From writing a message out to its delivery.", buckets=_TRAVELS
)
REDRIVEN: Final = Counter("payam_outbound_redriven", "Messages out put in the outbox again.")
STUCK: Final = Gauge("payam_outbound_stuck", "Messages out given up after the last attempt.")
DEAD_LETTERS: Final = Counter("payam_dead_letters_stored", "Dead letters stored.", ["topic"])
DEAD_LETTERS_REPLAYED: Final = Counter("payam_dead_letters_replayed", "Dead letters sent again.", ["topic"])
SEARCH_WAITING: Final = Gauge("payam_search_waiting", "Entries that wait to be found; counted to 10,000.")
SIGN_INS: Final = Counter("payam_sign_ins", "Sign-ins of the staff.", ["outcome"])
CLOCKS_STOPPED: Final = Counter(
    "payam_clocks_stopped", "Clocks stopped, in time or late.", ["tier", "outcome"]
)
DEADLINES: Final = Counter("payam_deadlines", "Deadlines that came near or were missed.", ["event", "tier"])
CLOCKS_NEAR: Final = Gauge("payam_clocks_near", "Running clocks that were warned of and are not late.")
CLOCKS_BREACHED: Final = Gauge("payam_clocks_breached", "Running clocks past their deadline.")
OLDEST_OVERDUE: Final = Gauge("payam_oldest_overdue_seconds", "How long the latest of them is overdue.")
CLOCKS_RECKONED: Final = Counter("payam_clocks_reckoned", "Clocks set anew after working time was changed.")
CHANNEL_RECENT: Final = Gauge("payam_channel_recent", "Messages in the time last listened to.", ["channel"])
CHANNEL_USUAL: Final = Gauge("payam_channel_usual", "Messages usual in such a time and hour.", ["channel"])
CHANNEL_SILENT: Final = Gauge("payam_channel_silent", "1 where far fewer came than usual.", ["channel"])
CHANGES_WATCHED: Final = Gauge("payam_changes_subscribers", "Desks that hear of live changes.")
CHANGES_DROPPED: Final = Counter("payam_changes_dropped", "Changes that a slow desk was not told of.")
WEBHOOKS: Final = Counter("payam_webhooks", "Tries to tell partners, by what came of them.", ["outcome"])
TRANSCRIPTS_KEPT: Final = Counter("payam_transcripts_kept", "Transcripts of recordings kept.")
