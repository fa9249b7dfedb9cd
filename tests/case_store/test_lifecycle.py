"""The table of what may be done to a case where it stands: every verb in every state."""

from itertools import product
from uuid import uuid4

import pytest

from case_store import lifecycle
from case_store.errors import StateError
from case_store.lifecycle import Verb, after, offered
from case_store.model import CaseState
from case_store.staffing import Role, member, service

TABLE = """
             new      triage   open     referred answered closed
claim        open     triage   open     referred answered -
assign       open     triage   open     referred answered -
release      new      triage   new      referred answered -
reply        answered answered answered referred answered closed
close        closed   closed   closed   -        closed   closed
reopen       -        -        -        -        open     open
reclassify   new      new      open     referred answered closed
note         new      triage   open     referred answered closed
link         new      triage   open     referred answered closed
"""
STATES, *ROWS = (line.split() for line in TABLE.strip().splitlines())
EXPECTED = {
    (verb, state): None if led == "-" else led
    for verb, *leads in ROWS
    for state, led in zip(STATES, leads, strict=True)
}


def test_the_table_is_total():
    assert set(EXPECTED) == set(product(Verb, CaseState))


@pytest.mark.parametrize(("verb", "state"), list(product(Verb, CaseState)))
def test_a_verb_leads_where_the_table_says_or_is_refused(verb: Verb, state: CaseState):
    expected = EXPECTED[verb, state]
    if expected is not None:
        assert after(verb, state) == expected
        return
    with pytest.raises(StateError) as refused:
        after(verb, state)
    assert refused.value.members["state"] == state
    assert len(str(refused.value).split()) > 4


def test_the_table_in_the_docstring_is_the_one_that_holds():
    told = {}
    for line in (lifecycle.__doc__ or "").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        for verb in cells[0].split(", "):
            if verb in set(Verb):
                told |= {(verb, state): led or None for state, led in zip(STATES, cells[1:], strict=True)}
    assert told == EXPECTED


AGENT = member(
    uuid4(), "agent", frozenset({Role.AGENT}), frozenset({"retirement"}), frozenset({"retirement"})
)
CHIEF = member(uuid4(), "chief", frozenset({Role.SUPERVISOR}), frozenset(), frozenset())
LIAISON = member(uuid4(), "liaison", frozenset({Role.LIAISON}), frozenset({"pensions_office"}), frozenset())


@pytest.mark.parametrize(
    ("actor", "state", "holder", "some", "none"),
    [
        (AGENT, "new", None, {"claim", "reply", "refer", "draft"}, {"release", "reopen", "assign"}),
        (AGENT, "open", AGENT.staff_id, {"release", "close"}, {"claim", "assign"}),
        (AGENT, "open", CHIEF.staff_id, {"reply"}, {"claim", "release"}),
        (CHIEF, "open", AGENT.staff_id, {"release", "assign", "issue_official"}, {"claim"}),
        (AGENT, "referred", None, {"claim", "reply", "note"}, {"close", "reopen"}),
        (AGENT, "closed", None, {"reopen", "note", "reply"}, {"close", "claim", "refer"}),
        (LIAISON, "referred", None, set(), {*Verb, "draft", "refer", "attach", "edit_person"}),
        (service(), "new", None, {"reply", "close", "assign"}, {"claim", "release"}),
    ],
)
def test_what_is_offered_is_what_could_be_done(actor, state, holder, some, none):
    told = set(offered(actor, CaseState(state), holder))
    assert some <= told
    assert not none & told
