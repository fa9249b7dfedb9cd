"""The supervisor's view: everything at a glance, and a case given to somebody from it."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.desk.conftest import CODE, routed


@pytest.fixture
async def supervisor(sign_in):
    return await sign_in("supervisor", units=["retirement"], name="نرگس حسینی")


@pytest.fixture
async def agent(sign_in):
    return await sign_in("agent", units=["retirement"], name="زهرا کریمی")


@pytest.fixture
async def late(store):
    """A case long past its deadline."""
    await store.clocks.refresh()
    await store.file(routed(code=CODE, at=datetime.now(UTC) - timedelta(days=30)))


async def test_everything_is_seen_at_a_glance(supervisor, late):
    shown = await supervisor.html("/supervision")
    assert CODE in shown
    assert "میز بازنشستگی" in shown
    assert "پیامک" in shown
    assert 'data-live-desk="*"' in shown
    part = await supervisor.html("/supervision", hx_target="glance", hx_request="true")
    assert CODE in part
    assert "<html" not in part


async def test_a_case_is_given_and_taken_back(supervisor, agent, store, late):
    asked = await supervisor.html(f"/supervision/assign/{CODE}")
    version = re.search(r'name="version" value="(\d+)"', asked)[1]
    given = {"staff_id": str(agent.actor.staff_id), "version": version}
    assert "زهرا کریمی" in asked
    await supervisor.fill(f"/supervision/assign/{CODE}", **given)
    assert (await store.case(CODE))["assignee_id"] == agent.actor.staff_id
    stale = await supervisor.fill(f"/supervision/assign/{CODE}", 412, **given)
    assert "اکنون با زهرا کریمی است" in stale.text
    now = re.search(r'name="version" value="(\d+)"', stale.text)[1]
    await supervisor.fill(f"/supervision/assign/{CODE}", staff_id="", version=now)
    assert (await store.case(CODE))["assignee_id"] is None


async def test_it_is_not_everybodys(agent):
    await agent.html("/supervision", status=403)
