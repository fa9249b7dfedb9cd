"""Open311 GeoReport v2: what everybody may read, in JSON and in XML, and how it says no."""

from collections.abc import AsyncIterator
from typing import Any
from xml.etree.ElementTree import Element

import httpx
import pytest
from defusedxml.ElementTree import fromstring

from envelope.models import Language
from envelope.taxonomy import SECTION_OF, Topic
from gateway_portal.routes.open311.documents import answer
from gateway_portal.schemas.open311 import Fault, Format
from persian.words import PROVINCES, word
from tests.gateway_portal.conftest import Portal, Started

SERVICE = ["service_code", "service_name", "description", "metadata", "type", "keywords", "group"]


@pytest.fixture
async def client(portal: Portal) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(portal.app, raise_app_exceptions=False), base_url="http://portal"
    ) as client:
        yield client


def xml(response: httpx.Response) -> Element:
    """The document, with the headers that the specification asks for."""
    assert response.headers["content-type"] == "text/xml; charset=utf-8"
    assert response.text.lower().startswith("<?xml version='1.0' encoding='utf-8'?>")
    root: Element = fromstring(response.content)
    return root


def told(response: httpx.Response) -> Any:  # noqa: ANN401  (what JSON can hold)
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    return response.json()


async def test_every_topic_is_a_service_of_its_section(client):
    services = told(await client.get("/open311/v2/services.json"))
    assert [service["service_code"] for service in services] == list(Topic)
    for service in services:
        assert list(service) == SERVICE
        topic = Topic(service["service_code"])
        assert (service["service_name"], service["group"]) == (word(topic), word(SECTION_OF[topic]))
        assert (service["metadata"], service["type"]) == (True, "realtime")
        assert service["description"]
        assert service["keywords"]


async def test_xml_is_the_same_list_with_a_name_for_each_entry(client):
    services = told(await client.get("/open311/v2/services.json"))
    root = xml(await client.get("/open311/v2/services.xml"))
    assert (root.tag, {child.tag for child in root}) == ("services", {"service"})
    assert [[field.tag for field in child] for child in root] == [SERVICE] * len(services)
    assert [child.findtext("service_name") for child in root] == [each["service_name"] for each in services]
    assert {child.findtext("metadata") for child in root} == {"true"}


async def test_a_definition_offers_what_we_know_to_ask_and_wants_none_of_it(client):
    definition = told(await client.get("/open311/v2/services/pension_payment.json"))
    assert definition["service_code"] == "pension_payment"
    by_code = {each["code"]: each for each in definition["attributes"]}
    assert list(by_code) == ["kind", "audience", "province", "tracking_code"]
    assert [each["order"] for each in by_code.values()] == [1, 2, 3, 4]
    assert not any(each["required"] for each in by_code.values())
    assert [each["key"] for each in by_code["province"]["values"]] == list(PROVINCES)
    assert {"key": "complaint", "name": "شکایت"} in by_code["kind"]["values"]
    assert (by_code["tracking_code"]["datatype"], by_code["tracking_code"]["values"]) == ("string", [])

    root = xml(await client.get("/open311/v2/services/pension_payment.xml"))
    assert root.tag == "service_definition"
    assert [child.tag for child in root] == ["service_code", "attributes"]
    first = root.find("attributes")[0]
    assert (first.tag, first.findtext("variable"), first.findtext("required")) == (
        *("attribute", "true", "false"),
    )
    assert first.find("values/value/key").text == "question"
    assert first.find("datatype_description").text is None


async def test_all_of_it_can_be_read_in_english(client):
    services = told(await client.get("/open311/v2/services.json?lang=en"))
    assert [each["service_name"] for each in services] == [word(topic, Language.EN) for topic in Topic]
    definition = await client.get("/open311/v2/services/other.json?lang=en")
    asked = " ".join(each["description"] for each in told(definition)["attributes"])
    assert asked.isascii()


async def test_discovery_leads_to_the_endpoint(client, started: Started):
    found = told(await client.get("/open311/discovery.json"))
    assert list(found) == ["changeset", "contact", "key_service", "endpoints"]
    [endpoint] = found["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert (await client.get(endpoint["url"] + "/services.json")).status_code == 200

    root = xml(await client.get("/open311/discovery.xml"))
    assert root.find("endpoints/endpoint/formats")[1].text == "application/json"


async def test_discovery_tells_the_address_that_people_know(started: Started):
    async with started(public_url="https://1420.example/") as portal, portal.visit() as visitor:
        [endpoint] = (await visitor.get("/open311/discovery.json")).json()["endpoints"]
        assert endpoint["url"] == "https://1420.example/open311/v2"


async def test_an_unknown_service_is_told_in_open311s_form(client):
    response = await client.get("/open311/v2/services/potholes.json?lang=en")
    assert response.status_code == 404
    assert told(response) == [{"code": 404, "description": "There is no such service_code."}]
    response = await client.get("/open311/v2/services/potholes.xml")
    assert response.status_code == 404
    root = xml(response)
    assert (root.tag, root[0].tag, [field.tag for field in root[0]]) == (
        *("errors", "error", ["code", "description"]),
    )
    assert root.findtext("error/code") == "404"


@pytest.mark.parametrize(
    "address",
    [
        *("/open311/v2/services", "/open311/v2/services.html", "/open311/v2/tokens/12.xml"),
        *("/open311/v3/services.xml", "/open311/discovery.txt"),
    ],
)
async def test_an_unknown_address_is_told_in_the_format_that_all_clients_read(client, address):
    response = await client.get(address)
    assert response.status_code == 404
    assert xml(response).findtext("error/code") == "404"


async def test_a_method_that_no_address_takes_is_told_with_those_that_are(client):
    response = await client.delete("/open311/v2/services.json")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")
    assert told(response)[0]["code"] == 405


def test_what_no_xml_can_hold_is_left_out_of_it():
    words = "الف\x00\x0b\x1f\ufffe\ud800 <b>&"
    document = answer(Format.XML, "errors", [Fault(code=400, description=words)])
    found = fromstring(document.body)
    assert found.findtext("error/description") == "الف <b>&"
