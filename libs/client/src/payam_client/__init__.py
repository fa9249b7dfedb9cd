"""Payam's API for other services: hand in what people say, see how it stands, be told what happens.

May enter here: what a partner needs. May not: anything of Payam's own, for partners install this alone.
"""

from payam_client.client import AsyncClient, Client
from payam_client.errors import (
    ChangedError,
    ClientError,
    ConflictError,
    InvalidError,
    NotThereError,
    ProblemError,
    QuotaError,
    RefusedError,
    SignatureError,
    UnavailableError,
)
from payam_client.models import (
    Answer,
    ByAccount,
    ByMobile,
    Case,
    Event,
    NewMessage,
    Page,
    Receipt,
    State,
    Submission,
)
from payam_client.webhooks import Webhook

__all__ = [
    "Answer",
    "AsyncClient",
    "ByAccount",
    "ByMobile",
    "Case",
    "ChangedError",
    "Client",
    "ClientError",
    "ConflictError",
    "Event",
    "InvalidError",
    "NewMessage",
    "NotThereError",
    "Page",
    "ProblemError",
    "QuotaError",
    "Receipt",
    "RefusedError",
    "SignatureError",
    "State",
    "Submission",
    "UnavailableError",
    "Webhook",
]
