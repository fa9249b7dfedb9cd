"""What the case store answers, as far as the portal shows it."""

from gateway_portal.schemas.cases import (
    CasePage,
    CaseState,
    CaseSummary,
    CitizenCase,
    Enclosed,
    Entry,
    Official,
    Owner,
    Side,
    Step,
    What,
)
from gateway_portal.schemas.everybody import (
    Announcement,
    AnnouncementPage,
    AnswerPage,
    Calendar,
    Day,
    StandardAnswer,
    Standing,
    Verdict,
)
from gateway_portal.schemas.shown import Shown

__all__ = [
    "Announcement",
    "AnnouncementPage",
    "AnswerPage",
    "Calendar",
    "CasePage",
    "CaseState",
    "CaseSummary",
    "CitizenCase",
    "Day",
    "Enclosed",
    "Entry",
    "Official",
    "Owner",
    "Shown",
    "Side",
    "StandardAnswer",
    "Standing",
    "Step",
    "Verdict",
    "What",
]
