"""The API is described whole, as OpenAPI 3.1, and the copy in the docs is the one that is served."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from docs.write_partner_api import rendered
from fastapi.routing import iter_route_contexts
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from gateway_portal.model import Scope
from gateway_portal.routes.api.problems import KINDS
from tests.client.test_client import CASE, RECEIPT

COPY = Path(__file__).parents[2] / "docs" / "partner-api.json"
VERBS = {"get", "post", "patch", "delete", "put"}


@pytest.fixture
async def described(portal) -> dict[str, Any]:
    answer = await portal.visit().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def operations(described) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, verbs in described["paths"].items():
        for verb, operation in verbs.items():
            if verb in VERBS:
                yield path, verb, operation


def walk(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(each)


async def test_the_copy_in_the_docs_is_what_is_served(described):
    assert COPY.read_text(encoding="utf-8") == await rendered(), "run `make docs`"
    assert json.loads(COPY.read_text(encoding="utf-8")) == described


async def test_every_route_is_described_and_nothing_else(portal, described):
    served = {
        (str(context.path), verb.lower())
        for context in iter_route_contexts(portal.app.routes)
        if str(context.path).startswith("/api/v1/") and context.path != "/api/v1/openapi.json"
        for verb in context.methods
    }
    assert {(path, verb) for path, verb, _ in operations(described)} == served
    assert described["openapi"] == "3.1.0"


async def test_every_reference_leads_somewhere(described):
    for node in walk(described):
        if isinstance(node.get("$ref"), str):
            target = described
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]


async def test_every_operation_says_who_may_call_it_and_what_can_go_wrong(described):
    names = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(names) == len(set(names))
    for path, verb, operation in operations(described):
        [security] = operation["security"]
        assert security["partnerKey"], (path, verb)
        assert operation["summary"]
        assert {"401", "403", "429", "503"} <= set(operation["responses"])
        [good] = [status for status in operation["responses"] if status.startswith("2")]
        assert {"RateLimit", "RateLimit-Policy"} <= set(operation["responses"][good]["headers"])


async def test_every_example_is_of_its_schema(described):
    registry = Registry().with_resource("urn:api", Resource(described, DRAFT202012))

    def check(schema: dict[str, Any], example: object) -> None:
        whole = json.loads(json.dumps(schema).replace('"#/', '"urn:api#/'))
        Draft202012Validator(whole, registry=registry).validate(example)

    checked = 0
    for name, schema in described["components"]["schemas"].items():
        for example in schema.get("examples", ()):
            check({"$ref": f"#/components/schemas/{name}"}, example)
            checked += 1
    for node in walk(described["paths"]):
        if "schema" in node and isinstance(node.get("examples"), dict):
            for example in node["examples"].values():
                check(node["schema"], example["value"])
                checked += 1
    assert checked >= 6


async def test_what_a_webhook_is_told_is_described(described):
    told = described["webhooks"]["event"]["post"]
    assert {parameter["name"] for parameter in told["parameters"]} == {
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    }
    assert "application/cloudevents+json" in told["requestBody"]["content"]


def test_the_page_for_integrators_speaks_of_what_there_is():
    page = (COPY.parent / "integrating.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`…:([a-z-]+)`", page))
    assert told <= {kind.name for kind in KINDS.values()} | {"invalid", "idempotency-key"}
    assert {"under-way", "idempotency-key-reused", "quota", "invalid"} <= told
    assert set(re.findall(r"`((?:messages|cases|webhooks):\w+)`", page)) == {scope.value for scope in Scope}
    described = json.loads(COPY.read_text(encoding="utf-8"))["paths"]
    for path in re.findall(r"\$PAYAM(/api/v1/\w+)", page):
        assert any(each.startswith(path) for each in described), path


def test_the_python_of_the_page_for_integrators_runs(monkeypatch, capsys):
    page = (COPY.parent / "integrating.md").read_text(encoding="utf-8")
    first, second = re.findall(r"```python\n(.*?)```", page, re.DOTALL)

    def api(request: httpx.Request) -> httpx.Response:
        return (
            httpx.Response(201, json=RECEIPT) if request.method == "POST" else httpx.Response(200, json=CASE)
        )

    opened = httpx.Client
    monkeypatch.setattr(
        httpx, "Client", lambda **told: opened(**told | {"transport": httpx.MockTransport(api)})
    )
    exec(first.replace("…", "x"), {})  # noqa: S102  (our own page)
    assert capsys.readouterr().out == f"{RECEIPT['tracking_code']} answered\n"
    known: dict[str, Any] = {}
    exec(second.replace("whsec_…", "whsec_QUFB"), known)  # noqa: S102  (as above)
    assert known["receive"](b"{}", {}) == 401
