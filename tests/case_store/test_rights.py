"""Who may call what: a row for every route there is, tried by every role over HTTP.

A new route without a row fails here, and so does one whose row says something else than its handler.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from case_store.staffing import RIGHTS_OF, Right, Role
from envelope.tracking import mint
from tests.case_store.calling import TOKEN, calling
from tests.case_store.conftest import KEY, Store
from tests.case_store.one_api import Api

OPEN: Final = None
"""Nobody can have a token yet."""
SIGNED_IN: Final[frozenset[Right]] = frozenset()
"""Everybody whose session runs; what they get is their own, or the same for everybody."""


def any_of(*rights: Right) -> frozenset[Right]:
    return frozenset(rights)


READ, ANSWER, CONFIGURE = any_of(Right.READ), any_of(Right.ANSWER), any_of(Right.CONFIGURE)
OPERATE, MANAGE_STAFF, SETTLE = any_of(Right.OPERATE), any_of(Right.MANAGE_STAFF), any_of(Right.SETTLE)
EDIT_PEOPLE, EXPORT, READ_AUDIT = any_of(Right.EDIT_PEOPLE), any_of(Right.EXPORT), any_of(Right.READ_AUDIT)
SUPERVISE, OFFICIAL = any_of(Right.SUPERVISE), any_of(Right.ISSUE_OFFICIAL)
CITIZENS, ANNOUNCE = any_of(Right.SPEAK_FOR_CITIZENS), any_of(Right.ANNOUNCE)
MANAGE_PARTNERS, PARTNERS = any_of(Right.MANAGE_PARTNERS), any_of(Right.SPEAK_FOR_PARTNERS)

ROUTES: Final[Mapping[str, frozenset[Right] | None]] = {
    "POST /cases/{tracking_code}/call-back": ANSWER,
    "POST /cases/{tracking_code}/call-back/tries": ANSWER,
    "POST /cases/{tracking_code}/call-back/done": ANSWER,
    "POST /cases/{tracking_code}/call-back/give-up": ANSWER,
    "POST /cases/{tracking_code}/calls": ANSWER,
    "POST /calls/claims": OPERATE,
    "POST /calls/{call_id}/progress": OPERATE,
    "POST /calls/{call_id}/recording": OPERATE,
    "POST /sessions": OPEN,
    "POST /sessions/sso/begin": OPEN,
    "POST /sessions/sso": OPEN,
    "GET /sessions": SIGNED_IN,
    "DELETE /sessions/others": SIGNED_IN,
    "GET /sessions/current": SIGNED_IN,
    "DELETE /sessions/current": SIGNED_IN,
    "POST /sessions/current/password": SIGNED_IN,
    "POST /sessions/current/second-factor": SIGNED_IN,
    "PUT /sessions/current/second-factor": SIGNED_IN,
    "DELETE /sessions/current/second-factor": SIGNED_IN,
    "GET /staff": any_of(Right.READ, Right.MANAGE_STAFF),
    "POST /staff": MANAGE_STAFF,
    "GET /staff/{staff_id}": MANAGE_STAFF,
    "PATCH /staff/{staff_id}": MANAGE_STAFF,
    "POST /staff/{staff_id}/password-reset": MANAGE_STAFF,
    "POST /staff/{staff_id}/unlock": MANAGE_STAFF,
    "POST /staff/{staff_id}/sign-out": MANAGE_STAFF,
    "GET /units": SIGNED_IN,
    "GET /units/{unit_id}": SIGNED_IN,
    "PUT /units/{unit_id}": CONFIGURE,
    "GET /desks": SIGNED_IN,
    "PUT /desks/{desk_id}": CONFIGURE,
    "GET /audit": READ_AUDIT,
    "GET /audit/verification": READ_AUDIT,
    "GET /cases": READ,
    "POST /cases": ANSWER,
    "GET /cases/{tracking_code}": READ,
    "POST /cases/{tracking_code}/replies": ANSWER,
    "POST /cases/{tracking_code}/close": ANSWER,
    "POST /cases/{tracking_code}/reopen": ANSWER,
    "POST /cases/{tracking_code}/claim": ANSWER,
    "POST /cases/{tracking_code}/release": ANSWER,
    "POST /cases/{tracking_code}/assign": any_of(Right.ASSIGN),
    "POST /cases/{tracking_code}/notes": ANSWER,
    "POST /cases/{tracking_code}/reclassification": ANSWER,
    "POST /cases/{tracking_code}/links": ANSWER,
    "DELETE /cases/{tracking_code}/links/{other_code}": ANSWER,
    "PUT /cases/{tracking_code}/draft": any_of(Right.ANSWER, Right.SETTLE),
    "DELETE /cases/{tracking_code}/draft": any_of(Right.ANSWER, Right.SETTLE),
    "GET /corrections": any_of(Right.EXPORT, Right.READ_AUDIT),
    "GET /queues": READ,
    "GET /supervision": SUPERVISE,
    "GET /changes": READ,
    "POST /cases/{tracking_code}/referrals": any_of(Right.REFER),
    "GET /referrals": READ,
    "GET /referrals/{referral_id}": READ,
    "POST /referrals/{referral_id}/answer": SETTLE,
    "POST /referrals/{referral_id}/return": SETTLE,
    "POST /referrals/{referral_id}/forward": SETTLE,
    "POST /referrals/{referral_id}/claim": SETTLE,
    "POST /referrals/{referral_id}/recall": READ,
    "POST /contacts/search": READ,
    "GET /contacts/{contact_id}": READ,
    "PATCH /contacts/{contact_id}": EDIT_PEOPLE,
    "POST /contacts/{contact_id}/addresses": EDIT_PEOPLE,
    "POST /contacts/{contact_id}/merge": EDIT_PEOPLE,
    "GET /contacts/{contact_id}/merges": EDIT_PEOPLE,
    "POST /merges/{merge_id}/undo": EDIT_PEOPLE,
    "POST /cases/{tracking_code}/attachments": any_of(Right.ANSWER, Right.SETTLE),
    "GET /cases/{tracking_code}/attachments/{sha256}": READ,
    "GET /calendar": SIGNED_IN,
    "GET /calendar/open": SIGNED_IN,
    "PUT /calendar/days/{day}": CONFIGURE,
    "DELETE /calendar/days/{day}": CONFIGURE,
    "GET /working-weeks": SIGNED_IN,
    "POST /working-weeks": CONFIGURE,
    "PUT /working-weeks/{week_id}": CONFIGURE,
    "DELETE /working-weeks/{week_id}": CONFIGURE,
    "GET /olas": SIGNED_IN,
    "POST /olas": CONFIGURE,
    "PUT /olas/{ola_id}": CONFIGURE,
    "DELETE /olas/{ola_id}": CONFIGURE,
    "GET /cases/{tracking_code}/deadlines": READ,
    "GET /answers": READ,
    "POST /answers": any_of(Right.WRITE_ANSWERS),
    "GET /answers/{answer_id}": READ,
    "POST /answers/{answer_id}/versions": any_of(Right.WRITE_ANSWERS),
    "POST /answers/{answer_id}/versions/{number}/{step}": any_of(Right.WRITE_ANSWERS, Right.APPROVE_ANSWERS),
    "POST /answers/{answer_id}/retire": any_of(Right.APPROVE_ANSWERS),
    "GET /cases/{tracking_code}/suggestions": READ,
    "POST /citizen/owner": CITIZENS,
    "POST /citizen/cases": CITIZENS,
    "POST /citizen/case": CITIZENS,
    "POST /citizen/file": CITIZENS,
    "POST /citizen/export": CITIZENS,
    "GET /announcements": SIGNED_IN,
    "POST /announcements": ANNOUNCE,
    "GET /announcements/{announcement_id}": SIGNED_IN,
    "PATCH /announcements/{announcement_id}": ANNOUNCE,
    "POST /announcements/{announcement_id}/end": ANNOUNCE,
    "GET /partners/book": PARTNERS,
    "GET /partners": MANAGE_PARTNERS,
    "POST /partners": MANAGE_PARTNERS,
    "GET /partners/{partner_id}": MANAGE_PARTNERS,
    "PATCH /partners/{partner_id}": MANAGE_PARTNERS,
    "GET /partners/{partner_id}/keys": MANAGE_PARTNERS,
    "POST /partners/{partner_id}/keys": MANAGE_PARTNERS,
    "POST /partners/{partner_id}/keys/{key_id}/revocation": MANAGE_PARTNERS,
    "GET /partners/{partner_id}/webhooks": MANAGE_PARTNERS,
    "POST /partners/{partner_id}/webhooks": MANAGE_PARTNERS,
    "GET /partners/{partner_id}/webhooks/{webhook_id}": MANAGE_PARTNERS,
    "PATCH /partners/{partner_id}/webhooks/{webhook_id}": MANAGE_PARTNERS,
    "DELETE /partners/{partner_id}/webhooks/{webhook_id}": MANAGE_PARTNERS,
    "POST /partners/{partner_id}/webhooks/{webhook_id}/secret": MANAGE_PARTNERS,
    "POST /partners/{partner_id}/webhooks/{webhook_id}/test": MANAGE_PARTNERS,
    "GET /partners/{partner_id}/webhooks/{webhook_id}/deliveries": MANAGE_PARTNERS,
    "POST /partners/{partner_id}/webhooks/{webhook_id}/deliveries/{delivery_id}/replay": MANAGE_PARTNERS,
    "POST /partner/submissions": PARTNERS,
    "POST /partner/case": PARTNERS,
    "POST /partner/withdrawal": PARTNERS,
    "POST /partner/sandbox": PARTNERS,
    "POST /webhooks/claims": PARTNERS,
    "POST /webhooks/results": PARTNERS,
    "POST /search": READ,
    "GET /cases/{tracking_code}/official-replies": READ,
    "POST /cases/{tracking_code}/official-replies": OFFICIAL,
    "POST /official-replies/{reply_id}/revoke": OFFICIAL,
    "POST /verifications": READ,
    "GET /exports/cases.csv": EXPORT,
    "GET /exports/cases.jsonl": EXPORT,
    "GET /dead-letters": OPERATE,
    "GET /dead-letters/{letter_id}": OPERATE,
    "POST /dead-letters/replay": OPERATE,
    "POST /dead-letters/{letter_id}/replay": OPERATE,
    "POST /tracking-code-leases": OPERATE,
    "GET /stats": SUPERVISE,
}
STREAMS: Final = {"GET /changes"}
"""Never ends by itself: whoever is let in is let in at once."""
SERVICE_HAS_NONE: Final = {route for route in ROUTES if "/sessions" in route}
"""A service has no session of its own."""
STAFF_ALONE: Final = {
    "POST /cases/{tracking_code}/claim",
    "POST /cases/{tracking_code}/calls",
    "POST /cases/{tracking_code}/release",
    "PUT /cases/{tracking_code}/draft",
    "DELETE /cases/{tracking_code}/draft",
}
"""Somebody has a case, and somebody types a draft: no service."""
WEEK: Final = {"valid_from": "2027-03-21", "days": {"saturday": [["08:00", "14:00"]]}}
BODIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "POST /working-weeks": WEEK,
    "PUT /working-weeks/{week_id}": WEEK,
}
"""Where the plainest value of the right form makes no sense."""
NOT_UNDERSTOOD: Final = "not of the documented form"
"""Such an answer says nothing of rights: the form is looked at first."""
PREFIX: Final = "/api/v1"
CODE: Final = mint(7, KEY)
SAMPLES: Final = (
    "somebody",
    CODE,
    "2026-11-22",
    "https://desk.example/",
    "0" * 64,
    "08:00",
    "09120000001",
    "a" * 40,
)


def routes_of(app: Api) -> Iterator[str]:
    for context in iter_route_contexts(app.routes):
        path = str(context.path)
        if path.startswith(PREFIX):
            yield from (f"{method} {path.removeprefix(PREFIX)}" for method in context.methods - {"HEAD"})


def made_up(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Any:  # noqa: ANN401, PLR0911  (a value of any type, by type)
    """The plainest value that a JSON schema takes."""
    if "$ref" in schema:
        return made_up(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], document)
    if "enum" in schema or "const" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    if "anyOf" in schema:
        plainest = [one for one in schema["anyOf"] if one.get("type") == "null"] or schema["anyOf"]
        return None if plainest[0].get("type") == "null" else made_up(plainest[0], document)
    match schema.get("type"):
        case "object":
            shown = (schema.get("examples") or [{}])[0]
            needed = {name: schema["properties"][name] for name in schema.get("required", [])}
            return {name: made_up(one, document) for name, one in needed.items()} | shown
        case "array" if "prefixItems" in schema:
            return [made_up(one, document) for one in schema["prefixItems"]]
        case "array":
            return [made_up(schema["items"], document)] * max(1, schema.get("minItems", 0))
        case "integer" | "number":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return False
        case _:
            return a_string(schema)


def a_string(schema: Mapping[str, Any]) -> str:
    formats = {"uuid": "0197a1b2-0000-7000-8000-000000000001", "date": "2026-11-22"}
    formats |= {"date-time": "2026-11-22T08:00:00Z", "time": "08:00:00"}
    if schema.get("format") in formats:
        return formats[schema["format"]]
    fits = (
        word[: schema.get("maxLength", 99)]
        for word in SAMPLES
        if len(word) >= schema.get("minLength", 0) and re.search(schema.get("pattern", ""), word)
    )
    return next(fits)


def request_of(route: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """A request that the route would understand, about things that are not there."""
    method, path = route.split(" ")
    described = document["paths"][PREFIX + path][method.lower()]
    asked: dict[str, Any] = {"method": method, "params": {}}
    for parameter in described.get("parameters", []):
        if parameter["required"]:
            value = made_up(parameter["schema"], document)
            if parameter["name"] in {"tracking_code", "other_code"}:
                value = CODE
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", str(value))
            else:
                asked["params"][parameter["name"]] = value
    content = described.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        asked["json"] = BODIES.get(route) or made_up(content["application/json"]["schema"], document)
    elif content:
        asked["files"] = {"file": ("a.txt", b"words", "text/plain")}
    return asked | {"url": path}


async def status_of(client: httpx.AsyncClient, route: str, document: Mapping[str, Any]) -> tuple[int, str]:
    asking = client.request(**request_of(route, document))
    if route not in STREAMS:
        answer = await asking
        return answer.status_code, answer.text
    try:
        answer = await asyncio.wait_for(asking, 1)
    except TimeoutError:
        return 200, "flows"
    return answer.status_code, answer.text


@pytest.fixture
def app(store: Store) -> Api:
    return Api(store)


def test_every_route_has_a_row_and_every_row_a_route(app: Api):
    assert sorted(routes_of(app)) == sorted(ROUTES)


def test_the_requests_that_are_made_up_are_understood(app: Api):
    document = app.openapi()
    assert all(request_of(route, document)["url"].count("{") == 0 for route in ROUTES)


@pytest.mark.parametrize("role", Role)
async def test_each_role_is_let_in_where_its_rights_are_and_nowhere_else(store: Store, app: Api, role: Role):
    document, wrong = app.openapi(), []
    _, lasting = await store.a_member(roles=[role])
    for route, rights in ROUTES.items():
        token = (await store.a_member(roles=[role]))[1] if "/sessions" in route else lasting
        async with calling(app, token) as client:
            status, said = await status_of(client, route, document)
        may = rights is OPEN or not rights or bool(rights & RIGHTS_OF[role])
        # A wrong password is a refusal of its own, not one of rights.
        refused = status == 403 and rights != SIGNED_IN
        if refused is may or (status == 401) is not (route == "POST /sessions") or status >= 500:
            wrong.append((route, status, said[:200]))
        if may and NOT_UNDERSTOOD in said:
            wrong.append((route, status, said[:300]))
    assert wrong == [], "\n".join(map(str, wrong))


async def test_a_service_is_let_in_everywhere(app: Api):
    document = app.openapi()
    async with calling(app, TOKEN) as client:
        for route in ROUTES.keys() - SERVICE_HAS_NONE - STAFF_ALONE:
            status, said = await status_of(client, route, document)
            assert status not in {401, 403}, (route, said)
            assert status < 500, (route, said)


@pytest.mark.parametrize("token", [None, "wrong"])
async def test_nobody_else_is_let_in_anywhere(app: Api, token: str | None):
    document = app.openapi()
    async with calling(app, token) as client:
        for route, rights in ROUTES.items():
            if rights is not OPEN:
                status, _ = await status_of(client, route, document)
                assert status == 401, route


async def test_whoever_must_change_their_password_gets_no_further_than_that(store: Store, app: Api):
    _, token = await store.a_member(roles=list(Role))
    await store.rows("UPDATE staff SET must_change_password = true")
    store.access.sessions._trusted.clear()
    document = app.openapi()
    async with calling(app, token) as client:
        for route in ROUTES.keys() - SERVICE_HAS_NONE:
            status, said = await status_of(client, route, document)
            assert (status, "change your password first" in said) == (403, True), route
        assert (await client.get("/sessions/current")).json()["staff"]["rights"] == []
