"""The tables as SQLAlchemy Core sees them; the migrations make them, and a test holds the two together.

The indexes follow the queries: a person's newest cases (threading), a desk's queue, the newest cases of
all (both keyset lists), what a case holds, a provider's message id, and small partial ones for the rest.
A foreign key is checked row by row: it stands where a wrong id would lose something (a code or a message
without its case, a case without its person), not where rows only report (events, messages out, clocks).
"""

from case_store.repository.tables.announcements import announcement
from case_store.repository.tables.answers import answer_use, answer_version, official_reply, standard_answer
from case_store.repository.tables.base import metadata
from case_store.repository.tables.calls import call_back, call_out, call_try
from case_store.repository.tables.cases import (
    case_event,
    case_link,
    cases,
    rating,
    tracking_code,
    tracking_code_lease,
)
from case_store.repository.tables.flow import dead_letter, dead_letter_replay, outbox
from case_store.repository.tables.messages import delivery_report, message, outbound_message
from case_store.repository.tables.partners import partner, partner_key, submission
from case_store.repository.tables.people import contact, contact_address, contact_merge
from case_store.repository.tables.search import search_entry, search_pending, search_word
from case_store.repository.tables.staff import (
    audit_entry,
    desk,
    idempotency_key,
    sso_login,
    staff,
    staff_session,
    staff_unit,
    unit,
)
from case_store.repository.tables.transcripts import transcript
from case_store.repository.tables.webhooks import webhook, webhook_delivery
from case_store.repository.tables.work import attachment, correction, draft, note, referral, staff_tally
from case_store.repository.tables.worktime import calendar_day, clock, ola, working_week, worktime_version

__all__ = [
    "announcement",
    "answer_use",
    "answer_version",
    "attachment",
    "audit_entry",
    "calendar_day",
    "call_back",
    "call_out",
    "call_try",
    "case_event",
    "case_link",
    "cases",
    "clock",
    "contact",
    "contact_address",
    "contact_merge",
    "correction",
    "dead_letter",
    "dead_letter_replay",
    "delivery_report",
    "desk",
    "draft",
    "idempotency_key",
    "message",
    "metadata",
    "note",
    "official_reply",
    "ola",
    "outbound_message",
    "outbox",
    "partner",
    "partner_key",
    "rating",
    "referral",
    "search_entry",
    "search_pending",
    "search_word",
    "sso_login",
    "staff",
    "staff_session",
    "staff_tally",
    "staff_unit",
    "standard_answer",
    "submission",
    "tracking_code",
    "tracking_code_lease",
    "transcript",
    "unit",
    "webhook",
    "webhook_delivery",
    "working_week",
    "worktime_version",
]  # fmt: skip
