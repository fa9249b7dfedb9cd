"""The case page: what it shows, and every verb on it."""

from fastapi import APIRouter

from desk.pages import Pages
from desk.routes.cases import answering, calling, files, official, referrals, showing, verbs


def build(pages: Pages) -> APIRouter:
    """Everything under `/cases/{code}`, and the verbs of a referral."""
    router = APIRouter()
    # The short verbs last: their address would match the others'.
    for part in (showing, answering, referrals, files, official, calling, verbs):
        router.include_router(part.build(pages))
    return router
