"""The whole of a conversation as pure functions: a state and what was typed → a state and what comes of it.

    state, outcome = begin(menu)
    state, outcome = answer(menu, state, "1")

An outcome is a `Screen` to show, or a `Lookup` or a `Submit` for the caller to perform and hand back by
`found` or `submitted`. Nothing here waits, writes or raises, whatever was typed; a state is JSON.
Deep dialling is `begin` and then `answer` for each part, until `state.hint` says that one was not understood.
"""

from gateway_ussd.conversation.moving import answer, begin, found, resume, submitted
from gateway_ussd.conversation.showing import pages, whole
from gateway_ussd.conversation.state import Lookup, Outcome, State, Submit
from gateway_ussd.model import Screen
from gateway_ussd.texts import Notice, notice

__all__ = [
    "Lookup",
    "Outcome",
    "State",
    "Submit",
    "answer",
    "begin",
    "found",
    "pages",
    "resume",
    "safe",
    "submitted",
    "whole",
]


def safe(language: str = "fa", latin: bool = False) -> Screen:  # noqa: FBT001, FBT002  (as in a state)
    """«پاسخ را با پیامک می‌فرستیم»: the screen that needs no menu and no session."""
    return notice(Notice.SAFE, language, latin=latin)
