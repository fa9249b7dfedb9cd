"""Search by anything, nothing personal in an address; a person; two taken for one and parted again."""

import re

import pytest

from envelope.tracking import mint
from tests.case_store.conftest import KEY
from tests.desk.conftest import CODE, OTHER_CODE, routed

NUMBER, OTHER_NUMBER = "+989120000001", "+989120000002"


@pytest.fixture
async def agent(sign_in):
    return await sign_in("agent", units=["retirement"])


@pytest.fixture
async def filed(store):
    await store.file(routed(sender=NUMBER, code=CODE), routed(sender=OTHER_NUMBER, code=OTHER_CODE))
    await store.knowledge.index.keep_up()
    return store


async def person_of(store, code: str) -> str:
    return str((await store.case(code))["contact_id"])


async def test_a_code_leads_straight_to_its_case(agent, filed):
    found = await agent.fill("/search", q="۱۰۰", status=200)
    assert "چیزی پیدا نشد" in found.text
    assert (await agent.fill("/search", q=CODE)).headers["location"] == f"/cases/{CODE}"


async def test_a_number_leads_to_its_person_and_their_cases(agent, filed):
    found = await agent.fill("/search", 200, q="۰۹۱۲ ۰۰۰ ۰۰۰۱")
    assert f"/people/{await person_of(filed, CODE)}" in found.text
    assert f"/cases/{CODE}" in found.text
    assert f"/cases/{OTHER_CODE}" not in found.text


async def test_words_are_marked_where_they_stand_and_markup_stays_text(agent, filed):
    await filed.file(routed("<b>مستمری</b> پدرم", sender="+989120000009", code=mint(300, KEY)))
    await filed.knowledge.index.keep_up()
    found = await agent.fill("/search", 200, q="مستمری پدرم")
    assert "<mark>&lt;b&gt;مستمری&lt;/b&gt;</mark> <mark>پدرم</mark>" in found.text
    assert "<b>" not in found.text


async def test_more_goes_on_where_the_page_ended(agent, store):
    await store.file(*(routed(sender=f"+98912000{n:04}", code=mint(400 + n, KEY)) for n in range(25)))
    await store.knowledge.index.keep_up()
    first = (await agent.fill("/search", 200, q="بازنشستگی پدرم")).text
    cursor = re.search(r'name="cursor" value="([^"]+)"', first)[1]
    answer = await agent.post(
        "/search", data={"q": "بازنشستگی پدرم", "cursor": cursor}, headers={"HX-Target": "more"}
    )
    codes = [set(re.findall(r"/cases/(\d{10})", html)) for html in (first, answer.text)]
    assert not codes[0] & codes[1]
    assert len(codes[0] | codes[1]) == 25
    assert "<html" not in answer.text


async def test_nothing_that_was_looked_for_stands_in_an_address(agent, filed):
    found = await agent.fill("/search", 200, q="۰۹۱۲ ۰۰۰ ۰۰۰۱")
    addresses = re.findall(r'(?:href|action|hx-get|hx-post)="([^"]+)"', found.text)
    assert not [address for address in addresses if "912" in address]


async def test_a_person_is_named_and_found_with_their_cases(agent, filed):
    person = await person_of(filed, CODE)
    shown = await agent.html(f"/people/{person}")
    assert "۰۹۱۲۰۰۰۰۰۰۱" in shown
    assert f"/cases/{CODE}" in shown
    version = re.search(r'name="version" value="(\d+)"', shown)[1]
    told = {"name": "مریم صادقی", "national_id": "۰۰۱۳۵۴۲۴۱۹", "version": version}
    await agent.fill(f"/people/{person}", **told)
    assert "مریم صادقی" in await agent.html(f"/people/{person}")
    stale = await agent.fill(f"/people/{person}", 412, **told | {"name": "مریم صادقی‌پور"})
    assert "مریم صادقی‌پور" in stale.text
    assert "در همین میان تغییر کرد" in stale.text


async def test_a_wrong_national_id_is_refused_beside_its_field(agent, filed):
    refused = await agent.fill(f"/people/{await person_of(filed, CODE)}", 422, national_id="1111111111")
    assert 'id="national_id-fault"' in refused.text


async def test_an_address_of_somebody_else_suggests_to_merge(agent, filed):
    refused = await agent.fill(
        f"/people/{await person_of(filed, CODE)}/addresses", 422, address="09120000002"
    )
    assert "از آنِ شخص دیگری است" in refused.text


async def test_two_persons_are_compared_merged_and_parted(agent, sign_in, filed):
    person, other = await person_of(filed, CODE), await person_of(filed, OTHER_CODE)
    page = f"/people/{person}/merge"
    assert f'value="{other}"' in (await agent.fill(page, 200, do="find", q="09120000002")).text
    both = (await agent.fill(page, 200, do="pick", other=other)).text
    assert f"/cases/{CODE}" in both
    assert f"/cases/{OTHER_CODE}" in both
    assert 'id="reason-fault"' in (await agent.fill(page, 422, do="merge", other=other, reason=" ")).text
    await agent.fill(page, do="merge", other=other, reason="هر دو شماره از اوست", key="m1")
    shown = await agent.html(f"/people/{person}")
    assert "۰۹۱۲۰۰۰۰۰۰۲" in shown
    for reader in (agent, await sign_in("supervisor")):
        moved = await reader.get(f"/people/{other}")
        assert moved.headers["location"] == f"/people/{person}"
    stranger = await sign_in("agent", units=["treatment"])
    await stranger.html(f"/people/{other}", status=404)
    await agent.fill(re.search(r'action="(/people/[^"]+/part/[^"]+)"', shown)[1])
    assert "۰۹۱۲۰۰۰۰۰۰۲" not in await agent.html(f"/people/{person}")


async def test_what_is_out_of_reach_is_not_shown(sign_in, filed):
    stranger = await sign_in("agent", units=["treatment"])
    assert "چیزی پیدا نشد" in (await stranger.fill("/search", 200, q="09120000001")).text
    await stranger.html(f"/people/{await person_of(filed, CODE)}", status=404)
