"""What the description of the API says beside what its routes say of themselves."""

from collections.abc import Mapping
from typing import Final

REF: Final = "#/components/schemas/{model}"
KEY: Final = "partnerKey"
PROBLEMS: Final[Mapping[str, str]] = {
    "400": "The idempotency key is missing or cannot be read (`urn:payam:problem:idempotency-key`), or the "
    "body is no text in UTF-8.",
    "401": "No key, or one that is not good (`…:key-refused`).",
    "403": "The key has not the scope (`…:scope-missing`).",
    "404": "There is no such thing of yours (`…:not-there`).",
    "409": "Not now: the first request with this idempotency key is under way (`…:under-way`), or the "
    "submission is not in the store yet (`…:on-its-way`); `Retry-After` says when. Or never: it was "
    "answered or closed already, or joined a person's own case (`…:past-withdrawal`); or it does not fit how "
    "the webhook stands (`…:webhook-state`).",
    "412": "It has changed since you read it (`…:changed`).",
    "413": "The body is larger than 64 kB.",
    "415": "The body is no JSON.",
    "422": "The request is not of the documented form (`…:invalid`), or the idempotency key came with "
    "another payload before (`…:idempotency-key-reused`), or webhooks do not go to this address "
    "(`…:webhook-address`).",
    "429": "More than was agreed (`…:quota`); `Retry-After` says when to go on.",
    "503": "Not available just now, and nothing has happened; try again with the same idempotency key.",
}
OF_ALL: Final = ("401", "403", "429", "503")
OF: Final[Mapping[str, tuple[str, ...]]] = {
    "handIn": ("400", "409", "413", "415", "422"),
    "listMessages": ("404", "422"),
    "showCase": ("404", "422"),
    "withdraw": ("404", "409", "412", "422"),
    "makeWebhook": ("400", "409", "413", "422"),
    "changeWebhook": ("400", "404", "412", "413", "422"),
    "testWebhook": ("404", "409", "422"),
    "replayDelivery": ("404", "409", "422"),
}
HEADERS: Final[Mapping[str, Mapping[str, object]]] = {
    "RateLimit-Policy": {
        "description": "What was agreed: requests a minute, submissions a day in Tehran.",
        "schema": {"type": "string", "examples": ['"minute";q=600;w=60, "day";q=100000;w=86400']},
    },
    "RateLimit": {
        "description": "What is left of each (`r`), and the seconds until it is whole again (`t`).",
        "schema": {"type": "string", "examples": ['"minute";r=599;t=42, "day";r=99999;t=30120']},
    },
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}},
    "ETag": {
        "description": "The version, for `If-None-Match` and `If-Match`.",
        "schema": {"type": "string", "examples": ['"4"']},
    },
    "Location": {
        "description": "Where to see how it stands.",
        "schema": {"type": "string", "examples": ["/api/v1/cases/1234567894"]},
    },
    "Idempotency-Replayed": {
        "description": "This is the first request's answer once more.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}
IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Of your choosing, a new one for each new message (a UUID does well); the same again "
    "is the same message.",
    "schema": {
        "type": "string",
        "pattern": r"^(\"[ !#-\[\]-~]{1,200}\"|[!#-~]{1,200})$",
        "examples": ["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    },
}
BODIES: Final[Mapping[str, Mapping[str, object]]] = {
    "by mobile": {
        "summary": "A person by a number that you vouch for",
        "value": {
            "text": "دو سال از سابقهٔ من ثبت نشده است.",
            "person": {"mobile": "09121234567"},
            "topic": "contribution_record",
            "kind": "complaint",
            "reference": "ticket-4711",
        },
    },
    "by account": {
        "summary": "A person whom only you know",
        "value": {"text": "حقوق این ماه من واریز نشده است.", "person": {"account": "user-71f3"}},
    },
}
RECEIPT: Final = {
    "message_id": "0b6f3f8e-6c1d-5a51-9d0e-6a0f6f1f2b7a",
    "tracking_code": "1234567894",
    "state": "received",
    "accepted_at": "2026-11-22T08:00:00Z",
    "links": {"case": "/api/v1/cases/1234567894", "withdrawal": "/api/v1/cases/1234567894/withdrawal"},
}
WEBHOOK: Final = {
    "operationId": "told",
    "summary": "You are told what happened to what you handed in",
    "description": "Signed by Standard Webhooks: `webhook-signature` holds `v1,` and the HMAC-SHA256 of "
    "`id.timestamp.body` in Base64, one for each secret that is good. Answer 2xx within ten seconds. "
    "Anything else is tried again over days; 410 ends the webhook. Events may come twice and out of order.",
    "parameters": [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    ],
    "requestBody": {
        "required": True,
        "content": {"application/cloudevents+json": {"schema": {"$ref": REF.format(model="Event")}}},
    },
    "responses": {"2XX": {"description": "Taken."}, "410": {"description": "Tell no more."}},
}
ABOUT: Final = """Hand in what people say, see how it stands, be told what happens.

A key in `Authorization: Bearer …` says who you are and what you may do; one that begins with `payam_test_`
lives in a sandbox, where cases answer themselves after five seconds and nobody of ours sees them. Errors are
problem documents (RFC 9457). What may be added without a new version: fields, states, event types."""
TAGS: Final = [
    {"name": "messages", "description": "Hand in, and find again."},
    {"name": "cases", "description": "How it stands, and taking it back."},
    {"name": "webhooks", "description": "Be told instead of asking."},
]
