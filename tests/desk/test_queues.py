"""The queues: counts, the nearest deadline first, chips, pages, and a claim from the list."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from desk.reading.lists import SHOWS, list_of, named_list
from envelope.taxonomy import Kind, Topic
from envelope.tracking import mint
from tests.case_store.conftest import KEY
from tests.desk.conftest import CODE, OTHER_CODE, routed


def shown(html: str) -> list[str]:
    return re.findall(r'id="row-(\d+)"', html)


async def many(store, number: int, **changes: object) -> list[str]:
    codes = [mint(500 + each, KEY) for each in range(number)]
    began = datetime.now(UTC) - timedelta(hours=1)
    await store.file(
        *(
            routed(code=code, sender=f"+98912{each:07}", at=began + timedelta(seconds=each), **changes)
            for each, code in enumerate(codes)
        )
    )
    return codes


async def test_a_queue_shows_its_cases_and_its_count(sign_in, store):
    await store.file(
        routed(code=CODE), routed(code=OTHER_CODE, sender="+989120000002", topic=Topic.E_PRESCRIPTION)
    )
    html = await (await sign_in("agent")).html("/queues")
    assert shown(html) == [CODE]
    assert "۱ پروندهٔ باز" in html


async def test_a_supervisor_sees_every_desk(sign_in, store):
    await store.file(
        routed(code=CODE), routed(code=OTHER_CODE, sender="+989120000002", topic=Topic.E_PRESCRIPTION)
    )
    html = await (await sign_in("supervisor")).html("/queues?list=all")
    assert set(shown(html)) == {CODE, OTHER_CODE}
    assert "/queues?list=treatment" in html


async def test_an_empty_queue_is_kind(sign_in):
    assert "خسته نباشید" in await (await sign_in("agent")).html("/queues")


@pytest.mark.parametrize("show", SHOWS)
async def test_every_chip_leads_to_a_list(sign_in, store, show):
    await store.file(routed(code=CODE))
    html = await (await sign_in("agent")).html(f"/queues?list=retirement&show={show}")
    assert shown(html) == ([CODE] if show in {"undecided", "unclaimed", "new"} else [])


async def test_a_list_is_narrowed(sign_in, store):
    await store.file(routed(code=CODE), routed(code=OTHER_CODE, sender="+989120000002", kind=Kind.COMPLAINT))
    agent = await sign_in("agent")
    assert shown(await agent.html("/queues?kind=complaint")) == [OTHER_CODE]
    assert shown(await agent.html("/queues?kind=complaint&channel=voice")) == []


async def test_more_goes_on_where_the_page_ended_and_repeats_nothing(sign_in, store):
    codes = await many(store, 65)
    agent = await sign_in("agent")
    html, seen = await agent.html("/queues"), []
    while True:
        seen += shown(html)
        following = re.search(r'id="more"><a class="button" href="([^"]+)"', html)
        if not following:
            break
        html = await agent.html(following[1].replace("&amp;", "&"), hx_target="more", hx_request="true")
        assert "<html" not in html
    assert sorted(seen) == sorted(codes)


async def test_a_list_that_was_read_on_is_refreshed_as_long_as_it_was(sign_in, store):
    await many(store, 50)
    agent = await sign_in("agent")
    assert len(shown(await agent.html("/queues?rows=50", hx_target="list", hx_request="true"))) == 50
    assert len(shown(await agent.html("/queues?rows=junk", hx_target="list", hx_request="true"))) == 30


async def test_a_case_claimed_from_the_list_is_opened_and_is_ones_own(sign_in, store):
    await store.file(routed(code=CODE))
    agent = await sign_in("agent")
    done = await agent.fill(f"/cases/{CODE}/claim?list=retirement&show=unclaimed")
    assert done.headers["location"] == f"/cases/{CODE}?list=retirement&show=unclaimed"
    assert shown(await agent.html("/mine")) == [CODE]
    assert shown(await agent.html("/queues?show=unclaimed")) == []


async def test_nothing_of_ones_own_is_said_kindly(sign_in):
    assert "کاری در دست شما نیست" in await (await sign_in("agent")).html("/mine")


async def test_an_unknown_show_is_the_first_one():
    assert named_list({"show": "junk"}, "retirement").show == "undecided"
    assert list_of({}) is None
