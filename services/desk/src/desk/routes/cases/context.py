"""What the case page needs, read at once; and again, with all that was typed, when a verb is refused."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from fastapi import Request, Response

from desk.errors import ChangedError, InvalidError, RefusedError, TakenError
from desk.pages import Pages, wants
from desk.reading.calling import calling
from desk.reading.conversation import conversation, newest
from desk.reading.lists import list_of
from desk.routes.lists import listed
from desk.sessions import Desk
from envelope.parts import Prices, cost_rial, estimate
from persian.speech import seconds, spoken

_STATUSES = {TakenError: HTTPStatus.CONFLICT, ChangedError: HTTPStatus.PRECONDITION_FAILED}


@dataclass(frozen=True, slots=True)
class Act:
    """A form of the case page that is open: what was typed, and why it did not go."""

    name: str = ""
    """Which: `reply`, `refer`, `note`, `referral:<id>` …"""
    form: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""
    """`taken`, `changed`, `unreachable`, `invalid`, `sent`, or nothing."""
    since: tuple[Mapping[str, Any], ...] = ()
    """What others did meanwhile, as the store tells it: `{type, actor, message_id, occurred_at}`."""

    def of(self, name: str) -> Mapping[str, str]:
        """What was typed into this form."""
        return self.form if self.name == name else {}


def address(request: Request, code: str) -> str:
    """The case's page, beside the list that one came from."""
    view = list_of(request.query_params)
    return f"/cases/{code}" + (f"?{view.query()}" if view else "")


async def read_case(desk: Desk, code: str) -> dict[str, Any]:
    """The case whole, as this person may see it."""
    case: dict[str, Any] = await desk.store.get(f"/cases/{code}")
    if any(event["type"] == "official_reply_issued" for event in case["events"]):
        listed_replies = await desk.store.get(f"/cases/{code}/official-replies")
        case["official_replies"] = listed_replies["official_replies"]
    return case


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for one case."""

    pages: Pages
    request: Request
    desk: Desk
    code: str

    @property
    def address(self) -> str:
        """Where one goes on to."""
        return address(self.request, self.code)

    async def again(self, act: Act) -> Response:
        """The case, and why what was asked for does not go."""
        return await show(self, act, HTTPStatus.CONFLICT)


async def show(visit: Visit, act: Act | None = None, status: int = 200) -> Response:
    """The whole page, or its pane alone for htmx."""
    request, desk = visit.request, visit.desk
    view = list_of(request.query_params)
    alone = wants(request, "case")
    beside: dict[str, Any] = {"view": view, "rows": None, "next": "", "first": True}
    if view and not alone:
        case, rows = await asyncio.gather(read_case(desk, visit.code), listed(desk, view))
        beside |= rows
    else:
        case = await read_case(desk, visit.code)
    here = address(request, case["tracking_code"])
    context = {**beside, **case_words(visit.pages, desk, case, act), "here": here}
    return visit.pages.render(request, "_case_alone.html" if alone else "case.html", status, **context)


def case_words(pages: Pages, desk: Desk, case: dict[str, Any], act: Act | None = None) -> dict[str, Any]:
    """What the templates of a case take."""
    act = act or Act()
    items = conversation(case)
    draft = (case.get("draft") or {}).get("text", "")
    text = act.of("reply").get("text", draft)
    parts = estimate(text)
    return {
        "act": act,
        "calling": (stands := calling(case)),
        "mine_call": bool(stands.call and stands.call["made_by"] == desk.staff.name),
        "can": frozenset(case.get("may") or ()),
        "case": case,
        "items": items,
        "last": newest(items),
        "said": {str(item.row.get("message_id") or item.row.get("id")): item.row for item in items},
        "mine": (case.get("assignee") or {}).get("id") == desk.staff.id,
        "reply": {
            "text": text,
            "reply_id": act.of("reply").get("reply_id") or str(uuid4()),
            "answer_id": act.of("reply").get("answer_id", ""),
            "answer_number": act.of("reply").get("answer_number", ""),
            "parts": parts,
            "cost": cost_rial(parts, prices(pages)),
            "seconds": seconds(spoken(text)),
        },
        "key": str(uuid4()),
        "waiting": any(
            clock["paused_at"] and not clock["stopped_at"] and not clock["referral_id"]
            for clock in case.get("clocks") or ()
        ),
    }


def prices(pages: Pages) -> Prices:
    """Rial a part."""
    return Prices(pages.settings.price_persian_rial, pages.settings.price_latin_rial)


async def tried(visit: Visit, verb: Awaitable[object], *, told: str, act: Act) -> Response:
    """Do a verb and show the case; refused, the same form stands open with all that was typed."""
    try:
        await verb
    except (TakenError, ChangedError, InvalidError) as error:
        return await refused(visit, act, error)
    return visit.pages.redirect(visit.address, told)


async def refused(visit: Visit, act: Act, error: RefusedError) -> Response:
    """The case as it is by now, and the form as it was."""
    if isinstance(error, InvalidError):
        faults = dict.fromkeys(error.faults, "case.fault") | dict(act.faults)
        if "too_many" in error.problem:
            faults["text"] = "case.reply.too_long_to_hear"
        again = Act(act.name, act.form, faults, "" if faults else "invalid")
        return await show(visit, again, HTTPStatus.UNPROCESSABLE_ENTITY)
    trouble = "taken" if isinstance(error, TakenError) else "changed"
    if error.problem.get("reach") == "none":
        trouble = "unreachable"
    again = Act(act.name, act.form, trouble=trouble, since=tuple(error.problem.get("since") or ()))
    return await show(visit, again, _STATUSES[type(error)])
